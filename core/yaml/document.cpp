// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/yaml/document.h"

#include "core/yaml/parse_message.h"
#include "core/yaml/scan.h"
#include "core/yaml/tree_builder.h"

#include <algorithm>
#include <sstream>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace sallyport::yaml {

namespace {

/// Sees whether anything is left where a document should have ended.
class LeftoverCheck : public YAML::EventHandler
{
public:
    void OnDocumentStart(const YAML::Mark &mark) override
    {
        throw YAML::ParserException(mark, notPartOfDocument);
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark &, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark &, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark &, const std::string &, YAML::anchor_t, const std::string &) override {}
    void OnSequenceStart(const YAML::Mark &, const std::string &, YAML::anchor_t,
                         YAML::EmitterStyle::value) override
    {
    }
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark &, const std::string &, YAML::anchor_t,
                    YAML::EmitterStyle::value) override
    {
    }
    void OnMapEnd() override {}
};

void parse(Document &document, const Source &source)
{
    // Whole lines are given to the parser, so that its columns are those of the file: what stands before the
    // document on its first line (a `---`) becomes blanks.
    std::size_t first = source.lines.start(source.lines.lineOf(document.begin));
    if (first == 0 && source.text.starts_with(byteOrderMark))
        first = byteOrderMark.size(); // it takes no column
    const std::size_t start = skipBlanksAndComments(source.text, document.begin);
    if (start < document.end && source.text[start] == '%') {
        document.error = Error{"expected --- behind the directives", source.place(start),
                               "put a line --- before the document, or take the line with % out"};
        return;
    }
    std::string content(source.text.substr(first, document.end - first));
    std::fill_n(content.begin(), document.begin - first, ' ');
    TreeBuilder builder(source, first, document.end);
    try {
        std::istringstream stream(content);
        YAML::Parser parser(stream);
        parser.HandleNextDocument(builder);
        LeftoverCheck leftover;
        parser.HandleNextDocument(leftover);
        document.root = builder.root();
        document.duplicateKeys = builder.takeDuplicateKeys();
        if (!document.root)
            document.error = Error{"the document is empty", source.place(document.begin), {}};
    } catch (const YAML::Exception &exception) {
        const std::size_t marked =
            exception.mark.is_null() ? document.begin : first + static_cast<std::size_t>(exception.mark.pos);
        const std::size_t at = std::min(marked, document.end);
        document.error = parseError(exception.msg, source.text, at, source.place(at));
    }
}

std::vector<Document> parseSource(const Source &source)
{
    std::vector<Document> documents;
    if (const std::size_t bad = firstForbiddenByte(source.text); bad != std::string_view::npos) {
        Document &document = documents.emplace_back();
        document.end = source.text.size();
        document.error = forbiddenByteError(source.text, bad, source.place(bad));
        return documents;
    }
    for (const Span &span : splitDocuments(source.text)) {
        if (!holdsAnything(source.text.substr(span.begin, span.end - span.begin)))
            continue;
        Document &document = documents.emplace_back();
        document.index = static_cast<int>(documents.size()) - 1;
        document.begin = span.begin;
        document.end = span.end;
        parse(document, source);
    }
    return documents;
}

} // namespace

std::vector<Document> parseDocuments(std::string_view text, const std::string &file)
{
    return parseSource(Source(text, [&file](std::size_t line, std::size_t column) {
        return Place{file, static_cast<int>(line) + 1, static_cast<int>(column) + 1};
    }));
}

std::optional<Document> parseEmbedded(const Node &scalar)
{
    const auto name = [&scalar](std::size_t line, std::size_t column) {
        // Only a literal block has a line of its own for each line of its value.
        if (scalar.style != ScalarStyle::Literal)
            return scalar.place;
        return Place{scalar.place.file, scalar.place.line + 1 + static_cast<int>(line),
                     static_cast<int>(scalar.blockIndent + column) + 1};
    };
    std::vector<Document> documents = parseSource(Source(scalar.scalar, name));
    return documents.empty() ? std::nullopt : std::optional(std::move(documents.front()));
}

} // namespace sallyport::yaml
