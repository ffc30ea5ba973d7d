// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_connection_manager.h"
#include "core/dataplane/value_matchers.h"
#include "proxy/http/header_map.h"
#include "proxy/net/connection.h"

#include <random>

namespace sallyport::server {

/// What a connection manager is told about addresses, compiled.
struct AddressPolicy
{
    explicit AddressPolicy(const dataplane::HttpConnectionManager &configuration);
    bool isInternal(const net::Address &address) const;

    std::vector<dataplane::CompiledRange> internalRanges;
};

/// Brings the headers of a request that has just arrived into the form that everything behind relies on, in
/// Envoy's order (source/common/http/conn_manager_utility.cc, mutateRequestHeaders; envoy-behaviour.md 3.2).
/// Returns the trusted client's address, which x-forwarded-for may have replaced.
net::Address mutateArrivingRequest(http::HeaderMap &headers,
                                   const dataplane::HttpConnectionManager &configuration,
                                   const AddressPolicy &addresses,
                                   const std::vector<std::string> &internalOnlyHeaders,
                                   const net::Connection &connection, std::mt19937_64 &random);

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
