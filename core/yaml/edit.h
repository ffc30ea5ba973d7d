// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/yaml/document.h"
#include "core/yaml/scalar_text.h"

namespace sallyport::yaml {

/// Replaces bytes [begin, end) of a text; everything else stays as it is.
struct TextEdit
{
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string replacement;

    bool operator==(const TextEdit &) const = default;
};

std::string applied(std::string_view text, const TextEdit &edit);

/// Sets the scalar at `path` below `root` to `value`. The quoting stays where it can hold the value. Missing
/// keys on the way are added at the end of the innermost mapping that exists, indented as its siblings.
/// `text` is the whole file that `root` was parsed from.
Result<TextEdit> setScalar(std::string_view text, const Node &root, std::string_view path,
                           std::string_view value, ScalarType type = ScalarType::String);

/// Replaces what stands at `path`, or adds it, with `block`: YAML text whose lines are indented from column
/// 0.
Result<TextEdit> setBlock(std::string_view text, const Node &root, std::string_view path,
                          std::string_view block);

/// Takes the key or the list item at `path` out, with its lines and the comments on them.
Result<TextEdit> removeAt(std::string_view text, const Node &root, std::string_view path);

/// Adds an item to the list at `path`, made if it is missing. `block` as above.
Result<TextEdit> appendItem(std::string_view text, const Node &root, std::string_view path,
                            std::string_view block);

/// Adds a document at the end of a file.
TextEdit appendDocument(std::string_view text, std::string_view document);

} // namespace sallyport::yaml
