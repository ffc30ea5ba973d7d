// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/yaml/document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>

namespace sallyport::yaml {

namespace {

/// Where each line of a file begins.
class LineTable
{
public:
    explicit LineTable(std::string_view text)
    {
        m_starts.push_back(0);
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\n')
                m_starts.push_back(i + 1);
        }
    }
    std::size_t start(std::size_t line) const
    {
        return line < m_starts.size() ? m_starts[line] : m_starts.back();
    }
    std::size_t count() const { return m_starts.size(); }
    std::size_t lineOf(std::size_t offset) const
    {
        return static_cast<std::size_t>(std::upper_bound(m_starts.begin(), m_starts.end(), offset) -
                                        m_starts.begin()) -
               1;
    }

private:
    std::vector<std::size_t> m_starts;
};

bool isBlank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
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
    return text.size();
}

/// A plain scalar ends with its last character; over several lines its blanks are folded, so they do not
/// count.
std::size_t plainEnd(std::string_view text, std::size_t begin, std::string_view value)
{
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

/// A block scalar ends before the first line that is not blank and not indented as deep as its content.
std::size_t blockEnd(std::string_view text, std::size_t begin)
{
    std::size_t line = text.find('\n', begin);
    std::size_t end = line == std::string_view::npos ? text.size() : line + 1;
    std::size_t indent = 0;
    for (std::size_t start = end; start < text.size();) {
        const std::size_t stop = std::min(text.find('\n', start), text.size());
        const std::size_t first = text.find_first_not_of(' ', start);
        const bool blank = first >= stop || text[first] == '\r';
        if (!blank) {
            const std::size_t depth = first - start;
            const std::size_t headLine =
                text.rfind('\n', begin) == std::string_view::npos ? 0 : text.rfind('\n', begin) + 1;
            const std::size_t parent = text.find_first_not_of(" -", headLine) - headLine;
            if (indent == 0)
                indent = depth;
            if (depth < indent || (depth == indent && depth < parent) || depth == 0)
                break;
        }
        start = std::min(stop + 1, text.size());
        if (!blank)
            end = start;
    }
    return end;
}

class TreeBuilder : public YAML::EventHandler
{
public:
    TreeBuilder(std::string_view text, const LineTable &lines, std::string file, std::size_t firstLine)
        : m_text(text)
        , m_lines(lines)
        , m_file(std::move(file))
        , m_firstLine(firstLine)
    {
    }

    NodePtr root() const { return m_root; }

    void OnDocumentStart(const YAML::Mark &) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) override
    {
        add(make(NodeKind::Null, mark, {}), anchor);
    }
    void OnAlias(const YAML::Mark &mark, YAML::anchor_t anchor) override
    {
        const auto found = m_anchors.find(anchor);
        add(found == m_anchors.end() ? make(NodeKind::Null, mark, {}) : found->second, 0);
    }
    void OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                  const std::string &value) override
    {
        const auto node = make(NodeKind::Scalar, mark, tag);
        node->scalar = value;
        skipProperties(*node);
        setScalarRange(*node);
        const bool nullWord =
            value.empty() || value == "~" || value == "null" || value == "Null" || value == "NULL";
        if (node->style == ScalarStyle::Plain && nullWord)
            node->kind = NodeKind::Null;
        add(node, anchor);
    }
    void OnSequenceStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override
    {
        open(NodeKind::Sequence, mark, tag, anchor, style);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override
    {
        open(NodeKind::Mapping, mark, tag, anchor, style);
    }
    void OnMapEnd() override { close(); }

private:
    struct Level
    {
        std::shared_ptr<Node> node;
        NodePtr key;
    };

    std::shared_ptr<Node> make(NodeKind kind, const YAML::Mark &mark, const std::string &tag) const
    {
        auto node = std::make_shared<Node>();
        node->kind = kind;
        const std::size_t line = m_firstLine + static_cast<std::size_t>(std::max(mark.line, 0));
        node->begin =
            std::min(m_lines.start(line) + static_cast<std::size_t>(std::max(mark.column, 0)), m_text.size());
        node->end = node->begin;
        node->place = {m_file, static_cast<int>(line) + 1, mark.column + 1};
        if (tag != "?" && tag != "!")
            node->tag = tag;
        return node;
    }

    /// The mark of a scalar with an anchor or a tag is theirs; the value comes after them.
    void skipProperties(Node &node) const
    {
        std::size_t at = node.begin;
        while (at < m_text.size() && (m_text[at] == '&' || m_text[at] == '!')) {
            while (at < m_text.size() && !isBlank(m_text[at]))
                ++at;
            while (at < m_text.size() && isBlank(m_text[at]))
                ++at;
        }
        node.begin = at;
    }

    void setScalarRange(Node &node) const
    {
        if (node.begin >= m_text.size())
            return;
        switch (m_text[node.begin]) {
        case '"':
            node.style = ScalarStyle::DoubleQuoted;
            node.end = quotedEnd(m_text, node.begin);
            break;
        case '\'':
            node.style = ScalarStyle::SingleQuoted;
            node.end = quotedEnd(m_text, node.begin);
            break;
        case '|':
        case '>':
            node.style = m_text[node.begin] == '|' ? ScalarStyle::Literal : ScalarStyle::Folded;
            node.end = blockEnd(m_text, node.begin);
            break;
        default:
            node.end = plainEnd(m_text, node.begin, node.scalar);
            break;
        }
    }

    void open(NodeKind kind, const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
              YAML::EmitterStyle::value style)
    {
        const auto node = make(kind, mark, tag);
        node->flow = style == YAML::EmitterStyle::Flow;
        if (anchor != 0)
            m_anchors[anchor] = node;
        m_levels.push_back({node, nullptr});
    }

    void close()
    {
        const std::shared_ptr<Node> node = m_levels.back().node;
        m_levels.pop_back();
        for (const auto &[key, value] : node->entries)
            node->end = std::max({node->end, key->end, value->end});
        for (const NodePtr &item : node->items)
            node->end = std::max(node->end, item->end);
        if (node->flow) {
            const std::size_t bracket = m_text.find(node->isMapping() ? '}' : ']', node->end);
            node->end = bracket == std::string_view::npos ? m_text.size() : bracket + 1;
        }
        place(node);
    }

    void add(const std::shared_ptr<Node> &node, YAML::anchor_t anchor)
    {
        if (anchor != 0)
            m_anchors[anchor] = node;
        place(node);
    }
    void add(const NodePtr &node, YAML::anchor_t) { place(node); }

    void place(const NodePtr &node)
    {
        if (m_levels.empty()) {
            m_root = node;
            return;
        }
        Level &level = m_levels.back();
        if (level.node->isSequence()) {
            level.node->items.push_back(node);
        } else if (!level.key) {
            level.key = node;
        } else {
            level.node->entries.emplace_back(std::move(level.key), node);
            level.key = nullptr;
        }
    }

    std::string_view m_text;
    const LineTable &m_lines;
    std::string m_file;
    std::size_t m_firstLine;
    std::vector<Level> m_levels;
    std::map<YAML::anchor_t, NodePtr> m_anchors;
    NodePtr m_root;
};

struct Span
{
    std::size_t begin;
    std::size_t end;
};

/// Cuts a text at its `---` and `...` lines. A marker at column 0 is one wherever it stands (YAML 1.2
/// §9.1.2).
std::vector<Span> splitDocuments(std::string_view text)
{
    std::vector<Span> spans;
    std::size_t begin = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    for (std::size_t line = begin; line < text.size();) {
        const std::size_t stop = std::min(text.find('\n', line), text.size());
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
    std::size_t line = 0;
    while (line < text.size()) {
        const std::size_t stop = std::min(text.find('\n', line), text.size());
        const std::size_t first = text.find_first_not_of(" \t\r", line);
        if (first < stop && text[first] != '#' && text[first] != '%')
            return true;
        line = stop + 1;
    }
    return false;
}

} // namespace

std::vector<Document> parseDocuments(std::string_view text, const std::string &file)
{
    const LineTable lines(text);
    std::vector<Document> documents;
    for (const Span &span : splitDocuments(text)) {
        if (!holdsAnything(text.substr(span.begin, span.end - span.begin)))
            continue;
        Document document;
        document.index = static_cast<int>(documents.size());
        document.begin = span.begin;
        document.end = span.end;
        // Whole lines are given to the parser, so that its columns are those of the file.
        const std::size_t firstLine = lines.lineOf(span.begin);
        std::string content(text.substr(lines.start(firstLine), span.end - lines.start(firstLine)));
        std::fill_n(content.begin(), span.begin - lines.start(firstLine), ' ');
        TreeBuilder builder(text, lines, file, firstLine);
        try {
            std::istringstream stream(content);
            YAML::Parser parser(stream);
            parser.HandleNextDocument(builder);
            document.root = builder.root();
            if (!document.root)
                document.error =
                    Error{"the document is empty", Place{file, static_cast<int>(firstLine) + 1, 1}, {}};
        } catch (const YAML::Exception &exception) {
            const int line = static_cast<int>(firstLine) + std::max(exception.mark.line, 0) + 1;
            document.error = Error{exception.msg, Place{file, line, std::max(exception.mark.column, 0) + 1},
                                   "check the indentation and the quotes from here upwards"};
        }
        documents.push_back(std::move(document));
    }
    return documents;
}

} // namespace sallyport::yaml
