// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/cel_expression.h"

#include "core/dataplane/cel_parser.h"

namespace sallyport::dataplane {

Result<CelExpression> CelExpression::parse(std::string_view text)
{
    Result<CelNode::Ptr> root = parseCel(text);
    if (!root)
        return fail(root.error());
    CelExpression expression;
    expression.m_root = std::move(*root);
    return expression;
}

CelValue CelExpression::evaluate(const CelAttributes &attributes) const
{
    return evaluateCel(*m_root, attributes);
}

bool CelExpression::holds(const CelAttributes &attributes) const
{
    const CelValue value = evaluate(attributes);
    return value.as<bool>() != nullptr && *value.as<bool>();
}

} // namespace sallyport::dataplane
