// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/cluster.h"
#include "proxy/net/connection.h"

#include <string>

namespace sallyport::upstream {

/// The PROXY header that a connection to a host of this transport begins with, for the client behind
/// `downstream`; empty if it has none.
std::string proxyHeaderFor(const dataplane::UpstreamTransport &transport,
                           const net::ConnectionAddresses &downstream);
/// The same for a connection that is made for no client, or not to tell of him.
void nameNoClient(net::ConnectOptions &options, const dataplane::UpstreamTransport &transport);

} // namespace sallyport::upstream
