// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/yaml/edit.h"
#include "core/yaml/found_node.h"

#include <string>
#include <string_view>
#include <vector>

/// Entries that a text does not have yet, and the lines they make.
namespace sallyport::yaml {

/// New lines at `at`, which is a line's begin or the end of the text.
TextEdit insertLines(std::string_view text, std::size_t at, std::size_t indent, std::string_view lines,
                     const std::string &eol);
/// Where new lines go after a value: behind the comment on its last line.
std::size_t behindLines(std::string_view text, std::size_t end);
/// A block below its key in place of a value that ends on the key's own line, or of none.
TextEdit putBelowKey(std::string_view text, const Node &key, const ValueRange &value, std::string_view block,
                     const Indentation &indentation, const std::string &eol);
/// Wraps `block` in the missing keys of `steps` from `from` on, innermost last.
Result<std::string> nested(const std::vector<PathStep> &steps, std::size_t from, std::string block,
                           const Indentation &indentation, const std::string &eol);
/// What a scalar that is new is written as.
std::string addedScalarText(std::string_view value, ScalarType type, const std::string &eol, bool inFlow);
/// Adds `block` below the node that was found, in the keys of `steps` that are missing.
Result<TextEdit> addBelow(std::string_view text, const Node &root, const FoundNode &found,
                          const std::vector<PathStep> &steps, const std::string &block);

} // namespace sallyport::yaml
