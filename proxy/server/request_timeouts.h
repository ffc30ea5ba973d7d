// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/route.h"
#include "proxy/http/header_map.h"

#include <chrono>
#include <optional>

namespace sallyport::server {

/// How long a request may take; 0: as long as it likes.
struct RequestTimeouts
{
    std::chrono::milliseconds global{0};
    std::chrono::milliseconds perTry{0};
    std::chrono::milliseconds perTryIdle{0};
    std::optional<std::chrono::milliseconds> attempt; ///< in the place of what the cluster says; 0: no limit
};

/// The timeouts of a route with what the request's own headers ask for, which are taken out; with
/// `respectExpected` x-envoy-expected-rq-timeout-ms asks for one, too, and stays
/// (source/common/router/router.cc, FilterUtility::finalTimeout).
RequestTimeouts takeRequestTimeouts(const dataplane::RouteAction &action, const dataplane::VirtualHost &host,
                                    bool grpc, bool respectExpected, http::HeaderMap &headers);

/// How long a stream may last in all by its route: what gRPC's own header asks for, within what the route
/// allows, else what the route says, else the connection manager. A gRPC request is told of it in its header
/// (source/common/http/conn_manager_impl.cc, refreshDurationTimeout). Without a value there is no limit; with
/// zero its time is over already.
std::optional<std::chrono::milliseconds> takeStreamDuration(const dataplane::RouteAction &action,
                                                            std::chrono::milliseconds ofManager, bool grpc,
                                                            http::HeaderMap &headers);

/// max_stream_duration with any of its fields takes the place of the older ones.
bool usesStreamDuration(const dataplane::RouteAction &action);

/// Sets `grpc-timeout` to `timeout`, in the finest unit that eight digits hold.
void writeGrpcTimeout(http::HeaderMap &headers, std::chrono::milliseconds timeout);

} // namespace sallyport::server
