// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/cel_attribute.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace sallyport::dataplane {

/// One node of a parsed expression.
struct CelNode
{
    enum class Kind {
        Literal,
        List,
        Attribute,
        Index, ///< list or map [ key ]
        Has,   ///< of an attribute or a map's entry
        Not,
        Negate,
        And,
        Or,
        Choice, ///< condition ? a : b
        Equal,
        NotEqual,
        Less,
        LessOrEqual,
        Greater,
        GreaterOrEqual,
        In,
        Add,
        Subtract,
        Multiply,
        Divide,
        Modulo,
        Size,
        StartsWith,
        EndsWith,
        Contains,
        Matches,
        ToInt,
        ToUint,
        ToDouble,
        ToDuration,
        ToTime,
        TimePart, ///< getHours() and its like
    };
    using Ptr = std::shared_ptr<const CelNode>;

    Kind kind = Kind::Literal;
    CelValue literal;
    CelAttribute attribute = CelAttribute::RequestPath;
    CelTimePart part = CelTimePart::Hours;
    std::vector<Ptr> children;
    std::shared_ptr<const re2::RE2> pattern; ///< Matches with a constant expression: compiled once
};

/// The value of an expression for one stream; errors are values (CEL, "Evaluation").
CelValue evaluateCel(const CelNode &node, const CelAttributes &attributes);

} // namespace sallyport::dataplane
