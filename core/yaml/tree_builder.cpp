// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/yaml/tree_builder.h"

#include "core/yaml/parse_message.h"
#include "core/yaml/scalar_text.h"

#include <algorithm>
#include <yaml-cpp/exceptions.h>

namespace sallyport::yaml {

namespace {

/// Aliases of aliases grow without bound; no manifest comes near this.
constexpr std::size_t mostExpandedNodes = 1'000'000;

} // namespace

TreeBuilder::TreeBuilder(const Source &source, std::size_t firstByte, std::size_t endByte)
    : m_source(source)
    , m_text(source.text.substr(0, endByte))
    , m_firstByte(firstByte)
{
}

std::shared_ptr<Node> TreeBuilder::make(NodeKind kind, const YAML::Mark &mark, const std::string &tag) const
{
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->begin = std::min(m_firstByte + static_cast<std::size_t>(std::max(mark.pos, 0)), m_text.size());
    node->end = node->begin;
    if (tag != "?" && tag != "!")
        node->tag = tag;
    return node;
}

void TreeBuilder::OnNull(const YAML::Mark &mark, YAML::anchor_t anchor)
{
    const auto node = make(NodeKind::Null, mark, {});
    setNullRange(*node, mark, anchor != 0);
    node->place = m_source.place(node->begin);
    if (anchor != 0)
        m_anchors[anchor] = node;
    place(node, node->end, 1);
}

void TreeBuilder::OnAlias(const YAML::Mark &mark, YAML::anchor_t anchor)
{
    const auto found = m_anchors.find(anchor);
    if (found == m_anchors.end())
        throw YAML::ParserException(mark, "the referenced anchor is not defined");
    const NodePtr node = found->second;
    if (std::any_of(m_levels.begin(), m_levels.end(), [&](const Level &level) { return level.node == node; }))
        throw YAML::ParserException(mark, "an anchor's value cannot hold an alias of itself");
    const std::size_t begin = make(NodeKind::Null, mark, {})->begin;
    std::size_t end = begin + 1; // `*name`
    while (end < m_text.size() && !isBlank(m_text[end]) &&
           std::string_view(",[]{}").find(m_text[end]) == std::string_view::npos)
        ++end;
    const auto expanded = m_expandedNodes.find(node.get());
    place(node, end, expanded == m_expandedNodes.end() ? 1 : expanded->second);
}

void TreeBuilder::OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                           const std::string &value)
{
    const auto node = make(NodeKind::Scalar, mark, tag);
    node->scalar = value;
    const std::size_t properties = propertiesEnd(m_text, node->begin);
    node->begin = skipProperties(m_text, node->begin);
    node->end = node->begin;
    setScalarRange(*node, mark);
    if (node->style == ScalarStyle::Plain && value.empty()) {
        // A tag without a value: what follows belongs to somebody else.
        node->begin = properties;
        node->end = properties;
    }
    node->place = m_source.place(node->begin);
    if (node->style == ScalarStyle::Plain && node->tag.empty() && plainType(value) == PlainType::Null)
        node->kind = NodeKind::Null;
    if (anchor != 0)
        m_anchors[anchor] = node;
    place(node, node->end, 1);
}

void TreeBuilder::OnSequenceStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value style)
{
    open(NodeKind::Sequence, mark, tag, anchor, style);
}

void TreeBuilder::OnMapStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value style)
{
    open(NodeKind::Mapping, mark, tag, anchor, style);
}

void TreeBuilder::setScalarRange(Node &node, const YAML::Mark &mark) const
{
    if (node.begin >= m_text.size())
        return;
    switch (m_text[node.begin]) {
    case '"':
    case '\'':
        node.style = m_text[node.begin] == '"' ? ScalarStyle::DoubleQuoted : ScalarStyle::SingleQuoted;
        node.end = quotedEnd(m_text, node.begin);
        if (node.end == std::string_view::npos) // the parser lets it pass
            throw YAML::ParserException(mark, "illegal EOF in scalar");
        break;
    case '|':
    case '>':
        node.style = m_text[node.begin] == '|' ? ScalarStyle::Literal : ScalarStyle::Folded;
        setBlockRange(node);
        break;
    default:
        node.end = plainEnd(m_text, node.begin, node.scalar);
        break;
    }
}

void TreeBuilder::setBlockRange(Node &node) const
{
    const BlockExtent extent = blockScalarExtent(m_text, node.begin, parentIndent());
    node.end = extent.end;
    node.blockIndent = extent.indent;
}

/// A null that is not written has the mark of what follows; it belongs behind its colon or dash.
void TreeBuilder::setNullRange(Node &node, const YAML::Mark &mark, bool anchored) const
{
    std::size_t expected = 0;
    if (!m_levels.empty()) {
        const Level &level = m_levels.back();
        if (level.key) {
            const std::size_t colon = skipBlanksAndComments(m_text, level.key->end);
            const bool hasColon = colon < m_text.size() && m_text[colon] == ':';
            expected = hasColon ? colon + 1 : level.key->end;
            // The parser takes the last line of a mapping for a key even without its colon.
            const std::size_t line = m_source.lines.start(m_source.lines.lineOf(level.key->begin));
            const bool isExplicit =
                m_text.substr(line, level.key->begin - line).find('?') != std::string_view::npos;
            if (!hasColon && !level.node->flow && !isExplicit && level.key->begin >= level.node->begin)
                throw YAML::ParserException(mark, missingColon);
        } else {
            expected = std::max(level.end, level.node->begin);
            if (level.node->isSequence() && !level.node->flow) {
                expected = skipBlanksAndComments(m_text, expected);
                expected += expected < m_text.size() && m_text[expected] == '-' ? 1 : 0;
            }
        }
    }
    if (anchored)
        expected = propertiesEnd(m_text, skipBlanksAndComments(m_text, expected));
    const std::size_t value = skipBlanksAndComments(m_text, expected);
    const std::size_t stop = std::min(m_text.find_first_of(" \t\r\n,]}", value), m_text.size());
    const std::string_view word = m_text.substr(value, stop - value);
    const bool written =
        node.begin >= expected && node.begin <= value && !word.empty() && plainType(word) == PlainType::Null;
    node.begin = written ? value : std::min(expected, m_text.size());
    node.end = written ? stop : node.begin;
}

/// How deep the collection stands that the next value belongs to.
int TreeBuilder::parentIndent() const
{
    if (m_levels.empty())
        return -1;
    const Level &level = m_levels.back();
    return static_cast<int>(m_source.lines.columnOf(level.node->begin));
}

void TreeBuilder::open(NodeKind kind, const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style)
{
    const auto node = make(kind, mark, tag);
    node->flow = style == YAML::EmitterStyle::Flow;
    // Without properties of its own, it begins with those of its first key.
    if (anchor != 0 || !node->tag.empty())
        node->begin = skipProperties(m_text, node->begin);
    node->end = node->begin;
    node->place = m_source.place(node->begin);
    if (anchor != 0)
        m_anchors[anchor] = node;
    m_levels.push_back({node, nullptr, node->begin, 1});
}

void TreeBuilder::close()
{
    const Level level = std::move(m_levels.back());
    m_levels.pop_back();
    Node &node = *level.node;
    node.end = level.end;
    const char opening = node.isMapping() ? '{' : '[';
    // `[a: b]` holds a mapping without braces.
    if (node.flow && node.begin < m_text.size() && m_text[node.begin] == opening) {
        const bool empty = node.entries.empty() && node.items.empty();
        node.end = flowEnd(m_text, empty ? node.begin + 1 : std::max(level.end, node.begin + 1),
                           node.isMapping() ? '}' : ']');
    }
    m_expandedNodes[&node] = level.expandedNodes;
    place(level.node, node.end, level.expandedNodes);
}

void TreeBuilder::place(const NodePtr &node, std::size_t end, std::size_t expandedNodes)
{
    if (m_levels.empty()) {
        m_root = node;
        return;
    }
    Level &level = m_levels.back();
    level.end = std::max(level.end, end);
    level.expandedNodes += expandedNodes;
    if (level.expandedNodes > mostExpandedNodes)
        throw YAML::ParserException(YAML::Mark(), "its aliases unfold to more than a million values");
    if (level.node->isSequence()) {
        level.node->items.push_back(node);
    } else if (!level.key) {
        checkDuplicate(*level.node, *node);
        level.key = node;
    } else {
        level.node->entries.emplace_back(std::move(level.key), node);
        level.key = nullptr;
    }
}

void TreeBuilder::checkDuplicate(const Node &mapping, const Node &key)
{
    const bool taken = std::any_of(mapping.entries.begin(), mapping.entries.end(), [&](const auto &entry) {
        return entry.first->scalar == key.scalar && entry.first->kind == key.kind && key.isScalar();
    });
    if (taken)
        m_duplicateKeys.push_back(Error{"the key \"" + key.scalar + "\" is given twice", key.place,
                                        "one mapping has each key once; take one out"});
}

} // namespace sallyport::yaml
