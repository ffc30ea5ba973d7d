// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/formatter.h"

#include "core/dataplane/access_log_format.h"
#include "proxy/telemetry/json_string.h"

#include <QJsonArray>

#include <algorithm>
#include <array>
#include <charconv>

namespace sallyport::telemetry {

namespace {

void appendNumber(std::string &out, std::uint64_t number)
{
    char digits[20];
    const char *end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, static_cast<std::size_t>(end - digits));
}

/// Numbers are doubles, written as short as they can be told apart: `100000` is `1e+05`.
std::string shortestNumber(double number)
{
    std::array<char, 400> digits{};
    const std::to_chars_result result = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    return {digits.data(), result.ptr};
}

} // namespace

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
        const std::size_t start = out.size();
        if (value.kind == LogValue::Kind::Number)
            appendNumber(out, value.number);
        else if (value.kind != LogValue::Kind::Null)
            out += value.text;
        else if (!m_omitEmpty)
            out += '-';
        if (out.size() - start > value.longestText)
            out.resize(start + value.longestText);
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
        entries; ///< keys as JSON strings, with the comma before and the colon behind them
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
            std::string text(1, ',');
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
            node->entries.emplace_back(std::string(1, ','), *child);
        }
        return node;
    }
    if (!value.isString()) {
        if (value.isNull())
            node->literal = "null";
        else if (value.isBool())
            node->literal = value.toBool() ? "true" : "false";
        else
            node->literal = shortestNumber(value.toDouble());
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
            appendNumber(out, value.number);
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
            out.append(key, first ? 1 : 0);
            if (append(out, *child, context, omitEmpty))
                first = false;
            else
                out.resize(before);
        }
        if (first && omitEmpty && object) {
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
