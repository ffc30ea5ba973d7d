// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/bootstrap.h"
#include "core/dataplane/value_matchers.h"
#include "proxy/http/header_map.h"
#include "proxy/net/connection.h"
#include "proxy/server/original_ip.h"

#include <random>

namespace sallyport::server {

/// What a connection manager is told about requests that arrive, compiled.
struct ArrivalPolicy
{
    ArrivalPolicy(const dataplane::HttpConnectionManager &configuration,
                  const dataplane::Bootstrap::Node &node);
    bool isInternal(const net::Address &address) const;

    std::vector<dataplane::CompiledRange> internalRanges;
    bool internalUnixSockets = false;
    OriginalIpDetections ipDetections;
    /// add_user_agent: who forwards the request.
    struct UserAgent
    {
        std::string cluster;
        std::string node;
    };
    std::optional<UserAgent> userAgent;
};

/// What came of a request's arrival.
struct Arrival
{
    net::Address client;                 ///< the trusted one, which x-forwarded-for may have told
    std::optional<unsigned> rejectsWith; ///< its address could not be found: answer with this status
};

/// Brings the headers of a request that has just arrived into the form that everything behind relies on, in
/// Envoy's order (source/common/http/conn_manager_utility.cc, mutateRequestHeaders; envoy-behaviour.md 3.2).
Arrival mutateArrivingRequest(http::HeaderMap &headers, const dataplane::HttpConnectionManager &configuration,
                              const ArrivalPolicy &policy,
                              const std::vector<std::string> &internalOnlyHeaders,
                              const net::Connection &connection, std::mt19937_64 &random);

/// What is neither http nor https gives way to what is: routers do that to what they send on.
void settleScheme(http::HeaderMap &headers, bool tls);

/// Takes the port off `:authority` as strip_any_host_port and strip_matching_host_port say, and a trailing
/// dot. Returns the port that was taken off a CONNECT's target, 0 otherwise.
std::uint16_t normalizeHost(http::HeaderMap &headers, const dataplane::HttpConnectionManager &configuration,
                            std::uint16_t localPort);

/// This machine's own address, which stands for peers on the loopback and for the proxy itself (Envoy's
/// LocalInfo).
const net::Address &ownAddress();

/// Whether the request asks for another protocol on its connection.
bool isUpgradeRequest(const http::HeaderMap &headers);

/// content-type `application/grpc` or `application/grpc+…`.
bool isGrpcRequest(const http::HeaderMap &headers);

} // namespace sallyport::server
