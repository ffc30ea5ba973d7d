// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/formatter.h"

namespace sallyport::telemetry {

/// `%COALESCE({"operators": ["REQUESTED_SERVER_NAME", …]})%`: the value of the first of them that has one.
/// The format has been checked.
Operator coalesceOperator(const std::string &json, std::optional<std::size_t> maxLength);

} // namespace sallyport::telemetry
