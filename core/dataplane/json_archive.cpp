// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/json_archive.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace sallyport::dataplane {

namespace {

constexpr const char *unsupported = "this field of Envoy's is not supported by this gateway";
constexpr const char *unsupportedHint = "take it out, or run the configuration with Envoy itself";

/// A list without items and a switch that is off are what there is without the field.
bool isUnset(const QJsonValue &value)
{
    return value.isUndefined() || value.isNull() || value == QJsonValue(false) ||
           (value.isArray() && value.toArray().isEmpty());
}

/// proto3 JSON takes numbers as numbers or as texts, integers also as 80.0.
std::optional<double> number(const QJsonValue &json)
{
    if (json.isDouble())
        return json.toDouble();
    if (!json.isString())
        return std::nullopt;
    const QString text = json.toString();
    if (text.compare(QLatin1String("nan"), Qt::CaseInsensitive) == 0)
        return std::numeric_limits<double>::quiet_NaN();
    if (text == QLatin1String("Infinity") || text == QLatin1String("-Infinity"))
        return text.startsWith(QLatin1Char('-')) ? -std::numeric_limits<double>::infinity()
                                                 : std::numeric_limits<double>::infinity();
    bool good = false;
    const double value = text.toDouble(&good);
    return good ? std::optional(value) : std::nullopt;
}

template<typename T>
std::optional<T> integer(const QJsonValue &json)
{
    if (json.isString()) {
        bool good = false;
        if constexpr (std::is_signed_v<T>) {
            const qlonglong value = json.toString().toLongLong(&good);
            return good && value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max()
                       ? std::optional<T>(static_cast<T>(value))
                       : std::nullopt;
        } else {
            const qulonglong value = json.toString().toULongLong(&good);
            return good && value <= std::numeric_limits<T>::max() ? std::optional<T>(static_cast<T>(value))
                                                                  : std::nullopt;
        }
    }
    if (json.isDouble() && json.toInteger(0) == json.toInteger(1)) {
        const qint64 whole = json.toInteger();
        return std::in_range<T>(whole) ? std::optional<T>(static_cast<T>(whole)) : std::nullopt;
    }
    const std::optional<double> value = number(json);
    // The largest numbers of 64 bits have no double of their own: theirs is the next power of two.
    if (!value || std::floor(*value) != *value ||
        *value < static_cast<double>(std::numeric_limits<T>::min()) ||
        *value >= std::ldexp(1.0, std::numeric_limits<T>::digits))
        return std::nullopt;
    return static_cast<T>(*value);
}

/// `key` is the other spelling that proto3 JSON takes for a field's name
/// (https://protobuf.dev/programming-guides/json/).
bool isLowerCamelCase(std::string_view key, std::string_view name)
{
    std::size_t at = 0;
    bool upper = false;
    for (const char c : name) {
        if (c != '_') {
            const char wanted = upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
            if (at == key.size() || key[at++] != wanted)
                return false;
        }
        upper = c == '_';
    }
    return at == key.size();
}

} // namespace

QString toQt(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

std::string fromQt(const QString &text)
{
    return text.toStdString();
}

std::optional<Duration> durationFromJson(const QString &text)
{
    QStringView rest(text);
    if (!rest.endsWith(QLatin1Char('s')))
        return std::nullopt;
    rest.chop(1);
    const bool negative = rest.startsWith(QLatin1Char('-'));
    if (negative)
        rest = rest.sliced(1);
    const qsizetype dot = rest.indexOf(QLatin1Char('.'));
    const QStringView whole = dot < 0 ? rest : rest.first(dot);
    const QString fraction = dot < 0 ? QStringLiteral("0") : rest.sliced(dot + 1).toString();
    const auto isDigits = [](QStringView digits) {
        return !digits.isEmpty() && std::all_of(digits.begin(), digits.end(), [](QChar c) {
            return c >= QLatin1Char('0') && c <= QLatin1Char('9');
        });
    };
    if (!isDigits(whole) || !isDigits(fraction) || fraction.size() > 9)
        return std::nullopt;
    // What nanoseconds can hold, and Envoy too (source/common/protobuf/utility.cc, "Duration out-of-range").
    constexpr qlonglong mostSeconds = std::numeric_limits<Duration::rep>::max() / 1'000'000'000 - 1;
    bool good = false;
    const qlonglong seconds = whole.toLongLong(&good);
    if (!good || seconds > mostSeconds)
        return std::nullopt;
    const Duration size =
        std::chrono::seconds(seconds) + Duration(fraction.leftJustified(9, QLatin1Char('0')).toLongLong());
    return negative ? -size : size;
}

QString durationToJson(Duration duration)
{
    const Duration size = std::chrono::abs(duration);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(size);
    const qint64 rest = (size - seconds).count();
    QString text = duration < Duration::zero() ? QStringLiteral("-") : QString();
    text += QString::number(seconds.count());
    if (rest != 0) {
        QString fraction = QString::number(rest).rightJustified(9, QLatin1Char('0'));
        // Milli-, micro- or nanoseconds, as the JSON of protobuf has them.
        while (fraction.endsWith(QLatin1String("000")))
            fraction.chop(3);
        text += QLatin1Char('.') + fraction;
    }
    return text + QLatin1Char('s');
}

JsonReader::JsonReader(const QJsonObject &object, std::string path, ReadState &state, int depth)
    : m_object(object)
    , m_path(std::move(path))
    , m_state(state)
    , m_depth(depth)
{
    m_members.reserve(static_cast<std::size_t>(object.size()));
    for (auto it = object.constBegin(); it != object.constEnd(); ++it)
        m_members.push_back({fromQt(it.key()), it.value()});
}

const JsonReader::Member *JsonReader::find(std::string_view name) const
{
    const Member *found = nullptr;
    for (const Member &member : m_members) {
        if (member.key == name)
            return &member;
        if (isLowerCamelCase(member.key, name))
            found = &member;
    }
    return found;
}

void JsonReader::note(const char *name, FieldUse use) const
{
    m_state.asked->insert({m_path, name, use});
}

/// While all fields are asked for, every branch of a description is to be taken.
bool JsonReader::has(const char *name) const
{
    if (!m_state.asked) {
        const Member *member = find(name);
        return member != nullptr && !member->value.isNull();
    }
    note(name, FieldUse::Supported);
    return true;
}

QJsonValue JsonReader::take(const char *name)
{
    if (m_state.asked)
        note(name, FieldUse::Supported);
    mark(name);
    const Member *member = find(name);
    return member == nullptr || member->value.isNull() ? QJsonValue(QJsonValue::Undefined) : member->value;
}

void JsonReader::mark(std::string_view name)
{
    for (Member &member : m_members)
        member.taken = member.taken || member.key == name || isLowerCamelCase(member.key, name);
}

bool JsonReader::goesInto(const QJsonValue &json, const char *name, QJsonObject &object)
{
    // Messages that may hold their own kind end somewhere.
    constexpr int deepest = 4;
    if (m_state.asked)
        return m_depth < deepest;
    return !json.isUndefined() && asObject(json, child(name), object);
}

void JsonReader::refused(std::initializer_list<const char *> names)
{
    for (const char *name : names) {
        if (m_state.asked) {
            note(name, FieldUse::Refused);
            continue;
        }
        if (!isUnset(take(name)))
            m_state.fail(child(name), unsupported, unsupportedHint);
    }
}

void JsonReader::ignored(std::initializer_list<const char *> names)
{
    if (m_state.asked) {
        for (const char *name : names)
            note(name, FieldUse::Accepted);
    }
    for (const char *name : names)
        mark(name);
}

void JsonReader::finish()
{
    if (m_ignoreRest || m_state.error)
        return;
    for (const Member &member : m_members) {
        if (member.taken || (m_state.apiChecked && isUnset(member.value)))
            continue;
        if (m_state.apiChecked)
            m_state.fail(child(member.key), unsupported, unsupportedHint);
        else
            m_state.fail(child(member.key), "there is no such field",
                         "check the spelling and the level it stands on");
    }
}

bool JsonReader::asObject(const QJsonValue &json, const std::string &path, QJsonObject &object)
{
    if (!json.isObject()) {
        m_state.fail(path, "an object is expected");
        return false;
    }
    object = json.toObject();
    return true;
}

std::string JsonReader::typeName(const QJsonObject &object, const std::string &path)
{
    const std::string url = fromQt(object.value(QLatin1String("@type")).toString());
    const std::size_t slash = url.rfind('/');
    if (slash == std::string::npos)
        m_state.fail(path, "a typed configuration needs \"@type\"");
    return slash == std::string::npos ? std::string() : url.substr(slash + 1);
}

int JsonReader::readWord(const QJsonValue &json, const std::string &path,
                         std::initializer_list<const char *> names)
{
    if (const std::optional<std::uint32_t> index =
            json.isDouble() ? integer<std::uint32_t>(json) : std::nullopt) {
        if (*index < names.size())
            return static_cast<int>(*index);
    }
    int index = 0;
    for (const char *name : names) {
        if (json.isString() && json.toString() == QLatin1String(name))
            return index;
        ++index;
    }
    m_state.fail(path, "no value of this enumeration: " + fromQt(json.toVariant().toString()));
    return 0;
}

void JsonReader::read(const QJsonValue &json, const std::string &path, bool &value)
{
    if (!json.isBool())
        m_state.fail(path, "true or false is expected");
    value = json.toBool();
}

void JsonReader::read(const QJsonValue &json, const std::string &path, std::uint32_t &value)
{
    const std::optional<std::uint32_t> parsed = integer<std::uint32_t>(json);
    if (!parsed)
        m_state.fail(path, "a whole number from 0 to 4294967295 is expected");
    value = parsed.value_or(0);
}

void JsonReader::read(const QJsonValue &json, const std::string &path, std::uint64_t &value)
{
    const std::optional<std::uint64_t> parsed = integer<std::uint64_t>(json);
    if (!parsed)
        m_state.fail(path, "a whole number from 0 is expected");
    value = parsed.value_or(0);
}

void JsonReader::read(const QJsonValue &json, const std::string &path, std::int64_t &value)
{
    const std::optional<std::int64_t> parsed = integer<std::int64_t>(json);
    if (!parsed)
        m_state.fail(path, "a whole number is expected");
    value = parsed.value_or(0);
}

void JsonReader::read(const QJsonValue &json, const std::string &path, double &value)
{
    const std::optional<double> parsed = number(json);
    if (!parsed)
        m_state.fail(path, "a number is expected");
    value = parsed.value_or(0);
}

void JsonReader::read(const QJsonValue &json, const std::string &path, std::string &value)
{
    if (!json.isString())
        m_state.fail(path, "a text is expected");
    value = fromQt(json.toString());
}

void JsonReader::read(const QJsonValue &json, const std::string &path, Duration &value)
{
    const std::optional<Duration> parsed = json.isString() ? durationFromJson(json.toString()) : std::nullopt;
    if (!parsed)
        m_state.fail(path, "a duration such as \"1.5s\" is expected");
    value = parsed.value_or(Duration{});
}

void JsonReader::read(const QJsonValue &json, const std::string &path, QJsonObject &value)
{
    asObject(json, path, value);
}

} // namespace sallyport::dataplane
