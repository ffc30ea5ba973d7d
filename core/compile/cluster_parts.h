// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/clusters.h"
#include "core/dataplane/cluster.h"

#include <QJsonObject>

/// What clusters of both directions have in common.
namespace sallyport::compile {

/// How istiod names a service in the cluster's metadata.
QJsonObject serviceMetadata(const Service &service);

/// The address that connections to hosts come from, at any port.
dataplane::SocketAddress boundTo(const std::string &address);

/// HTTP/1.1 headers go on in the application's own case, if the proxy is told so.
void keepHeaderCase(const ProxyContext &proxy, dataplane::UpstreamHttpProtocolOptions &http);

} // namespace sallyport::compile
