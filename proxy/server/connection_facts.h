// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/request_view.h"
#include "proxy/net/connection.h"

namespace sallyport::server {

/// As the matchers take addresses; invalid for Unix sockets.
dataplane::IpAddress ipAddressOf(const net::Address &address);

/// What RBAC rules ask about a connection. Views point into the connection and `requestedServerName`. Once
/// per connection is enough: addresses and, after the handshake, certificates do not change.
dataplane::ConnectionFacts connectionFactsOf(const net::Connection &connection,
                                             std::string_view requestedServerName);

} // namespace sallyport::server
