// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/yaml/node.h"
#include "core/yaml/scan.h"

#include <functional>
#include <map>
#include <yaml-cpp/eventhandler.h>

namespace sallyport::yaml {

/// A text and how its bytes are named in messages.
struct Source
{
    explicit Source(std::string_view sourceText,
                    std::function<Place(std::size_t line, std::size_t column)> namer)
        : text(sourceText)
        , lines(sourceText)
        , name(std::move(namer))
    {
    }
    Place place(std::size_t offset) const { return name(lines.lineOf(offset), lines.columnOf(offset)); }

    std::string_view text;
    LineTable lines;
    std::function<Place(std::size_t line, std::size_t column)> name; ///< both from 0
};

/// Makes nodes with byte ranges of the events of yaml-cpp's parser. Throws YAML::ParserException, as the
/// parser does.
class TreeBuilder : public YAML::EventHandler
{
public:
    /// The parsed part of the source is [firstByte, endByte): the parser's marks count from there.
    TreeBuilder(const Source &source, std::size_t firstByte, std::size_t endByte);

    NodePtr root() const { return m_root; }
    std::vector<Error> takeDuplicateKeys() { return std::move(m_duplicateKeys); }

    void OnDocumentStart(const YAML::Mark &) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) override;
    void OnAlias(const YAML::Mark &mark, YAML::anchor_t anchor) override;
    void OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                  const std::string &value) override;
    void OnSequenceStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override;
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override;
    void OnMapEnd() override { close(); }

private:
    /// A collection that is being read.
    struct Level
    {
        std::shared_ptr<Node> node;
        NodePtr key;
        std::size_t end = 0; ///< behind the last child so far
        std::size_t expandedNodes = 1;
    };

    std::shared_ptr<Node> make(NodeKind kind, const YAML::Mark &mark, const std::string &tag) const;
    void open(NodeKind kind, const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
              YAML::EmitterStyle::value style);
    void close();
    void place(const NodePtr &node, std::size_t end, std::size_t expandedNodes);
    void checkDuplicate(const Node &mapping, const Node &key);
    void setScalarRange(Node &node, const YAML::Mark &mark) const;
    void setBlockRange(Node &node) const;
    void setNullRange(Node &node, const YAML::Mark &mark, bool anchored) const;
    int parentIndent() const;

    const Source &m_source;
    std::string_view m_text;
    std::size_t m_firstByte;
    std::vector<Level> m_levels;
    std::map<YAML::anchor_t, NodePtr> m_anchors;
    std::map<const Node *, std::size_t> m_expandedNodes;
    std::vector<Error> m_duplicateKeys;
    NodePtr m_root;
};

} // namespace sallyport::yaml
