// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/cel_expression.h"

#include <QJsonObject>

namespace sallyport::dataplane {

/// The expression that a google.api.expr.v1alpha1.Expr is, as RBAC's conditions have it: parsed already, a
/// tree of calls. Fails for what CelExpression does not know.
Result<CelExpression> conditionOf(const QJsonObject &message);

/// The same as a text.
Result<std::string> celText(const QJsonObject &message);

} // namespace sallyport::dataplane
