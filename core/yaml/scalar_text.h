// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/yaml/node.h"

#include <optional>

namespace sallyport::yaml {

/// What a reader of YAML 1.1 (kubectl's) takes an unquoted scalar for.
enum class PlainType { Null, Boolean, Integer, Real, Text };
PlainType plainType(std::string_view text);
/// The value of a word that plainType() calls Boolean; `true` and `false` in any style.
std::optional<bool> booleanValue(std::string_view text);

/// What a value is, which decides when it must be quoted: the number 8080 is written plain, the text `8080`
/// is quoted. AsBefore: what stood there decides; where nothing stood, it is written as it comes.
enum class ScalarType { AsBefore, String, Number, Boolean };

/// `value` as YAML text in `style` where that can hold it, else in the nearest style that can. Never a block
/// style. `type` is not AsBefore.
std::string scalarText(std::string_view value, ScalarType type, ScalarStyle style, bool inFlow);

/// `value` as a literal block whose lines are indented by `indent` columns, from its `|` on and without the
/// last line's break; nothing if a block cannot hold it.
std::optional<std::string> literalText(std::string_view value, std::size_t indent, const std::string &eol);

} // namespace sallyport::yaml
