// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/formatter.h"

#include "core/dataplane/access_log_format.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace sallyport::telemetry {

namespace {

/// Length of the UTF-8 sequence at `at`; 0 if the bytes are none (RFC 3629).
std::size_t utf8Length(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned lead = byte(at);
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return continues(at + 1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        const bool good = continues(at + 1) && continues(at + 2) && !(lead == 0xE0 && byte(at + 1) < 0xA0) &&
                          !(lead == 0xED && byte(at + 1) >= 0xA0);
        return good ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const bool good = continues(at + 1) && continues(at + 2) && continues(at + 3) &&
                          !(lead == 0xF0 && byte(at + 1) < 0x90) && !(lead == 0xF4 && byte(at + 1) >= 0x90);
        return good ? 4 : 0;
    }
    return 0;
}

void appendUnicodeEscape(std::string &out, unsigned char byte)
{
    static constexpr std::string_view digits = "0123456789abcdef";
    out += "\\u00";
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
}

} // namespace

void appendJsonString(std::string &out, std::string_view text)
{
    out += '"';
    for (std::size_t i = 0; i < text.size();) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
            // Runs of ordinary characters are the rule: copy them at once.
            const std::size_t start = i;
            do
                ++i;
            while (i < text.size() && static_cast<unsigned char>(text[i]) >= 0x20 &&
                   static_cast<unsigned char>(text[i]) < 0x7f && text[i] != '"' && text[i] != '\\');
            out.append(text.substr(start, i - start));
            continue;
        }
        switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\b':
            out += "\\b";
            break;
        case '\f':
            out += "\\f";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default: {
            const std::size_t length = c < 0x20 ? 0 : utf8Length(text, i);
            if (length == 0) {
                appendUnicodeEscape(out, c);
                break;
            }
            out.append(text.substr(i, length));
            i += length - 1;
            break;
        }
        }
        ++i;
    }
    out += '"';
}

void appendTime(std::string &out, std::chrono::system_clock::time_point time, std::string_view format,
                bool local)
{
    const auto sinceEpoch = time.time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(sinceEpoch);
    const auto nanoseconds = static_cast<unsigned>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(sinceEpoch - seconds).count());
    const std::time_t clock = seconds.count();
    std::tm parts{};
    local ? localtime_r(&clock, &parts) : gmtime_r(&clock, &parts);
    std::array<char, 128> buffer{};
    if (format.empty()) {
        const int length = std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03u",
                                         parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                                         parts.tm_min, parts.tm_sec, nanoseconds / 1'000'000);
        out.append(buffer.data(), static_cast<std::size_t>(length));
        if (local)
            out.append(buffer.data(), std::strftime(buffer.data(), buffer.size(), "%z", &parts));
        else
            out += 'Z';
        return;
    }
    std::array<char, 10> fraction{};
    std::snprintf(fraction.data(), fraction.size(), "%09u", nanoseconds);
    std::string expanded;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%' || i + 1 >= format.size()) {
            expanded += format[i];
            continue;
        }
        const char next = format[i + 1];
        const bool digitsOfFraction =
            next >= '1' && next <= '9' && i + 2 < format.size() && format[i + 2] == 'f';
        if (digitsOfFraction) {
            expanded.append(fraction.data(), static_cast<std::size_t>(next - '0'));
            i += 2;
        } else if (next == 'f') {
            expanded.append(fraction.data(), 9);
            ++i;
        } else if (next == 's') {
            expanded += std::to_string(seconds.count());
            ++i;
        } else {
            expanded += format[i];
            expanded += next;
            ++i;
        }
    }
    // strftime() says 0 both of an empty text and of one that does not fit.
    expanded += ' ';
    std::string text(512, '\0');
    std::size_t length = 0;
    constexpr std::size_t longest = 64 * 1024;
    while ((length = std::strftime(text.data(), text.size(), expanded.c_str(), &parts)) == 0 &&
           text.size() < longest)
        text.resize(text.size() * 2);
    out.append(text, 0, length == 0 ? 0 : length - 1);
}

Result<TextFormatter> TextFormatter::create(std::string_view format, bool omitEmpty)
{
    Result<std::vector<dataplane::FormatCommand>> commands = dataplane::parseFormat(format);
    if (!commands)
        return fail(commands.error());
    TextFormatter formatter;
    formatter.m_omitEmpty = omitEmpty;
    for (const dataplane::FormatCommand &command : *commands) {
        if (command.isLiteral())
            formatter.m_pieces.push_back({command.text, nullptr});
        else
            formatter.m_pieces.push_back({{}, makeOperator(command.name, command.text, command.maxLength)});
    }
    return formatter;
}

void TextFormatter::append(std::string &out, const LogContext &context) const
{
    std::string scratch;
    for (const Piece &piece : m_pieces) {
        if (!piece.command) {
            out += piece.literal;
            continue;
        }
        scratch.clear();
        const LogValue value = piece.command(context, scratch);
        if (value.kind == LogValue::Kind::Number)
            out += std::to_string(value.number);
        else if (value.kind != LogValue::Kind::Null)
            out += value.text;
        else if (!m_omitEmpty)
            out += '-';
    }
}

std::string TextFormatter::format(const LogContext &context) const
{
    std::string out;
    append(out, context);
    return out;
}

bool TextFormatter::isConstant() const
{
    return std::none_of(m_pieces.begin(), m_pieces.end(),
                        [](const Piece &piece) { return piece.command != nullptr; });
}

struct JsonFormatter::Node
{
    enum class Kind { Literal, Command, Text, Object, List };
    Kind kind = Kind::Literal;
    std::string literal; ///< JSON text
    Operator command;
    TextFormatter text;
    std::vector<std::pair<std::string, std::shared_ptr<Node>>>
        entries; ///< keys as JSON strings with their colon
};

Result<std::shared_ptr<JsonFormatter::Node>> JsonFormatter::compile(const QJsonValue &value, bool omitEmpty)
{
    auto node = std::make_shared<Node>();
    if (value.isObject()) {
        node->kind = Node::Kind::Object;
        const QJsonObject object = value.toObject();
        std::map<std::string, QJsonValue> sorted;
        for (auto it = object.constBegin(); it != object.constEnd(); ++it)
            sorted[it.key().toStdString()] = it.value();
        for (const auto &[key, inner] : sorted) {
            Result<std::shared_ptr<Node>> child = compile(inner, omitEmpty);
            if (!child)
                return child;
            std::string text;
            appendJsonString(text, key);
            node->entries.emplace_back(text + ':', *child);
        }
        return node;
    }
    if (value.isArray()) {
        node->kind = Node::Kind::List;
        const QJsonArray array = value.toArray();
        for (const QJsonValue &inner : array) {
            Result<std::shared_ptr<Node>> child = compile(inner, omitEmpty);
            if (!child)
                return child;
            node->entries.emplace_back(std::string(), *child);
        }
        return node;
    }
    if (!value.isString()) {
        if (value.isNull())
            node->literal = "null";
        else if (value.isBool())
            node->literal = value.toBool() ? "true" : "false";
        else
            node->literal = QJsonDocument(QJsonArray{value})
                                .toJson(QJsonDocument::Compact)
                                .chopped(1)
                                .mid(1)
                                .toStdString();
        return node;
    }
    Result<TextFormatter> text = TextFormatter::create(value.toString().toStdString(), omitEmpty);
    if (!text)
        return fail(text.error());
    if (text->isConstant()) {
        std::string constant;
        for (const TextFormatter::Piece &piece : text->m_pieces)
            constant += piece.literal;
        appendJsonString(node->literal, constant);
    } else if (text->m_pieces.size() == 1) {
        node->kind = Node::Kind::Command;
        node->command = text->m_pieces.front().command;
    } else {
        node->kind = Node::Kind::Text;
        node->text = *std::move(text);
    }
    return node;
}

Result<JsonFormatter> JsonFormatter::create(const QJsonObject &format, bool omitEmpty)
{
    Result<std::shared_ptr<Node>> root = compile(format, omitEmpty);
    if (!root)
        return fail(root.error());
    JsonFormatter formatter;
    formatter.m_root = *root;
    formatter.m_omitEmpty = omitEmpty;
    return formatter;
}

/// False if nothing was written because the value is null and such are left out.
bool JsonFormatter::append(std::string &out, const Node &node, const LogContext &context, bool omitEmpty)
{
    switch (node.kind) {
    case Node::Kind::Literal:
        if (omitEmpty && node.literal == "null")
            return false;
        out += node.literal;
        return true;
    case Node::Kind::Command: {
        thread_local std::string scratch;
        scratch.clear();
        const LogValue value = node.command(context, scratch);
        switch (value.kind) {
        case LogValue::Kind::Null:
            if (omitEmpty)
                return false;
            out += "null";
            return true;
        case LogValue::Kind::Number:
            out += std::to_string(value.number);
            return true;
        case LogValue::Kind::Json:
            out += value.text;
            return true;
        case LogValue::Kind::Text:
            appendJsonString(out, value.text);
            return true;
        }
        return true;
    }
    case Node::Kind::Text: {
        std::string text;
        node.text.append(text, context);
        appendJsonString(out, text);
        return true;
    }
    case Node::Kind::Object:
    case Node::Kind::List: {
        const bool object = node.kind == Node::Kind::Object;
        const std::size_t start = out.size();
        out += object ? '{' : '[';
        bool first = true;
        for (const auto &[key, child] : node.entries) {
            const std::size_t before = out.size();
            if (!first)
                out += ',';
            out += key;
            if (append(out, *child, context, omitEmpty))
                first = false;
            else
                out.resize(before);
        }
        if (first && omitEmpty && object && !node.entries.empty()) {
            out.resize(start);
            return false;
        }
        out += object ? '}' : ']';
        return true;
    }
    }
    return true;
}

void JsonFormatter::append(std::string &out, const LogContext &context) const
{
    if (!append(out, *m_root, context, m_omitEmpty))
        out += "{}";
}

} // namespace sallyport::telemetry
