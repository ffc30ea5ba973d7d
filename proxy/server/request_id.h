// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_connection_manager.h"
#include "proxy/http/header_map.h"

#include <array>
#include <optional>
#include <random>

namespace sallyport::server {

/// A random UUID (RFC 9562, version 4) in lower case.
std::array<char, 36> randomUuid(std::mt19937_64 &random);

/// Gives a request its `x-request-id`. `edge`: it comes from outside, where ids are not believed unless they
/// are to be preserved.
void setRequestId(http::HeaderMap &request, const dataplane::HttpConnectionManager &configuration, bool edge,
                  std::mt19937_64 &random);

/// The digits of request ids that tell why a request is traced.
enum class TraceReason : char { NotTraced = '4', Sampled = '9', ServiceForced = 'a', ClientForced = 'b' };

/// Envoy's decision which requests are traced. Nothing is traced here, but the decision stands in the request
/// id for those behind, and access logs ask for it (source/common/http/conn_manager_utility.cc,
/// mutateTracingRequestHeader).
class TraceDecision
{
public:
    /// None without `tracing`: nothing is decided.
    static std::optional<TraceDecision> create(const dataplane::HttpConnectionManager &configuration);

    /// Why the request is traced, if it is; writes so into its id. `route`'s shares, if it has any, go before
    /// the connection manager's.
    TraceReason decide(http::HeaderMap &request, const dataplane::Route *route,
                       std::mt19937_64 &random) const;

private:
    dataplane::FractionalPercent m_client;
    dataplane::FractionalPercent m_random;
    dataplane::FractionalPercent m_overall;
    bool m_marks = true;
    bool m_byRequestId = true;
};

} // namespace sallyport::server
