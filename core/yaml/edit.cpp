// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/yaml/edit.h"

#include "core/yaml/found_node.h"
#include "core/yaml/layout.h"
#include "core/yaml/new_entry.h"
#include "core/yaml/scan.h"

#include <algorithm>

namespace sallyport::yaml {

namespace {

/// What a scalar's text would be, decided by what stood there before.
std::string newScalarText(const FoundNode &found, std::string_view value, ScalarType type,
                          const std::string &eol, std::string_view text)
{
    const Node &before = *found.node;
    const bool block = before.style == ScalarStyle::Literal || before.style == ScalarStyle::Folded;
    if (type == ScalarType::AsBefore) {
        const bool typed = before.isScalar() && before.style == ScalarStyle::Plain &&
                           plainType(before.scalar) != PlainType::Text;
        // A number stays one; what was text and looks like a number now is quoted.
        const bool stays = before.isNull() || (typed && plainType(value) == plainType(before.scalar));
        type = stays && plainType(value) != PlainType::Text && plainType(value) != PlainType::Null
                   ? ScalarType::Number
                   : ScalarType::String;
    }
    if (block && type == ScalarType::String && value.find('\n') != std::string_view::npos && !found.inFlow) {
        const std::size_t indent =
            before.blockIndent > 0 ? before.blockIndent : columnOf(text, lineStart(text, before.begin)) + 2;
        if (const auto literal = literalText(value, indent, eol))
            return *literal;
    }
    return scalarText(value, type, block ? ScalarStyle::Plain : before.style, found.inFlow);
}

/// A block scalar's header may stand on a line of its own and no deeper than its key, where no other value
/// may.
std::string missingIndent(std::string_view text, const FoundNode &found)
{
    if (!found.parent || found.inFlow || found.parent->flow)
        return {};
    const std::size_t holder = found.key ? found.key->begin : itemDash(text, *found.parent, found.index);
    const std::size_t value = found.node->begin;
    if (lineStart(text, value) <= holder || columnOf(text, value) > columnOf(text, holder))
        return {};
    return std::string(columnOf(text, holder) + 1 - columnOf(text, value), ' ');
}

Result<TextEdit> replaceScalar(std::string_view text, const FoundNode &found, std::string_view value,
                               ScalarType type)
{
    const Node &node = *found.node;
    const std::string eol = lineBreak(text);
    if (found.range.isAlias)
        return TextEdit{found.range.begin, found.range.end,
                        scalarText(value, type == ScalarType::AsBefore ? ScalarType::String : type,
                                   ScalarStyle::Plain, found.inFlow)};
    if (!node.isScalar() && !node.isNull())
        return fail("a list or a mapping stands here, not a value", node.place);
    const std::string written = newScalarText(found, value, type, eol, text);
    // Behind a colon, a dash or a tag a blank must stand, unless a quote does.
    const bool apart = node.begin == 0 || isBlank(text[node.begin - 1]) ||
                       std::string_view("[{,").find(text[node.begin - 1]) != std::string_view::npos;
    const bool quotes = node.end > node.begin && (written.front() == '"' || written.front() == '\'');
    const std::string gap = apart || quotes ? missingIndent(text, found) : " ";
    if (node.begin == node.end)
        return TextEdit{node.begin, node.end, gap + written};
    const bool keepBreak = endsWithLineBreak(text, node.end);
    return TextEdit{node.begin, node.end, gap + written + (keepBreak ? eol : std::string())};
}

/// `text` has `value` at `path` of the document that holds byte `within`. YAML has corners where a scalar's
/// own bytes decide how its neighbours are read: an edit that would change those is not made.
bool reads(const std::string &text, std::size_t within, std::string_view path, std::string_view value)
{
    for (const Document &document : parseDocuments(text, {})) {
        if (within < document.begin || within >= document.end || !document.root)
            continue;
        const NodePtr node = document.root->at(path);
        return node && node->scalar == value;
    }
    return false;
}

/// A value that stands on lines below its key, replaced by one line's worth.
TextEdit pullUpToKey(std::string_view text, const Node &key, const ValueRange &value, const std::string &line,
                     const std::string &eol)
{
    const std::size_t colon = behindColon(text, key);
    std::string between(text.substr(colon, lineStart(text, value.begin) - colon)); // comments
    if (!endsWithLineBreak(text, value.end) && between.ends_with(eol))
        between.resize(between.size() - eol.size());
    return {colon, value.end, ' ' + line + between};
}

std::string joined(const std::vector<PathStep> &steps)
{
    std::string path;
    for (const PathStep &step : steps)
        path += step.index < 0 ? "[\"" + step.key + "\"]" : '[' + std::to_string(step.index) + ']';
    return path;
}

/// An entry of a flow collection goes with the comma that parted it from its neighbour.
TextEdit removeFromFlow(std::string_view text, const FoundNode &found)
{
    const Node &holder = *found.parent;
    const auto begin = [&](std::size_t i) {
        return holder.isMapping() ? holder.entries[i].first->begin : itemRange(text, holder, i).begin;
    };
    const auto end = [&](std::size_t i) {
        if (!holder.isMapping())
            return itemRange(text, holder, i).end;
        const auto &[key, value] = holder.entries[i];
        return std::max(entryValueRange(text, *key, *value).end, key->end);
    };
    const std::size_t count = holder.entries.size() + holder.items.size();
    if (found.index + 1 < count)
        return {begin(found.index), begin(found.index + 1), {}};
    return {end(found.index - 1), end(found.index), {}};
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
    const Result<FoundNode> found = findNode(text, root, steps);
    if (!found)
        return fail(found.error());
    if (found->depth == steps.size()) {
        const Result<TextEdit> edit = replaceScalar(text, *found, value, type);
        if (edit && !reads(applied(text, *edit), root.begin, path, value))
            return fail("the value cannot be changed where it stands", found->node->place,
                        "make the change in the text");
        return edit;
    }
    const bool inFlow = found->inFlow || (found->node->flow && !found->node->entries.empty());
    return addBelow(text, root, *found, steps, addedScalarText(value, type, lineBreak(text), inFlow));
}

Result<TextEdit> setBlock(std::string_view text, const Node &root, std::string_view path,
                          std::string_view block)
{
    const std::vector<PathStep> steps = parsePath(path);
    const Result<FoundNode> found = findNode(text, root, steps);
    if (!found)
        return fail(found.error());
    const std::string eol = lineBreak(text);
    const std::string body = indented(block, 0, true, "\n");
    if (body.empty())
        return fail("there is nothing to put at " + std::string(path), root.place);
    if (found->depth < steps.size())
        return addBelow(text, root, *found, steps, body);
    const Node &node = *found->node;
    const ValueRange &value = found->range;
    const bool below = standsBelowKey(body);
    if (found->inFlow) {
        if (below || body.find('\n') != std::string::npos)
            return fail("a block cannot be put inside { } or [ ]", node.place,
                        "write the outer value on lines of its own first");
        return TextEdit{value.begin, value.end, body};
    }
    const bool written = value.end > value.begin;
    if (!found->key) {
        const std::size_t column =
            found->parent ? columnOf(text, itemDash(text, *found->parent, found->index)) + 2 : 0;
        const bool keepBreak = written && endsWithLineBreak(text, value.end);
        return TextEdit{value.begin, value.end,
                        (written ? "" : " ") + indented(body, column, false, eol) +
                            (keepBreak ? eol : std::string())};
    }
    const bool onLaterLine = written && lineStart(text, value.begin) > found->key->begin;
    if (below && onLaterLine) {
        const Indentation indentation = indentationOf(text, root);
        const std::size_t indent = columnOf(text, found->key->begin) +
                                   (body.starts_with('-') ? indentation.list : indentation.mapping);
        const bool keepBreak = endsWithLineBreak(text, value.end);
        return TextEdit{lineStart(text, value.begin), value.end,
                        indented(body, indent, true, eol) + (keepBreak ? eol : std::string())};
    }
    if (below)
        return putBelowKey(text, *found->key, value, body, indentationOf(text, root), eol);
    const std::string line = indented(body, columnOf(text, found->key->begin), false, eol);
    if (onLaterLine)
        return pullUpToKey(text, *found->key, value, line, eol);
    const bool keepBreak = written && endsWithLineBreak(text, value.end);
    return TextEdit{value.begin, value.end, (written ? "" : " ") + line + (keepBreak ? eol : std::string())};
}

Result<TextEdit> removeAt(std::string_view text, const Node &root, std::string_view path)
{
    const std::vector<PathStep> steps = parsePath(path);
    const Result<FoundNode> found = findNode(text, root, steps);
    if (!found)
        return fail(found.error());
    if (found->depth < steps.size() || steps.empty())
        return fail("there is no " + std::string(path) + " to remove", root.place);
    const Node &holder = *found->parent;
    const std::size_t siblings = holder.entries.size() + holder.items.size();
    if (siblings == 1 && steps.size() > 1)
        return removeAt(text, root, joined({steps.begin(), steps.end() - 1}));
    if (holder.flow)
        return siblings == 1 ? TextEdit{holder.begin + 1, holder.end - 1, {}} : removeFromFlow(text, *found);
    const std::size_t start = found->key ? found->key->begin : itemDash(text, holder, found->index);
    const std::size_t valueEnd =
        std::max(found->range.end, found->key ? behindColon(text, *found->key) : start + 1);
    const std::size_t end = behindLines(text, valueEnd);
    const std::size_t line = lineStart(text, start);
    const bool sharesLine = skipBlanksAndComments(text, line) < start;
    if (sharesLine) {
        // The first key of a list item stands behind the dash: the next key moves up to it.
        const std::size_t next = skipBlanksAndComments(text, end);
        return TextEdit{start, std::max(next, start), {}};
    }
    return TextEdit{line, end, {}};
}

Result<TextEdit> appendItem(std::string_view text, const Node &root, std::string_view path,
                            std::string_view block)
{
    const NodePtr list = root.at(path);
    if (list && !list->isNull() && !list->isSequence())
        return fail("there is no list here to add to", list->place);
    const std::size_t count = list ? list->items.size() : 0;
    return setBlock(text, root, std::string(path) + '[' + std::to_string(count) + ']', block);
}

Result<TextEdit> insertItem(std::string_view text, const Node &root, std::string_view path, std::size_t index,
                            std::string_view block)
{
    const NodePtr list = root.at(path);
    if (!list || !list->isSequence() || index >= list->items.size())
        return appendItem(text, root, path, block);
    const std::vector<PathStep> steps = parsePath(std::string(path) + '[' + std::to_string(index) + ']');
    const Result<FoundNode> found = findNode(text, root, steps);
    if (!found)
        return fail(found.error());
    const std::string body = indented(block, 0, true, "\n");
    if (body.empty())
        return fail("there is nothing to put at " + std::string(path), root.place);
    if (list->flow || found->inFlow) {
        if (standsBelowKey(body) || body.find('\n') != std::string::npos)
            return fail("a block cannot be put inside { } or [ ]", list->place,
                        "write the outer value on lines of its own first");
        return TextEdit{found->range.begin, found->range.begin, body + ", "};
    }
    const std::string eol = lineBreak(text);
    const std::size_t dash = itemDash(text, *list, index);
    std::size_t at = lineStart(text, dash);
    if (skipBlanksAndComments(text, at) < dash)
        return fail("the list begins on the line of another list", list->place,
                    "make the change in the text");
    const auto isComment = [text](std::size_t line) {
        const std::size_t first = text.find_first_not_of(" \t", line);
        return first != std::string_view::npos && text[first] == '#';
    };
    // What looks like a comment may be the end of the item before: a literal block.
    const std::size_t floor = index > 0 ? itemRange(text, *list, index - 1).end : 0;
    while (at > floor && isComment(lineStart(text, at - 1)) && lineStart(text, at - 1) >= floor)
        at = lineStart(text, at - 1);
    return insertLines(text, at, columnOf(text, dash), "- " + indented(body, 2, false, eol), eol);
}

Result<TextEdit> setEmbeddedScalar(std::string_view text, const Node &root, std::string_view path,
                                   std::string_view innerPath, std::string_view value, ScalarType type)
{
    const std::vector<PathStep> steps = parsePath(path);
    const Result<FoundNode> found = findNode(text, root, steps);
    if (!found)
        return fail(found.error());
    const Node &node = *found->node;
    const bool exists = found->depth == steps.size();
    if (exists && !node.isScalar() && !node.isNull())
        return fail("a list or a mapping stands here, not a text", node.place);
    std::string inner = exists && node.isScalar() ? node.scalar : std::string();
    const std::optional<Document> document = exists && node.isScalar() ? parseEmbedded(node) : std::nullopt;
    if (document && document->error)
        return fail(*document->error);
    if (!document) {
        Result<std::string> lines =
            nested(parsePath(innerPath), 0, addedScalarText(value, type, "\n", false), Indentation(), "\n");
        if (!lines)
            return fail(lines.error());
        inner += *lines + '\n';
    } else {
        Result<TextEdit> edit = setScalar(inner, *document->root, innerPath, value, type);
        if (!edit)
            return fail(edit.error());
        inner = applied(inner, *edit);
    }
    return setScalar(text, root, path, inner, ScalarType::String);
}

TextEdit appendDocument(std::string_view text, std::string_view document)
{
    const std::string eol = lineBreak(text);
    std::string added;
    if (!text.empty() && !endsWithLineBreak(text, text.size()))
        added += eol;
    if (holdsAnything(text) && !document.starts_with("---"))
        added += "---" + eol;
    return {text.size(), text.size(), added + indented(document, 0, true, eol) + eol};
}

TextEdit removeDocument(std::string_view text, const Document &document)
{
    const std::size_t markerLine = lineStart(text, document.begin);
    const bool hasMarker = text.substr(markerLine).starts_with("---");
    if (hasMarker)
        return {markerLine, document.end, {}};
    // The first document: the next one needs no marker any more.
    std::size_t end = document.end;
    const std::string_view rest = text.substr(end, lineEnd(text, end) - end);
    if (rest == "---\n" || rest == "---\r\n")
        end += rest.size();
    return {document.begin, end, {}};
}

} // namespace sallyport::yaml
