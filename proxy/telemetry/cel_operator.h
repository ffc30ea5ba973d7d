// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/formatter.h"

namespace sallyport::telemetry {

/// `%CEL(request.path)%`: an expression's value as a text, whatever its type; null for one that has none
/// (source/extensions/filters/common/expr/evaluator.cc, print). The format has been checked.
Operator celOperator(const std::string &expression, std::optional<std::size_t> maxLength);

} // namespace sallyport::telemetry
