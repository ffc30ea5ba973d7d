// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/formatter.h"

namespace sallyport::telemetry {

/// The connections on both sides: their numbers, bytes and TLS. An empty function if `name` is none of them.
Operator makeConnectionOperator(std::string_view name);

} // namespace sallyport::telemetry
