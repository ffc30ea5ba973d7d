// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/yaml/document.h"
#include "core/yaml/scalar_text.h"

/// Edits as patches of the text: what they do not have to change stays byte for byte. All take the whole
/// file's text and nodes that were parsed from it.
namespace sallyport::yaml {

/// Replaces bytes [begin, end) of a text.
struct TextEdit
{
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string replacement;

    bool operator==(const TextEdit &) const = default;
};

/// The text with the edit made.
std::string applied(std::string_view text, const TextEdit &edit);

/// Sets the scalar at `path` below `root` to `value`. Its style stays where that can hold the value. Missing
/// keys on the way are added at the end of the innermost mapping that exists, indented as their siblings.
Result<TextEdit> setScalar(std::string_view text, const Node &root, std::string_view path,
                           std::string_view value, ScalarType type = ScalarType::AsBefore);

/// Replaces what stands at `path`, or adds it, with `block`: YAML text written from column 0.
Result<TextEdit> setBlock(std::string_view text, const Node &root, std::string_view path,
                          std::string_view block);

/// Takes the key or the list item at `path` out, with its lines and the comments on them. A list or mapping
/// that would be left empty goes as well, since `match:` without items means something else than no match.
Result<TextEdit> removeAt(std::string_view text, const Node &root, std::string_view path);

/// Adds an item to the list at `path`, made if it is missing. `block` as above.
Result<TextEdit> appendItem(std::string_view text, const Node &root, std::string_view path,
                            std::string_view block);

/// Adds an item before item `index` of the list at `path`, and before the comment lines on that item. At the
/// end, as appendItem(), if the list has no such item.
Result<TextEdit> insertItem(std::string_view text, const Node &root, std::string_view path, std::size_t index,
                            std::string_view block);

/// Sets a scalar of the document that the scalar at `path` holds, such as `trustDomain` in `data.mesh`.
Result<TextEdit> setEmbeddedScalar(std::string_view text, const Node &root, std::string_view path,
                                   std::string_view innerPath, std::string_view value,
                                   ScalarType type = ScalarType::AsBefore);

/// Adds a document at the end of a file.
TextEdit appendDocument(std::string_view text, std::string_view document);

/// Takes a whole document out, with its `---` line.
TextEdit removeDocument(std::string_view text, const Document &document);

} // namespace sallyport::yaml
