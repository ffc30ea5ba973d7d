// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/connection.h"
#include "proxy/upstream/stream_lease.h"

namespace sallyport::upstream {

/// Ends a CONNECT here: opens a TCP connection to `host`, answers 200 once it is there, and carries the
/// request's body to it and what it sends back (source/extensions/upstreams/http/tcp/upstream_request.cc).
/// Exactly one of the callbacks follows, not within this call.
std::unique_ptr<PendingStream> openTcpTunnel(net::EpollDispatcher &dispatcher, ClusterInfoPtr cluster,
                                             HostPtr host, const net::ConnectionAddresses &downstream,
                                             http::ResponseDecoder &decoder, PoolCallbacks &callbacks);

} // namespace sallyport::upstream
