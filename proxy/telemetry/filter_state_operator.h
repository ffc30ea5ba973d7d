// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/formatter.h"

namespace sallyport::telemetry {

/// `%FILTER_STATE(key:PLAIN)%`, `:TYPED` (the same as none), `:FIELD:ip`; of the stream, or what the upstream
/// connection was told (source/common/formatter/stream_info_formatter.cc).
Operator filterStateOperator(bool upstream, const std::string &arguments,
                             std::optional<std::size_t> maxLength);

} // namespace sallyport::telemetry
