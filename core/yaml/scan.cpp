// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/yaml/scan.h"

#include <algorithm>

namespace sallyport::yaml {

namespace {

constexpr std::string_view tagCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-#;/?:@&=+$_.!~*'()%";

std::size_t endOfLine(std::string_view text, std::size_t at)
{
    return std::min(text.find('\n', at), text.size());
}

bool isContinuation(unsigned char c)
{
    return (c & 0xc0U) == 0x80U;
}

/// Length of the UTF-8 sequence at `at`; 0 if it is none.
std::size_t sequenceLength(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(at);
    const std::size_t length = first < 0x80                     ? 1
                               : first >= 0xc2 && first <= 0xdf ? 2
                               : first >= 0xe0 && first <= 0xef ? 3
                               : first >= 0xf0 && first <= 0xf4 ? 4
                                                                : 0;
    if (length == 0 || at + length > text.size())
        return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if (!isContinuation(byte(at + i)))
            return 0;
    }
    // Overlong forms, surrogates and what lies beyond U+10FFFF.
    if ((first == 0xe0 && byte(at + 1) < 0xa0) || (first == 0xed && byte(at + 1) > 0x9f) ||
        (first == 0xf0 && byte(at + 1) < 0x90) || (first == 0xf4 && byte(at + 1) > 0x8f))
        return 0;
    return length;
}

} // namespace

bool isBlank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

LineTable::LineTable(std::string_view text)
    : m_markSize(text.starts_with(byteOrderMark) ? byteOrderMark.size() : 0)
{
    m_starts.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\n')
            m_starts.push_back(i + 1);
    }
}

std::size_t LineTable::start(std::size_t line) const
{
    return line < m_starts.size() ? m_starts[line] : m_starts.back();
}

std::size_t LineTable::lineOf(std::size_t offset) const
{
    return static_cast<std::size_t>(std::upper_bound(m_starts.begin(), m_starts.end(), offset) -
                                    m_starts.begin()) -
           1;
}

std::size_t LineTable::columnOf(std::size_t offset) const
{
    const std::size_t line = lineOf(offset);
    const std::size_t first = line == 0 ? std::min(m_markSize, offset) : start(line);
    return offset - first;
}

std::size_t skipBlanksAndComments(std::string_view text, std::size_t at)
{
    while (at < text.size()) {
        if (isBlank(text[at]))
            ++at;
        else if (text[at] == '#' && (at == 0 || isBlank(text[at - 1])))
            at = endOfLine(text, at);
        else
            break;
    }
    return at;
}

std::size_t propertiesEnd(std::string_view text, std::size_t at)
{
    std::size_t end = at;
    while (at < text.size() && (text[at] == '&' || text[at] == '!')) {
        if (text.substr(at).starts_with("!<"))
            end = std::min(text.find('>', at), text.size() - 1) + 1;
        else if (text[at] == '!')
            end = std::min(text.find_first_not_of(tagCharacters, at), text.size());
        else
            end = std::min(text.find_first_of(" \t\r\n,[]{}", at), text.size());
        at = skipBlanksAndComments(text, end);
    }
    return end;
}

std::size_t skipProperties(std::string_view text, std::size_t at)
{
    const std::size_t end = propertiesEnd(text, at);
    return end == at ? at : skipBlanksAndComments(text, end);
}

std::size_t quotedEnd(std::string_view text, std::size_t begin)
{
    const char quote = text[begin];
    for (std::size_t i = begin + 1; i < text.size(); ++i) {
        if (quote == '"' && text[i] == '\\') {
            ++i;
        } else if (text[i] == quote) {
            if (quote == '\'' && i + 1 < text.size() && text[i + 1] == '\'')
                ++i;
            else
                return i + 1;
        }
    }
    return std::string_view::npos;
}

std::size_t plainEnd(std::string_view text, std::size_t begin, std::string_view value)
{
    // Line breaks and the blanks around them are folded in the value, so blanks do not count.
    std::size_t at = begin;
    for (const char c : value) {
        if (isBlank(c))
            continue;
        while (at < text.size() && isBlank(text[at]))
            ++at;
        ++at;
    }
    return std::min(at, text.size());
}

BlockExtent blockScalarExtent(std::string_view text, std::size_t begin, int parentIndent)
{
    const std::size_t headEnd = endOfLine(text, begin);
    std::size_t end = std::min(headEnd + 1, text.size());
    int indent = 0; // of the content; 0: not known yet
    for (std::size_t i = begin + 1; i < headEnd && !isBlank(text[i]); ++i) {
        if (text[i] >= '1' && text[i] <= '9')
            indent = std::max(parentIndent, 0) + (text[i] - '0');
    }
    for (std::size_t line = end; line < text.size();) {
        const std::size_t stop = endOfLine(text, line);
        const std::size_t first = std::min(text.find_first_not_of(' ', line), text.size());
        if (first < stop && text[first] != '\r') {
            const int depth = static_cast<int>(first - line);
            if (depth <= parentIndent || depth < indent)
                break;
            if (indent == 0)
                indent = depth;
            end = std::min(stop + 1, text.size());
        }
        line = stop + 1;
    }
    return {end, static_cast<std::size_t>(indent)};
}

std::size_t flowEnd(std::string_view text, std::size_t at, char bracket)
{
    while (at < text.size()) {
        at = skipBlanksAndComments(text, at);
        if (at < text.size() && text[at] == bracket)
            return at + 1;
        ++at; // a comma, or the colon of a key without a value
    }
    return text.size();
}

std::size_t firstForbiddenByte(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const auto c = static_cast<unsigned char>(text[at]);
        const bool loneReturn = c == '\r' && !text.substr(at + 1).starts_with('\n');
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f || loneReturn)
            return at;
        const std::size_t length = sequenceLength(text, at);
        if (length == 0)
            return at;
        at += length;
    }
    return std::string_view::npos;
}

std::vector<Span> splitDocuments(std::string_view text)
{
    std::vector<Span> spans;
    std::size_t begin = text.starts_with(byteOrderMark) ? byteOrderMark.size() : 0;
    for (std::size_t line = begin; line < text.size();) {
        const std::size_t stop = endOfLine(text, line);
        const std::string_view content = text.substr(line, stop - line);
        const bool marker = (content.starts_with("---") || content.starts_with("...")) &&
                            (content.size() == 3 || isBlank(content[3]));
        if (marker) {
            spans.push_back({begin, line});
            begin = line + 3; // what follows on the same line belongs to the new document
        }
        line = stop + 1;
    }
    spans.push_back({begin, text.size()});
    return spans;
}

bool holdsAnything(std::string_view text)
{
    for (std::size_t line = 0; line < text.size();) {
        const std::size_t stop = endOfLine(text, line);
        const std::size_t first = text.find_first_not_of(" \t\r", line);
        if (first < stop && text[first] != '#' && text[first] != '%')
            return true;
        line = stop + 1;
    }
    return false;
}

} // namespace sallyport::yaml
