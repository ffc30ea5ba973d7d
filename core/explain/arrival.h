// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_connection_manager.h"
#include "core/explain/carried_request.h"

namespace sallyport::explain {

/// The connection a request came on, as far as its headers tell of it.
struct ArrivedOn
{
    std::string peerAddress;
    std::uint16_t localPort = 0;
    bool tls = false;
    bool http2 = false;
    std::string clientCert; ///< an element of x-forwarded-client-cert; empty: no client certificate
};

/// Whether Envoy's HTTP/1 parser knows the method; others are answered 400.
bool isKnownMethod(std::string_view method);

/// What a connection manager does to a request's headers before anything else looks at them
/// (envoy:source/common/http/conn_manager_utility.cc): the port of the host, x-forwarded-for and -proto,
/// headers that are not believed from outside. Gives back the trusted client's address.
std::string arrive(CarriedRequest &request, const dataplane::HttpConnectionManager &configuration,
                   const ArrivedOn &connection);

} // namespace sallyport::explain
