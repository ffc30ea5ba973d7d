// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/json_text.h"

#include "core/dataplane/json_archive.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace sallyport::dataplane {

namespace {

constexpr int deepest = 100;

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

class TextReader
{
public:
    explicit TextReader(const QByteArray &text)
        : m_text(text.constData(), static_cast<std::size_t>(text.size()))
    {
    }

    Result<JsonText> read()
    {
        if (next() != '{')
            refuse("an object is expected");
        const QJsonValue value = readValue(0);
        next();
        if (!m_error && m_at != m_text.size())
            refuse("nothing is expected behind the object");
        if (m_error)
            return fail(*m_error);
        return JsonText{value.toObject(), std::move(m_marks)};
    }

private:
    /// The first byte that is no blank, 0 at the end.
    char next()
    {
        m_at = std::min(m_text.find_first_not_of(" \t\r\n", m_at), m_text.size());
        return m_at < m_text.size() ? m_text[m_at] : '\0';
    }

    bool takes(char c)
    {
        const bool there = next() == c && m_at < m_text.size();
        m_at += there ? 1 : 0;
        return there;
    }

    void refuse(const std::string &what)
    {
        if (m_error)
            return;
        const std::string_view before = m_text.substr(0, m_at);
        const auto line = std::count(before.begin(), before.end(), '\n') + 1;
        const std::size_t column = m_at - (before.rfind('\n') + 1) + 1;
        m_error = Error{"this is no JSON: " + what + " at line " + std::to_string(line) + ", column " +
                            std::to_string(column),
                        {},
                        {}};
        m_at = m_text.size();
    }

    QJsonValue readValue(int depth)
    {
        // The last of several values of one key counts.
        if (!m_marks.large.empty())
            m_marks.large.erase(m_path);
        const char first = next();
        if ((first == '{' || first == '[') && depth >= deepest)
            refuse("it is nested too deeply");
        switch (next()) {
        case '{':
            return readObject(depth);
        case '[':
            return readArray(depth);
        case '"':
        case '\'':
            return toQt(readString());
        case 't':
            return readWord("true", true);
        case 'f':
            return readWord("false", false);
        case 'n':
            return readWord("null", QJsonValue::Null);
        default:
            return readNumber();
        }
    }

    QJsonValue readObject(int depth)
    {
        QJsonObject object;
        std::vector<QString> keys;
        const std::size_t path = m_path.size();
        ++m_at;
        for (bool comma = true; !takes('}') && !m_error;) {
            if (!comma)
                refuse("a comma is expected");
            const QString key = toQt(readKey());
            if (!takes(':'))
                refuse("a colon is expected");
            m_path += '.' + key.toStdString();
            const QJsonValue value = readValue(depth + 1);
            m_path.resize(path);
            const auto earlier = object.find(key);
            if (earlier == object.end()) {
                object.insert(key, value);
                keys.push_back(key);
            } else {
                if (!value.isObject() && !value.isArray() && !earlier->isNull())
                    m_marks.replaced[m_path + '.' + key.toStdString()].push_back(*earlier);
                *earlier = merged(*earlier, value);
                m_marks.twice.insert(m_path + '.' + key.toStdString());
            }
            comma = takes(',');
        }
        noteSpellings(object, keys);
        return object;
    }

    void noteSpellings(const QJsonObject &object, const std::vector<QString> &keys)
    {
        for (auto key = keys.begin(); key != keys.end(); ++key) {
            if (!key->contains(QLatin1Char('_')))
                continue;
            const QString camel = camelCase(*key);
            if (camel == *key || !object.contains(camel))
                continue;
            const bool isLater = std::find(keys.begin(), key, camel) == key;
            m_marks.later.insert(m_path + '.' + (isLater ? camel : *key).toStdString());
        }
    }

    QJsonValue readArray(int depth)
    {
        QJsonArray array;
        const std::size_t path = m_path.size();
        ++m_at;
        for (bool comma = true; !takes(']') && !m_error;) {
            if (!comma)
                refuse("a comma is expected");
            m_path += '.' + std::to_string(array.size());
            array.append(readValue(depth + 1));
            m_path.resize(path);
            comma = takes(',');
        }
        return array;
    }

    std::string readKey()
    {
        const char first = next();
        if (first == '"' || first == '\'')
            return readString();
        const auto isName = [](char c) {
            return c == '_' || c == '$' || isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        };
        const std::size_t begin = m_at;
        while (m_at < m_text.size() && isName(m_text[m_at]))
            ++m_at;
        const std::string name(m_text.substr(begin, m_at - begin));
        if (name.empty() || isDigit(name.front()) || name == "true" || name == "false" || name == "null") {
            m_at = begin;
            refuse("a key is expected");
        }
        return name;
    }

    QJsonValue readWord(std::string_view word, const QJsonValue &value)
    {
        if (!m_text.substr(m_at).starts_with(word))
            refuse("a value is expected");
        else
            m_at += word.size();
        return value;
    }

    QJsonValue readNumber()
    {
        const std::size_t begin = m_at;
        m_at = std::min(m_text.find_first_not_of("0123456789+-.eE", begin), m_text.size());
        const std::string text(m_text.substr(begin, m_at - begin));
        if (!isNumber(text)) {
            m_at = begin;
            refuse(text.empty() ? "a value is expected" : "a number is expected");
            return {};
        }
        qint64 whole = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
        if (error == std::errc() && end == text.data() + text.size())
            return QJsonValue(whole);
        const double number = std::strtod(text.c_str(), nullptr);
        // A double does not tell what is written there.
        if (std::abs(number) > 0x1p53)
            m_marks.large.insert_or_assign(m_path, toQt(text));
        if (!std::isfinite(number)) {
            m_at = begin;
            refuse("no number is as large");
        }
        return number;
    }

    /// `-12.5e+3`: no zeros in front, digits on both sides of a dot.
    static bool isNumber(std::string_view text)
    {
        const auto digits = [&text] {
            const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
            text.remove_prefix(count);
            return count;
        };
        if (text.starts_with('-'))
            text.remove_prefix(1);
        const bool zero = text.starts_with('0');
        const std::size_t whole = digits();
        if (whole == 0 || (zero && whole > 1))
            return false;
        if (text.starts_with('.')) {
            text.remove_prefix(1);
            if (digits() == 0)
                return false;
        }
        if (text.starts_with('e') || text.starts_with('E')) {
            text.remove_prefix(1);
            if (text.starts_with('-') || text.starts_with('+'))
                text.remove_prefix(1);
            if (digits() == 0)
                return false;
        }
        return text.empty();
    }

    std::string readString()
    {
        const char quote = m_text[m_at++];
        std::string bytes;
        while (m_at < m_text.size() && m_text[m_at] != quote) {
            const char c = m_text[m_at++];
            if (c == '\\')
                readEscape(bytes);
            else
                bytes += c;
        }
        if (m_at == m_text.size() && !m_error)
            refuse("a quote is expected");
        ++m_at;
        m_at = std::min(m_at, m_text.size());
        if (!QByteArray::fromStdString(bytes).isValidUtf8())
            refuse("UTF-8 is expected");
        return bytes;
    }

    void readEscape(std::string &bytes)
    {
        const char c = m_at < m_text.size() ? m_text[m_at++] : '\0';
        static constexpr std::string_view letters = "\"\\/'bfnrt";
        static constexpr std::string_view meant = "\"\\/'\b\f\n\r\t";
        if (const std::size_t known = letters.find(c); known != std::string_view::npos && c != '\0') {
            bytes += meant[known];
            return;
        }
        if (c != 'u') {
            refuse("there is no such escape");
            return;
        }
        char32_t point = readHex();
        if (point >= 0xDC00 && point <= 0xDFFF)
            refuse("a low surrogate stands by itself");
        if (point >= 0xD800 && point <= 0xDBFF) {
            const bool paired = m_text.substr(m_at).starts_with("\\u");
            m_at += paired ? 2 : 0;
            const char32_t low = paired ? readHex() : 0;
            if (low < 0xDC00 || low > 0xDFFF)
                refuse("a high surrogate stands by itself");
            point = 0x10000 + ((point - 0xD800) << 10U) + (low - 0xDC00);
        }
        if (!m_error)
            bytes += QString::fromUcs4(&point, 1).toStdString();
    }

    char32_t readHex()
    {
        unsigned value = 0;
        const std::string_view digits = m_text.substr(m_at, 4);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (digits.size() < 4 || error != std::errc() || end != digits.data() + digits.size())
            refuse("four hexadecimal digits are expected");
        else
            m_at += digits.size();
        return value;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    std::string m_path;
    TextMarks m_marks;
    std::optional<Error> m_error;
};

} // namespace

QJsonValue merged(const QJsonValue &first, const QJsonValue &second)
{
    if (first.isArray() && second.isArray()) {
        QJsonArray all = first.toArray();
        for (const QJsonValue &item : second.toArray())
            all.append(item);
        return all;
    }
    if (!first.isObject() || !second.isObject())
        return second.isNull() ? first : second;
    QJsonObject all = first.toObject();
    const QJsonObject more = second.toObject();
    for (auto it = more.constBegin(); it != more.constEnd(); ++it)
        all[it.key()] = all.contains(it.key()) ? merged(all.value(it.key()), it.value()) : it.value();
    return all;
}

QString camelCase(const QString &name)
{
    QString camel;
    bool upper = false;
    for (const QChar c : name) {
        if (c != QLatin1Char('_'))
            camel += upper ? c.toUpper() : c;
        upper = c == QLatin1Char('_');
    }
    return camel;
}

Result<JsonText> readJsonText(const QByteArray &text)
{
    return TextReader(text).read();
}

} // namespace sallyport::dataplane
