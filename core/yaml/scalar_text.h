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

/// What a value is, which decides when it must be quoted: the text `8080` is written plain, the string `8080`
/// is quoted.
enum class ScalarType { String, Number, Boolean };

/// `value` as YAML text in `style` where that can hold it, else in the nearest style that can. Never a block
/// style.
std::string scalarText(std::string_view value, ScalarType type, ScalarStyle style, bool inFlow);

} // namespace sallyport::yaml
