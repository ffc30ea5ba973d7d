// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/formatter.h"

namespace sallyport::telemetry {

/// `%DURATION%`, `%REQUEST_TX_DURATION%`, `%COMMON_DURATION(DS_RX_BEG:US_TX_END)%`, …: the time between two
/// points of a stream's life. An empty function if `name` is none of them.
Operator makeDurationOperator(std::string_view name, const std::string &arguments);

} // namespace sallyport::telemetry
