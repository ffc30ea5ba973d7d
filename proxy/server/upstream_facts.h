// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/stream_info.h"
#include "proxy/upstream/stream_lease.h"

namespace sallyport::server {

/// What a log says of the connection that a request has got.
void noteUpstreamConnection(telemetry::StreamInfo &info, upstream::StreamLease &lease);

/// Adds a stream's bytes to what is known of earlier attempts.
void addUpstreamBytes(telemetry::StreamInfo &info, const http::BytesMeter &bytes);

} // namespace sallyport::server
