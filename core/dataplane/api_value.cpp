// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_value.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace sallyport::dataplane {

namespace {

struct Range
{
    double least;
    double most;
};

/// The smallest and the largest number of an integer's type; of 64 bits those that may stand there with a dot
/// or an exponent, for which protobuf's parser has a double.
Range rangeOf(ApiType type)
{
    switch (type) {
    case ApiType::Int32:
        return {-2147483648.0, 2147483647.0};
    case ApiType::UInt32:
        return {0, 4294967295.0};
    case ApiType::Int64:
        return {-0x1p53, 0x1p53};
    default:
        return {0, 0x1p54};
    }
}

/// A number whose exponent takes it below every double.
bool isNearNothing(const QString &text)
{
    const QByteArray digits = text.trimmed().toLatin1();
    char *end = nullptr;
    return !digits.isEmpty() && std::strtod(digits.constData(), &end) == 0 && *end == '\0';
}

/// A number, which may stand there as a text.
std::optional<double> numberOf(const QJsonValue &json)
{
    if (json.isDouble())
        return json.toDouble();
    if (!json.isString())
        return std::nullopt;
    const QString text = json.toString();
    if (text.compare(QLatin1String("nan"), Qt::CaseInsensitive) == 0)
        return std::numeric_limits<double>::quiet_NaN();
    if (text == QLatin1String("Infinity"))
        return std::numeric_limits<double>::infinity();
    if (text == QLatin1String("-Infinity"))
        return -std::numeric_limits<double>::infinity();
    bool good = false;
    if (text.startsWith(QLatin1String("0x"), Qt::CaseInsensitive)) {
        const qulonglong value = text.toULongLong(&good, 16);
        return good ? std::optional(static_cast<double>(value)) : std::nullopt;
    }
    const double value = text.trimmed().toDouble(&good);
    // What is too small for a double counts as nothing; what is too large is no number.
    return good || (value == 0 && isNearNothing(text)) ? std::optional(value) : std::nullopt;
}

class Value
{
public:
    Value(const ApiField &field, const std::string &path, ReadState &state)
        : m_field(field)
        , m_path(path)
        , m_state(state)
    {
    }

    std::optional<QJsonValue> read(const QJsonValue &json)
    {
        switch (m_field.type) {
        case ApiType::Bool:
            return readBool(json);
        case ApiType::Double:
            return readDouble(json);
        case ApiType::String:
            return readText(json);
        case ApiType::Bytes:
            return readBytes(json);
        case ApiType::TimeSpan:
            return readDuration(json);
        case ApiType::Enum:
            return readEnum(json);
        default:
            return readInteger(json);
        }
    }

    void checkNumber(double number)
    {
        if (!m_field.number.allow(number) && !(m_field.mayBeEmpty && number == 0))
            fail("a number " + m_field.limits + " is expected");
    }

    void checkText(const std::string &text)
    {
        if (text.empty() && m_field.mayBeEmpty)
            return;
        const auto characters = static_cast<std::size_t>(
            std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
        if (characters < m_field.leastLength)
            fail(m_field.leastLength == 1
                     ? std::string("a text is required")
                     : "at least " + std::to_string(m_field.leastLength) + " characters are required");
        if (text.size() > m_field.mostBytes)
            fail("at most " + std::to_string(m_field.mostBytes) + " bytes are possible");
        if (!m_field.oneOf.empty() && m_field.oneOf.find(text) == m_field.oneOf.end())
            fail("this is none of the possible values");
        if (!m_field.pattern.empty() && !re2::RE2::FullMatch(text, m_field.pattern))
            fail("this does not match " + m_field.pattern);
        checkHeader(text);
    }

    void checkEnum(int number)
    {
        if (m_field.definedOnly && m_field.enumeration->defined.count(number) == 0)
            fail("no value of this enumeration: " + std::to_string(number));
        if (m_field.notNumber == number)
            fail("a value is required");
    }

private:
    void fail(std::string what) { m_state.fail(m_path, std::move(what)); }

    std::optional<QJsonValue> readBool(const QJsonValue &json)
    {
        // Texts are as good, and not only these two words.
        static constexpr std::array words{"true", "t", "yes", "y", "1", "false", "f", "no", "n", "0"};
        const auto wordOf = [](const QString &text) {
            return std::find_if(words.begin(), words.end(), [&](const char *each) {
                return text.compare(QLatin1String(each), Qt::CaseInsensitive) == 0;
            });
        };
        const auto word = json.isBool() ? words.end() : wordOf(json.toString());
        const bool isTrue = json.toBool() || word - words.begin() < 5;
        if (!json.isBool() && word == words.end())
            fail("true or false is expected");
        if (m_field.onlyBool && isTrue != *m_field.onlyBool)
            fail(std::string("only ") + (*m_field.onlyBool ? "true" : "false") + " is possible");
        return json.isBool() ? std::nullopt : std::optional<QJsonValue>(isTrue);
    }

    /// Written digit by digit, and of 64 bits.
    bool isExact64(const QJsonValue &json) const
    {
        bool exact = false;
        const QString text = json.toString();
        if (m_field.type == ApiType::UInt64)
            text.toULongLong(&exact);
        else if (m_field.type == ApiType::Int64)
            text.toLongLong(&exact);
        if (json.isString())
            return exact && text == text.trimmed();
        const bool signedToo = m_field.type == ApiType::Int64;
        const bool whole = json.isDouble() && json.toInteger(0) == json.toInteger(1);
        return whole && (signedToo || (m_field.type == ApiType::UInt64 && json.toInteger() >= 0));
    }

    std::optional<QJsonValue> readInteger(const QJsonValue &json)
    {
        const Range range = rangeOf(m_field.type);
        const QString text = json.toString();
        const double number = text == text.trimmed()
                                  ? numberOf(json).value_or(std::numeric_limits<double>::quiet_NaN())
                                  : std::numeric_limits<double>::quiet_NaN();
        const bool isExact = isExact64(json);
        if (!isExact && (!(std::floor(number) == number) || number < range.least || number > range.most)) {
            fail(range.most < 1e10 ? "a whole number from " + std::to_string(std::llround(range.least)) +
                                         " to " + std::to_string(std::llround(range.most)) + " is expected"
                                   : "a whole number of 64 bits is expected");
            return std::nullopt;
        }
        checkNumber(number);
        // Texts hold numbers that a double does not.
        if (!json.isString())
            return std::nullopt;
        bool good = false;
        const qlonglong exact = text.toLongLong(&good);
        if (good)
            return QJsonValue(exact);
        return isExact ? std::nullopt : std::optional<QJsonValue>(number);
    }

    std::optional<QJsonValue> readDouble(const QJsonValue &json)
    {
        const std::optional<double> number = numberOf(json);
        if (!number)
            fail("a number is expected");
        else
            checkNumber(*number);
        const bool isSpelled = number && std::isfinite(*number) && json.isString();
        return isSpelled ? std::optional<QJsonValue>(*number) : std::nullopt;
    }

    std::optional<QJsonValue> readText(const QJsonValue &json)
    {
        if (!json.isString())
            fail("a text is expected");
        else if (m_field.ruled)
            checkText(fromQt(json.toString()));
        return std::nullopt;
    }

    std::optional<QJsonValue> readBytes(const QJsonValue &json)
    {
        const auto decoded = QByteArray::fromBase64Encoding(json.toString().toLatin1(),
                                                            QByteArray::AbortOnBase64DecodingErrors);
        const auto urlSafe = QByteArray::fromBase64Encoding(json.toString().toLatin1(),
                                                            QByteArray::Base64UrlEncoding |
                                                                QByteArray::AbortOnBase64DecodingErrors);
        if (!json.isString() || (!decoded && !urlSafe))
            fail("bytes in base64 are expected");
        const QByteArray &bytes = decoded ? decoded.decoded : urlSafe.decoded;
        if (static_cast<std::size_t>(bytes.size()) < m_field.leastLength)
            fail("at least " + std::to_string(m_field.leastLength) + " bytes are required");
        return QJsonValue(QString::fromLatin1(bytes.toBase64()));
    }

    std::optional<QJsonValue> readDuration(const QJsonValue &json)
    {
        const std::optional<Duration> duration =
            json.isString() ? durationFromJson(json.toString()) : std::nullopt;
        if (!duration)
            fail("a duration such as \"1.5s\" is expected");
        else if (duration->count() < 0)
            fail("a duration must not be negative");
        else if (!m_field.duration.allow(duration->count()))
            fail("a duration " + m_field.limits + " is expected");
        return std::nullopt;
    }

    std::optional<QJsonValue> readEnum(const QJsonValue &json)
    {
        const ApiEnum &all = *m_field.enumeration;
        if (const auto named = all.numbers.constFind(json.toString()); named != all.numbers.constEnd()) {
            checkEnum(*named);
            return std::nullopt;
        }
        std::optional<int> number;
        if (json.isString()) {
            // The parser does not mind the case.
            for (auto it = all.numbers.constBegin(); it != all.numbers.constEnd(); ++it) {
                if (it.key().compare(json.toString(), Qt::CaseInsensitive) == 0)
                    number = it.value();
            }
            bool isNumber = false;
            const int written = json.toString().toInt(&isNumber);
            if (!number && isNumber)
                number = written;
        } else if (json.isDouble() && std::floor(json.toDouble()) == json.toDouble() &&
                   std::abs(json.toDouble()) <= 2147483647.0) {
            number = json.toInt();
        }
        if (!number) {
            fail("no value of this enumeration: " + fromQt(json.toVariant().toString()));
            return std::nullopt;
        }
        checkEnum(*number);
        const QString name = all.numbers.key(*number);
        return name.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(name);
    }

    void checkHeader(const std::string &text)
    {
        using Header = ApiField::Header;
        const auto holds = [&](auto &&bad) { return std::any_of(text.begin(), text.end(), bad); };
        const auto breaksLine = [](unsigned char c) { return c == 0 || c == '\r' || c == '\n'; };
        const auto noToken = [](unsigned char c) {
            return !std::isalnum(c) &&
                   std::string_view("!#$%&'*+-.^_|~`").find(static_cast<char>(c)) == std::string_view::npos;
        };
        switch (m_field.header) {
        case Header::Name:
            if (holds(breaksLine))
                fail("this is no header name");
            break;
        case Header::StrictName: {
            const std::string_view name = std::string_view(text).substr(text.starts_with(':') ? 1 : 0);
            if (name.empty() || std::any_of(name.begin(), name.end(), noToken))
                fail("this is no header name");
            break;
        }
        case Header::Value:
            if (holds(breaksLine))
                fail("a header value holds no line break");
            break;
        case Header::StrictValue:
            if (holds([](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7F; }))
                fail("a header value holds no control character");
            break;
        case Header::None:
            break;
        }
    }

    const ApiField &m_field;
    const std::string &m_path;
    ReadState &m_state;
};

} // namespace

std::optional<QJsonValue> otherSpelling(const QJsonValue &json, const ApiField &field,
                                        const std::string &path, ReadState &state)
{
    return Value(field, path, state).read(json);
}

void checkAbsentValue(const ApiField &field, const std::string &path, ReadState &state)
{
    Value value(field, path, state);
    switch (field.type) {
    case ApiType::String:
        value.checkText({});
        break;
    case ApiType::Enum:
        value.checkEnum(0);
        break;
    case ApiType::Int32:
    case ApiType::UInt32:
    case ApiType::Int64:
    case ApiType::UInt64:
    case ApiType::Double:
        value.checkNumber(0);
        break;
    default:
        break;
    }
}

} // namespace sallyport::dataplane
