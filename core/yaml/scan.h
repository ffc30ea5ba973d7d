// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

/// Where things end in YAML text. yaml-cpp says where a value begins; an edit must also know its last byte.
namespace sallyport::yaml {

/// What a text in UTF-8 may begin with; it is no part of the YAML.
inline constexpr std::string_view byteOrderMark = "\xEF\xBB\xBF";

/// A space, a tab or part of a line break.
bool isBlank(char c);

/// Where each line of a text begins; lines count from 0.
class LineTable
{
public:
    explicit LineTable(std::string_view text);
    std::size_t start(std::size_t line) const;
    std::size_t lineOf(std::size_t offset) const;
    /// From 0; a byte order mark takes no column.
    std::size_t columnOf(std::size_t offset) const;

private:
    std::vector<std::size_t> m_starts;
    std::size_t m_markSize = 0; ///< of the byte order mark
};

/// The first byte that is neither blank nor part of a comment.
std::size_t skipBlanksAndComments(std::string_view text, std::size_t at);
/// Behind an anchor and a tag, if there are any; blanks behind them are not skipped.
std::size_t propertiesEnd(std::string_view text, std::size_t at);
/// The same with the blanks and comments behind them: where the value begins.
std::size_t skipProperties(std::string_view text, std::size_t at);

/// Behind the closing quote of the scalar that begins at `begin`; npos if it is not closed.
std::size_t quotedEnd(std::string_view text, std::size_t begin);
/// Behind the last byte of a plain scalar whose (folded) value is `value`.
std::size_t plainEnd(std::string_view text, std::size_t begin, std::string_view value);
/// Where a block scalar ends.
struct BlockExtent
{
    std::size_t end;    ///< behind the last line that is not blank
    std::size_t indent; ///< columns before the content
};
/// Of the block scalar whose `|` or `>` stands at `begin`, below a parent that is indented by `parentIndent`
/// columns (-1: the document itself).
BlockExtent blockScalarExtent(std::string_view text, std::size_t begin, int parentIndent);
/// Behind the bracket that closes a flow collection; `at` is behind its last child.
std::size_t flowEnd(std::string_view text, std::size_t at, char bracket);

/// The first byte that no YAML text of ours may have: not UTF-8, a control character, or a carriage return
/// that ends no CRLF; npos if there is none.
std::size_t firstForbiddenByte(std::string_view text);

/// Bytes of a text, `end` not among them.
struct Span
{
    std::size_t begin;
    std::size_t end;
};

/// The texts between `---` and `...` lines. A marker at column 0 is one wherever it stands (YAML 1.2 §9.1.2).
std::vector<Span> splitDocuments(std::string_view text);
/// Whether there is more than blanks, comments and directives.
bool holdsAnything(std::string_view text);

} // namespace sallyport::yaml
