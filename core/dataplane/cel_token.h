// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/cel_value.h"
#include "core/result/result.h"

#include <string_view>
#include <vector>

namespace sallyport::dataplane {

/// A word of an expression.
struct CelToken
{
    enum class Kind { Name, Literal, Symbol, End };
    Kind kind = Kind::End;
    std::string text; ///< of a name or symbol
    CelValue literal;
    std::size_t at = 0; ///< where it begins, for errors
};

/// The words in order, with an End after the last.
Result<std::vector<CelToken>> celTokens(std::string_view text);

} // namespace sallyport::dataplane
