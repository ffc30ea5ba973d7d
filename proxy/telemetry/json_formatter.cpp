// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/json_formatter.h"

#include "proxy/telemetry/json_string.h"

#include <QJsonArray>
#include <QJsonObject>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace sallyport::telemetry {

namespace {

/// Numbers are doubles, written as short as they can be told apart: `100000` is `1e+05`.
std::string shortestNumber(double number)
{
    std::array<char, 400> digits{};
    const std::to_chars_result result = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    return {digits.data(), result.ptr};
}

} // namespace

Result<JsonFormatter> JsonFormatter::create(const QJsonObject &format, bool omitEmpty)
{
    JsonFormatter formatter;
    formatter.m_omitEmpty = omitEmpty;
    if (Result<void> compiled = formatter.compile({}, format); !compiled)
        return fail(compiled.error());
    return formatter;
}

Result<void> JsonFormatter::compile(const std::string &key, const QJsonValue &value)
{
    const std::size_t at = m_nodes.size();
    Node &node = m_nodes.emplace_back();
    node.key = static_cast<std::uint32_t>(m_texts.size());
    node.keySize = static_cast<std::uint32_t>(key.size());
    m_texts += key;
    const auto setLiteral = [&](std::string_view json) {
        m_texts += json;
        node.literalSize = static_cast<std::uint32_t>(json.size());
    };
    if (value.isObject()) {
        node.kind = Node::Kind::Object;
        const QJsonObject object = value.toObject();
        std::map<std::string, QJsonValue> sorted;
        for (auto it = object.constBegin(); it != object.constEnd(); ++it)
            sorted[it.key().toStdString()] = it.value();
        for (const auto &[name, inner] : sorted) {
            std::string text(1, ',');
            appendJsonString(text, name);
            if (Result<void> compiled = compile(text + ':', inner); !compiled)
                return compiled;
        }
    } else if (value.isArray()) {
        node.kind = Node::Kind::List;
        const QJsonArray array = value.toArray();
        for (const QJsonValue &inner : array) {
            if (Result<void> compiled = compile(",", inner); !compiled)
                return compiled;
        }
    } else if (value.isString()) {
        Result<TextFormatter> text = TextFormatter::create(value.toString().toStdString(), m_omitEmpty);
        if (!text)
            return fail(text.error());
        if (text->isConstant()) {
            std::string constant;
            for (const TextFormatter::Piece &piece : text->m_pieces)
                constant += piece.literal;
            std::string json;
            appendJsonString(json, constant);
            setLiteral(json);
        } else if (text->m_pieces.size() == 1) {
            node.kind = Node::Kind::Command;
            node.command = std::move(text->m_pieces.front().command);
        } else {
            node.kind = Node::Kind::Text;
            m_formats.emplace_back(at, *std::move(text));
        }
    } else if (value.isNull()) {
        node.kind = Node::Kind::Null;
        setLiteral("null");
    } else {
        setLiteral(value.isBool() ? (value.toBool() ? "true" : "false") : shortestNumber(value.toDouble()));
    }
    m_nodes[at].end = static_cast<std::uint32_t>(m_nodes.size());
    return {};
}

/// False if nothing was written because the value is null and such are left out.
bool JsonFormatter::appendValue(LineBuffer &out, std::size_t at, const LogContext &context) const
{
    const Node &node = m_nodes[at];
    switch (node.kind) {
    case Node::Kind::Null:
        if (m_omitEmpty)
            return false;
        [[fallthrough]];
    case Node::Kind::Literal:
        out.put(std::string_view(m_texts).substr(node.key + node.keySize, node.literalSize));
        return true;
    case Node::Kind::Command: {
        thread_local std::string scratch;
        scratch.clear();
        const LogValue value = node.command(context, scratch);
        switch (value.kind) {
        case LogValue::Kind::Null:
            if (m_omitEmpty)
                return false;
            out.put("null");
            return true;
        case LogValue::Kind::Number:
            out.putNumber(value.number);
            return true;
        case LogValue::Kind::Json:
            out.put(value.text);
            return true;
        case LogValue::Kind::Text:
            putJsonString(out, value.text);
            return true;
        }
        return true;
    }
    case Node::Kind::Text: {
        const auto format = std::find_if(m_formats.begin(), m_formats.end(),
                                         [at](const auto &each) { return each.first == at; });
        putJsonString(out, format->second.format(context));
        return true;
    }
    case Node::Kind::Object:
    case Node::Kind::List:
        return appendMembers(out, at, context);
    }
    return true;
}

bool JsonFormatter::appendMembers(LineBuffer &out, std::size_t at, const LogContext &context) const
{
    const Node &node = m_nodes[at];
    const bool object = node.kind == Node::Kind::Object;
    const std::size_t start = out.size();
    out.put(object ? '{' : '[');
    bool first = true;
    for (std::size_t next = at + 1; next < node.end; next = m_nodes[next].end) {
        const std::size_t before = out.size();
        const Node &member = m_nodes[next];
        const std::size_t comma = first ? 1 : 0;
        out.put(std::string_view(m_texts).substr(member.key + comma, member.keySize - comma));
        if (appendValue(out, next, context))
            first = false;
        else
            out.shrink(before);
    }
    if (first && m_omitEmpty && object) {
        out.shrink(start);
        return false;
    }
    out.put(object ? '}' : ']');
    return true;
}

void JsonFormatter::append(LineBuffer &out, const LogContext &context) const
{
    if (!appendMembers(out, 0, context))
        out.put("{}");
}

std::string JsonFormatter::format(const LogContext &context) const
{
    LineBuffer line;
    append(line, context);
    return std::string(line.view());
}

} // namespace sallyport::telemetry
