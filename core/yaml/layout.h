// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/yaml/node.h"

/// Lines, columns and indentation of a YAML text, for the edits.
namespace sallyport::yaml {

/// Where the line of byte `at` begins.
std::size_t lineStart(std::string_view text, std::size_t at);
/// One past the newline that ends the line of `at`.
std::size_t lineEnd(std::string_view text, std::size_t at);
std::size_t columnOf(std::string_view text, std::size_t at);
bool endsWithLineBreak(std::string_view text, std::size_t at);
/// The line break the text uses.
std::string lineBreak(std::string_view text);

/// `block` with `indent` columns before each line (before each but the first, unless `firstToo`), and with
/// the given line breaks. No break at the end.
std::string indented(std::string_view block, std::size_t indent, bool firstToo, const std::string &eol);

/// Whether `block` is a block mapping, a block list or more than one line, and so begins below its key.
bool standsBelowKey(std::string_view block);

/// How far the author of a document indents.
struct Indentation
{
    std::size_t mapping = 2; ///< of a mapping below its key
    std::size_t list = 0;    ///< of the dashes below their key
};
Indentation indentationOf(std::string_view text, const Node &root);

/// Where the value of one mapping entry or list item stands. An alias's own text, not its anchor's.
struct ValueRange
{
    std::size_t begin = 0;
    std::size_t end = 0;
    bool isAlias = false;
};
ValueRange entryValueRange(std::string_view text, const Node &key, const Node &value);
ValueRange itemRange(std::string_view text, const Node &list, std::size_t index);
/// The dash of an item of a block list.
std::size_t itemDash(std::string_view text, const Node &list, std::size_t index);
/// Behind the colon of a key.
std::size_t behindColon(std::string_view text, const Node &key);

} // namespace sallyport::yaml
