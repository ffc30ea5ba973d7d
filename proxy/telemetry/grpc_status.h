// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/formatter.h"

namespace sallyport::telemetry {

/// What an HTTP status comes to in gRPC (gRPC's http-grpc-status-mapping).
unsigned grpcStatusFor(unsigned httpStatus);

/// What a status is that is no number.
inline constexpr int InvalidGrpcStatus = -1;

/// The call's status: as its trailers or headers say, else as its HTTP status would have it; none without
/// any.
std::optional<int> grpcStatusOf(const LogContext &context);

/// `DeadlineExceeded`, or `DEADLINE_EXCEEDED`; the number for one without a name.
std::string grpcStatusName(int status, bool snake);

} // namespace sallyport::telemetry
