// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/configuration_text.h"

#include "core/dataplane/json_archive.h"
#include "core/result/ascii_case.h"
#include "core/yaml/document.h"

#include <QJsonDocument>

#include <algorithm>
#include <charconv>
#include <optional>

namespace sallyport::dataplane {

namespace {

/// Words count in lower case, capitalized and in upper case.
std::optional<bool> switchOf(const std::string &text)
{
    const std::string lower = asciiLowered(text);
    const bool capitals = std::none_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (text.empty() || (!capitals && text.substr(1) != lower.substr(1)))
        return std::nullopt;
    for (const auto &[on, off] :
         {std::pair("y", "n"), std::pair("yes", "no"), std::pair("true", "false"), std::pair("on", "off")}) {
        if (lower == on || lower == off)
            return lower == on;
    }
    return std::nullopt;
}

/// Of 64 bits: decimal, hexadecimal behind `0x`, octal behind `0`.
std::optional<std::int64_t> integerOf(std::string_view text)
{
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+'))
        text.remove_prefix(1);
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
        base = 16;
    } else if (text.size() > 1 && text.starts_with('0')) {
        base = 8;
    }
    const std::string digits = (negative ? "-" : "") + std::string(text);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    const bool whole =
        !text.empty() && text.front() != '-' && error == std::errc() && end == digits.data() + digits.size();
    return whole ? std::optional(value) : std::nullopt;
}

QJsonValue scalarOf(const yaml::Node &node)
{
    const QString text = toQt(node.scalar);
    if (node.style != yaml::ScalarStyle::Plain && node.tag.empty())
        return text;
    if (const auto given = switchOf(node.scalar))
        return *given;
    const auto number = integerOf(node.scalar);
    if (!number)
        return text;
    const bool small = *number == static_cast<std::int32_t>(*number);
    return small ? QJsonValue(static_cast<qint64>(*number)) : QJsonValue(QString::number(*number));
}

class Reading
{
public:
    QJsonValue value(const yaml::Node &node)
    {
        switch (node.kind) {
        case yaml::NodeKind::Null:
            return QJsonValue::Null;
        case yaml::NodeKind::Scalar:
            return scalarOf(node);
        case yaml::NodeKind::Sequence: {
            QJsonArray list;
            for (const yaml::NodePtr &item : node.items)
                list.append(value(*item));
            return list;
        }
        case yaml::NodeKind::Mapping:
            return mapping(node);
        }
        return {};
    }

    std::optional<Error> error;

private:
    QJsonValue mapping(const yaml::Node &node)
    {
        QJsonObject object;
        for (const auto &[key, entry] : node.entries) {
            if (key->tag == "!ignore")
                continue;
            if (!key->isScalar() && !key->isNull() && !error)
                error = Error{"a key is a text", key->place, {}};
            object.insert(key->isNull() ? QStringLiteral("null") : toQt(key->scalar), value(*entry));
        }
        return object;
    }
};

/// A document is marked and the next one begins before there is anything in it.
bool beginsWithEmptyDocument(std::string_view text)
{
    bool marked = false;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view line = text.substr(begin, end - begin);
        begin = end + 1;
        if (line.starts_with("---") && line.find_first_not_of(" \t\r", 3) == std::string_view::npos) {
            if (marked)
                return true;
            marked = true;
            continue;
        }
        const std::size_t first = line.find_first_not_of(" \t\r");
        if (first != std::string_view::npos && line[first] != '#' && (marked || line[first] != '%'))
            return false;
    }
    return false;
}

} // namespace

TextForm formOf(const std::string &file)
{
    const std::string lower = asciiLowered(file);
    return lower.ends_with(".yaml") || lower.ends_with(".yml") ? TextForm::Yaml : TextForm::Json;
}

Result<QByteArray> jsonText(const QByteArray &text, TextForm form, const std::string &file)
{
    if (form == TextForm::Json)
        return text;
    const std::vector<yaml::Document> documents = yaml::parseDocuments(text.toStdString(), file);
    // Only the first one counts, be it empty.
    if (documents.empty() || beginsWithEmptyDocument({text.constData(), std::size_t(text.size())}))
        return fail("there is no configuration", Place{file, 0, 0});
    if (documents.front().error)
        return fail(*documents.front().error);
    Reading reading;
    const QJsonValue value = reading.value(*documents.front().root);
    if (reading.error)
        return fail(*reading.error);
    if (!value.isObject())
        return fail("a mapping is expected", documents.front().root->place);
    return QJsonDocument(value.toObject()).toJson(QJsonDocument::Compact);
}

} // namespace sallyport::dataplane
