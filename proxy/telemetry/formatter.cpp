// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/formatter.h"

#include "core/dataplane/access_log_format.h"

#include <algorithm>
#include <charconv>

namespace sallyport::telemetry {

namespace {

void appendNumber(std::string &out, std::uint64_t number)
{
    char digits[20];
    const char *end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, static_cast<std::size_t>(end - digits));
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

} // namespace sallyport::telemetry
