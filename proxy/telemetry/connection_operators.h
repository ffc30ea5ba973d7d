// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/formatter.h"

namespace sallyport::telemetry {

/// What became of the connections on both sides: their bytes, TLS, ends, and the hosts that were tried. An
/// empty function if `name` is none of them.
Operator makeConnectionOperator(std::string_view name);

} // namespace sallyport::telemetry
