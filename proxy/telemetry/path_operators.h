// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/formatter.h"

namespace sallyport::telemetry {

/// `PATH`, `QUERY_PARAM` and `QUERY_PARAMS`; an empty function if `name` is none of them.
Operator makePathOperator(std::string_view name, const std::string &arguments,
                          std::optional<std::size_t> maxLength);

} // namespace sallyport::telemetry
