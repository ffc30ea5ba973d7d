// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/yaml/layout.h"

#include "core/yaml/scan.h"

#include <algorithm>
#include <optional>

namespace sallyport::yaml {

namespace {

/// The alias at or behind `at`.
ValueRange aliasRange(std::string_view text, std::size_t at)
{
    const std::size_t begin = skipBlanksAndComments(text, at);
    const std::size_t end = std::min(text.find_first_of(" \t\r\n,]}", begin), text.size());
    return {begin, end, true};
}

void findIndentation(std::string_view text, const Node &node, std::optional<std::size_t> &mapping,
                     std::optional<std::size_t> &list)
{
    if (mapping && list)
        return;
    for (const auto &[key, value] : node.entries) {
        const bool below = value->begin > lineEnd(text, key->end) - 1 && !value->flow;
        const std::size_t keyColumn = columnOf(text, key->begin);
        const std::size_t valueColumn = columnOf(text, value->begin);
        if (below && valueColumn >= keyColumn) {
            if (value->isMapping() && !mapping && valueColumn > keyColumn)
                mapping = valueColumn - keyColumn;
            if (value->isSequence() && !list)
                list = valueColumn - keyColumn;
        }
        if (value->begin >= key->begin) // not an alias
            findIndentation(text, *value, mapping, list);
    }
    for (const NodePtr &item : node.items) {
        if (item->begin >= node.begin)
            findIndentation(text, *item, mapping, list);
    }
}

} // namespace

std::size_t lineStart(std::string_view text, std::size_t at)
{
    const std::size_t newline = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    return newline == std::string_view::npos ? 0 : newline + 1;
}

std::size_t lineEnd(std::string_view text, std::size_t at)
{
    const std::size_t newline = text.find('\n', at);
    return newline == std::string_view::npos ? text.size() : newline + 1;
}

std::size_t columnOf(std::string_view text, std::size_t at)
{
    const std::size_t start = lineStart(text, at);
    const bool mark = start == 0 && text.starts_with("\xEF\xBB\xBF") && at >= 3;
    return at - start - (mark ? 3 : 0);
}

bool endsWithLineBreak(std::string_view text, std::size_t at)
{
    return at > 0 && text[at - 1] == '\n';
}

std::string lineBreak(std::string_view text)
{
    return text.find("\r\n") != std::string_view::npos ? "\r\n" : "\n";
}

std::string indented(std::string_view block, std::size_t indent, bool firstToo, const std::string &eol)
{
    while (block.ends_with('\n') || block.ends_with('\r'))
        block.remove_suffix(1);
    std::string out;
    bool first = true;
    while (!block.empty()) {
        const std::size_t stop = std::min(block.find('\n'), block.size());
        std::string_view line = block.substr(0, stop);
        block.remove_prefix(std::min(stop + 1, block.size()));
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (!first)
            out += eol;
        if (!line.empty() && (!first || firstToo))
            out.append(indent, ' ');
        out += line;
        first = false;
    }
    return out;
}

bool standsBelowKey(std::string_view block)
{
    const std::size_t first = block.find_first_not_of(" \r\n");
    if (first == std::string_view::npos)
        return false;
    block.remove_prefix(first);
    const std::string_view line = block.substr(0, block.find('\n'));
    if (line == "-" || line.starts_with("- ") || line.starts_with('#'))
        return true;
    if (line.starts_with('|') || line.starts_with('>') || line.starts_with('{') || line.starts_with('['))
        return false;
    const bool quote = line.starts_with('"') || line.starts_with('\'');
    const std::string_view rest = quote ? line.substr(std::min(quotedEnd(line, 0), line.size())) : line;
    return rest.find(": ") != std::string_view::npos || rest.ends_with(':') || rest.ends_with(":\r");
}

Indentation indentationOf(std::string_view text, const Node &root)
{
    std::optional<std::size_t> mapping;
    std::optional<std::size_t> list;
    findIndentation(text, root, mapping, list);
    const Indentation usual;
    return {mapping.value_or(usual.mapping), list.value_or(usual.list)};
}

std::size_t behindColon(std::string_view text, const Node &key)
{
    const std::size_t colon = skipBlanksAndComments(text, key.end);
    return colon < text.size() && text[colon] == ':' ? colon + 1 : key.end;
}

ValueRange entryValueRange(std::string_view text, const Node &key, const Node &value)
{
    if (value.begin < key.begin)
        return aliasRange(text, behindColon(text, key));
    return {value.begin, value.end, false};
}

std::size_t itemDash(std::string_view text, const Node &list, std::size_t index)
{
    std::size_t dash = list.begin;
    for (std::size_t i = 1; i <= index; ++i)
        dash = skipBlanksAndComments(text, itemRange(text, list, i - 1).end);
    return dash;
}

ValueRange itemRange(std::string_view text, const Node &list, std::size_t index)
{
    std::size_t from = list.begin;
    for (std::size_t i = 0;; ++i) {
        const Node &item = *list.items[i];
        // In front of the item stand its dash, or the bracket or a comma.
        const std::size_t start = skipBlanksAndComments(text, from);
        const ValueRange range = item.begin > start || (item.begin == start && item.begin == item.end)
                                     ? ValueRange{item.begin, item.end, false}
                                     : aliasRange(text, start + 1);
        if (i == index)
            return range;
        from = range.end;
    }
}

} // namespace sallyport::yaml
