// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/yaml/new_entry.h"

#include "core/yaml/scan.h"

#include <algorithm>

namespace sallyport::yaml {

namespace {

/// `key: value`, or `key:` with the block below it.
std::string entryText(const std::string &key, std::string_view block, const Indentation &indentation,
                      const std::string &eol)
{
    const std::string name = scalarText(key, ScalarType::String, ScalarStyle::Plain, false);
    if (!standsBelowKey(block))
        return name + ": " + indented(block, 0, true, eol);
    const bool list = block.substr(block.find_first_not_of(" \r\n")).starts_with('-');
    return name + ':' + eol + indented(block, list ? indentation.list : indentation.mapping, true, eol);
}

/// The same on one line, for a place inside brackets.
Result<std::string> nestedInFlow(const std::vector<PathStep> &steps, std::size_t from, std::string block,
                                 const Node &holder)
{
    if (standsBelowKey(block) || block.find('\n') != std::string::npos)
        return fail("a block cannot be added inside { } or [ ]", holder.place,
                    "write the outer value on lines of its own first");
    for (std::size_t i = steps.size(); i-- > from;) {
        const bool outermost = i == from;
        if (steps[i].index >= 0) {
            block = outermost ? block : '[' + block + ']';
        } else {
            block = scalarText(steps[i].key, ScalarType::String, ScalarStyle::Plain, true) + ": " + block;
            block = outermost ? block : '{' + block + '}';
        }
    }
    return block;
}

Result<TextEdit> addToCollection(std::string_view text, const Node &root, const FoundNode &found,
                                 const std::vector<PathStep> &steps, const std::string &block)
{
    const std::string eol = lineBreak(text);
    const Indentation indentation = indentationOf(text, root);
    const Node &node = *found.node;
    const bool empty = node.entries.empty() && node.items.empty();
    const bool wantsItem = steps[found.depth].index >= 0;
    if (!empty && (node.isSequence() != wantsItem ||
                   (wantsItem && steps[found.depth].index != static_cast<int>(node.items.size()))))
        return fail(wantsItem ? "there is no such item" : "this cannot hold a field", node.place,
                    node.isSequence() ? "the list has " + std::to_string(node.items.size()) + " items"
                                      : "it is no list");
    const bool staysInBrackets = found.inFlow || (node.flow && (!empty || !found.key));
    if (staysInBrackets) {
        Result<std::string> entry = nestedInFlow(steps, found.depth, block, node);
        if (!entry)
            return fail(entry.error());
        if (empty) {
            const std::string opening = wantsItem ? "[" : "{";
            const std::string closing = wantsItem ? "]" : "}";
            return TextEdit{node.begin, std::max(node.begin, node.end), opening + *entry + closing};
        }
        const std::size_t last =
            node.isSequence()
                ? itemRange(text, node, node.items.size() - 1).end
                : entryValueRange(text, *node.entries.back().first, *node.entries.back().second).end;
        return TextEdit{last, last, ", " + *entry};
    }
    Result<std::string> lines = nested(steps, found.depth, block, indentation, eol);
    if (!lines)
        return fail(lines.error());
    if (empty) {
        if (!found.key)
            return fail("this cannot hold a field", node.place, "write its first field by hand");
        return putBelowKey(text, *found.key, found.range, *lines, indentation, eol);
    }
    const std::size_t indent = node.isSequence() ? columnOf(text, itemDash(text, node, node.items.size() - 1))
                                                 : columnOf(text, node.begin);
    return insertLines(text, behindLines(text, node.end), indent, *lines, eol);
}

} // namespace

TextEdit insertLines(std::string_view text, std::size_t at, std::size_t indent, std::string_view lines,
                     const std::string &eol)
{
    const bool needsBreak = at > 0 && !endsWithLineBreak(text, at);
    const std::string body = indented(lines, indent, true, eol);
    return {at, at, needsBreak ? eol + body : body + eol};
}

std::size_t behindLines(std::string_view text, std::size_t end)
{
    return endsWithLineBreak(text, end) ? end : lineEnd(text, end);
}

TextEdit putBelowKey(std::string_view text, const Node &key, const ValueRange &value, std::string_view block,
                     const Indentation &indentation, const std::string &eol)
{
    const std::size_t colon = behindColon(text, key);
    const bool list = block.substr(block.find_first_not_of(" \r\n")).starts_with('-');
    const std::size_t indent = columnOf(text, key.begin) + (list ? indentation.list : indentation.mapping);
    const std::size_t valueEnd = std::max(value.end, colon);
    const std::string body = indented(block, indent, true, eol);
    if (endsWithLineBreak(text, valueEnd)) // a block scalar
        return {colon, valueEnd, eol + body + eol};
    // A comment behind the old value stays on the key's line.
    std::size_t stop = lineEnd(text, valueEnd);
    std::string_view rest = text.substr(valueEnd, stop - valueEnd);
    while (rest.ends_with('\n') || rest.ends_with('\r')) {
        rest.remove_suffix(1);
        --stop;
    }
    const bool comment = skipBlanksAndComments(rest, 0) == rest.size();
    if (!comment)
        return {colon, valueEnd, eol + body};
    return {colon, stop, std::string(rest.find('#') == std::string_view::npos ? "" : rest) + eol + body};
}

Result<std::string> nested(const std::vector<PathStep> &steps, std::size_t from, std::string block,
                           const Indentation &indentation, const std::string &eol)
{
    for (std::size_t i = steps.size(); i-- > from;) {
        if (steps[i].index > 0 && i > from)
            return fail("the list has no item " + std::to_string(steps[i].index) + " to change");
        block = steps[i].index >= 0 ? "- " + indented(block, 2, false, eol)
                                    : entryText(steps[i].key, block, indentation, eol);
    }
    return block;
}

std::string addedScalarText(std::string_view value, ScalarType type, const std::string &eol, bool inFlow)
{
    if (type == ScalarType::AsBefore)
        type = plainType(value) == PlainType::Text || value.empty() ? ScalarType::String : ScalarType::Number;
    // Blank lines at its end would be lost between the lines that are inserted.
    const bool isBlock = value.find('\n') != std::string_view::npos && !value.ends_with("\n\n");
    if (type == ScalarType::String && !inFlow && isBlock) {
        constexpr std::size_t relativeIndent = 2;
        if (const auto literal = literalText(value, relativeIndent, eol))
            return *literal;
    }
    return scalarText(value, type, ScalarStyle::Plain, inFlow);
}

Result<TextEdit> addBelow(std::string_view text, const Node &root, const FoundNode &found,
                          const std::vector<PathStep> &steps, const std::string &block)
{
    if (found.range.isAlias)
        return fail("this comes from an anchor through an alias", found.node->place,
                    "change it where the anchor is, or write it out in place of the alias");
    if (found.node->isScalar())
        return fail("this cannot hold a field", found.node->place, "it is a value, not a mapping");
    return addToCollection(text, root, found, steps, block);
}

} // namespace sallyport::yaml
