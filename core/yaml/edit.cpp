// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/yaml/edit.h"

#include <algorithm>

namespace sallyport::yaml {

namespace {

std::size_t lineStart(std::string_view text, std::size_t at)
{
    const std::size_t newline = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    return newline == std::string_view::npos ? 0 : newline + 1;
}

/// One past the newline that ends the line of `at`.
std::size_t lineEnd(std::string_view text, std::size_t at)
{
    const std::size_t newline = text.find('\n', at);
    return newline == std::string_view::npos ? text.size() : newline + 1;
}

std::string newline(std::string_view text)
{
    return text.find("\r\n") != std::string_view::npos ? "\r\n" : "\n";
}

/// `block` with every line after the first (or every line) indented by `indent` columns and the file's line
/// ends.
std::string indented(std::string_view block, std::size_t indent, bool firstToo, const std::string &eol)
{
    std::string out;
    bool first = true;
    while (!block.empty()) {
        const std::size_t stop = std::min(block.find('\n'), block.size());
        const std::string_view line = block.substr(0, stop);
        block.remove_prefix(std::min(stop + 1, block.size()));
        if (!first)
            out += eol;
        if (!line.empty() && (!first || firstToo))
            out.append(indent, ' ');
        out += line;
        first = false;
    }
    return out;
}

std::size_t column(std::string_view text, std::size_t at)
{
    return at - lineStart(text, at);
}

/// How deep the children of a block mapping stand.
std::size_t entryIndent(std::string_view text, const Node &mapping)
{
    return mapping.entries.empty() ? column(text, mapping.begin)
                                   : column(text, mapping.entries.front().first->begin);
}

bool endsWithLineBreak(std::string_view text, std::size_t at)
{
    return at > 0 && text[at - 1] == '\n';
}

/// Where new lines go after a block node: behind the comment on its last line.
std::size_t afterBlock(std::string_view text, std::size_t end)
{
    return endsWithLineBreak(text, end) ? end : lineEnd(text, end);
}

bool isMultiLine(std::string_view block)
{
    return block.find('\n') != std::string_view::npos;
}

bool isBlockCollection(std::string_view block)
{
    const std::size_t first = block.find_first_not_of(' ');
    if (first == std::string_view::npos)
        return false;
    const std::string_view line = block.substr(first, block.find('\n') - first);
    const bool item = line.starts_with("- ") || line == "-";
    const bool flow =
        line.starts_with('{') || line.starts_with('[') || line.starts_with('"') || line.starts_with('\'');
    const bool key = !flow && (line.find(": ") != std::string_view::npos || line.ends_with(':'));
    return item || key;
}

/// `key: value` or `key:` with the block below it.
std::string entryText(const std::string &key, std::string_view block, const std::string &eol)
{
    const std::string name = scalarText(key, ScalarType::String, ScalarStyle::Plain, false);
    if (!isMultiLine(block) && !isBlockCollection(block))
        return name + ": " + std::string(block);
    const bool sequence = block.starts_with("- ");
    return name + ':' + eol + indented(block, sequence ? 0 : 2, true, eol);
}

/// Wraps `block` in the missing keys of `steps`, innermost last.
Result<std::string> nested(const std::vector<PathStep> &steps, std::size_t from, std::string block,
                           const std::string &eol)
{
    for (std::size_t i = steps.size(); i-- > from;) {
        if (steps[i].index > 0)
            return fail("the list has no item " + std::to_string(steps[i].index) + " to change");
        block =
            steps[i].index == 0 ? "- " + indented(block, 2, false, eol) : entryText(steps[i].key, block, eol);
    }
    return block;
}

struct Found
{
    const Node *node = nullptr; ///< the innermost that exists
    const Node *key = nullptr;  ///< its key, if it is a mapping's value
    std::size_t depth = 0;      ///< steps that exist
    std::vector<NodePtr> keepAlive;
};

Found walk(const Node &root, const std::vector<PathStep> &steps)
{
    Found found;
    found.node = &root;
    for (const PathStep &step : steps) {
        NodePtr next;
        NodePtr key;
        if (step.index < 0) {
            for (const auto &[name, value] : found.node->entries) {
                if (name->scalar == step.key) {
                    key = name;
                    next = value;
                }
            }
        } else if (found.node->isSequence() &&
                   static_cast<std::size_t>(step.index) < found.node->items.size()) {
            next = found.node->items[static_cast<std::size_t>(step.index)];
        }
        if (!next)
            return found;
        found.keepAlive.push_back(next);
        found.node = next.get();
        found.key = key.get();
        ++found.depth;
    }
    return found;
}

TextEdit insertLines(std::string_view text, std::size_t at, std::size_t indent, const std::string &lines,
                     const std::string &eol)
{
    const bool needsBreak = at > 0 && !endsWithLineBreak(text, at);
    return {at, at,
            (needsBreak ? eol : std::string()) + indented(lines, indent, true, eol) +
                (needsBreak ? std::string() : eol)};
}

Result<TextEdit> addBelow(std::string_view text, const Found &found, const std::vector<PathStep> &steps,
                          std::string_view block)
{
    const std::string eol = newline(text);
    const Node &node = *found.node;
    Result<std::string> lines = nested(steps, found.depth, std::string(block), eol);
    if (!lines)
        return fail(lines.error());
    if (node.isMapping() && node.flow) {
        if (isMultiLine(*lines))
            return fail("a block cannot be added inside { }", node.place,
                        "write the mapping on lines of its own");
        const std::size_t at = node.end - 1;
        return TextEdit{at, at, (node.entries.empty() ? "" : ", ") + *lines};
    }
    if (node.isMapping()) {
        // `- ` items and keys alike: new keys stand where their siblings stand.
        return insertLines(text, afterBlock(text, node.end), entryIndent(text, node), *lines, eol);
    }
    if (node.isSequence() && steps[found.depth].index == static_cast<int>(node.items.size()) && !node.flow) {
        const std::size_t dash = text.rfind('-', node.items.back()->begin);
        return insertLines(text, afterBlock(text, node.end), column(text, dash), *lines, eol);
    }
    if (node.isNull() && found.key) {
        const std::size_t indent = column(text, found.key->begin);
        const std::size_t colon = text.find(':', found.key->end);
        const bool item = lines->starts_with("- ");
        return TextEdit{colon + 1, std::max(colon + 1, node.end),
                        eol + indented(*lines, indent + (item ? 0 : 2), true, eol)};
    }
    return fail("this cannot hold a field", node.place, "it is not a mapping");
}

} // namespace

std::string applied(std::string_view text, const TextEdit &edit)
{
    return std::string(text.substr(0, edit.begin)) + edit.replacement + std::string(text.substr(edit.end));
}

Result<TextEdit> setScalar(std::string_view text, const Node &root, std::string_view path,
                           std::string_view value, ScalarType type)
{
    const std::vector<PathStep> steps = parsePath(path);
    const Found found = walk(root, steps);
    if (found.depth < steps.size())
        return addBelow(text, found, steps, scalarText(value, type, ScalarStyle::Plain, false));
    const Node &node = *found.node;
    if (node.isNull() && found.key && node.end <= found.key->end) {
        const std::size_t colon = text.find(':', found.key->end);
        return TextEdit{colon + 1, colon + 1, ' ' + scalarText(value, type, ScalarStyle::Plain, false)};
    }
    if (!node.isScalar() && !node.isNull())
        return fail("a list or a mapping stands here, not a value", node.place);
    const bool block = node.style == ScalarStyle::Literal || node.style == ScalarStyle::Folded;
    const bool inFlow = text.substr(0, node.begin).rfind('{') != std::string_view::npos &&
                        lineStart(text, node.begin) <= text.substr(0, node.begin).rfind('{');
    const std::string written = scalarText(value, type, block ? ScalarStyle::Plain : node.style, inFlow);
    const bool keepBreak = block && endsWithLineBreak(text, node.end);
    return TextEdit{node.begin, node.end, written + (keepBreak ? newline(text) : std::string())};
}

Result<TextEdit> setBlock(std::string_view text, const Node &root, std::string_view path,
                          std::string_view block)
{
    while (block.ends_with('\n'))
        block.remove_suffix(1);
    const std::vector<PathStep> steps = parsePath(path);
    const Found found = walk(root, steps);
    if (found.depth < steps.size())
        return addBelow(text, found, steps, block);
    const std::string eol = newline(text);
    const Node &node = *found.node;
    if (found.key) {
        const std::size_t indent = column(text, found.key->begin);
        const std::size_t end = std::max(node.end, found.key->end);
        const bool keepBreak = endsWithLineBreak(text, end);
        const std::string entry = indented(entryText(steps.back().key, block, "\n"), indent, false, eol);
        const std::size_t begin = found.key->begin;
        const std::size_t stop =
            node.isNull() && node.end <= found.key->end ? text.find(':', found.key->end) + 1 : end;
        return TextEdit{begin, stop, entry + (keepBreak ? eol : std::string())};
    }
    return TextEdit{node.begin, node.end, indented(block, column(text, node.begin), false, eol)};
}

Result<TextEdit> removeAt(std::string_view text, const Node &root, std::string_view path)
{
    const std::vector<PathStep> steps = parsePath(path);
    const Found found = walk(root, steps);
    if (found.depth < steps.size() || steps.empty())
        return fail("there is no " + std::string(path) + " to remove", root.place);
    const std::vector<PathStep> parentSteps(steps.begin(), steps.end() - 1);
    const Found parent = walk(root, parentSteps);
    const Node &holder = *parent.node;
    if (holder.flow)
        return fail("an entry inside { } or [ ] is removed by hand", holder.place);
    const std::size_t siblings = holder.entries.size() + holder.items.size();
    // The last child takes its parent's key along: `match:` with nothing below would mean something else than
    // no match.
    if (siblings == 1 && !parentSteps.empty()) {
        std::string parentPath;
        for (const PathStep &step : parentSteps)
            parentPath += step.index < 0 ? ".[\"" + step.key + "\"]" : '[' + std::to_string(step.index) + ']';
        return removeAt(text, root, parentPath);
    }
    const Node &node = *found.node;
    const std::size_t start = found.key ? found.key->begin : text.rfind('-', node.begin);
    const std::size_t end = afterBlock(text, std::max(node.end, found.key ? found.key->end : node.end));
    const std::size_t line = lineStart(text, start);
    const std::string_view before = text.substr(line, start - line);
    if (before.find_first_not_of(' ') != std::string_view::npos) {
        // The first key of a list item shares its line with the dash: the next key moves up to it.
        const std::size_t next = text.find_first_not_of(' ', end);
        return TextEdit{start, next == std::string_view::npos ? end : next, {}};
    }
    return TextEdit{line, end, {}};
}

Result<TextEdit> appendItem(std::string_view text, const Node &root, std::string_view path,
                            std::string_view block)
{
    const NodePtr list = root.at(path);
    const std::size_t count = list && list->isSequence() ? list->items.size() : 0;
    return setBlock(text, root, std::string(path) + '[' + std::to_string(count) + ']', block);
}

TextEdit appendDocument(std::string_view text, std::string_view document)
{
    const std::string eol = newline(text);
    std::string added;
    if (!text.empty() && !endsWithLineBreak(text, text.size()))
        added += eol;
    if (text.find_first_not_of(" \t\r\n") != std::string_view::npos)
        added += "---" + eol;
    std::string lines = indented(document, 0, true, eol);
    if (!lines.ends_with('\n'))
        lines += eol;
    return {text.size(), text.size(), added + lines};
}

} // namespace sallyport::yaml
