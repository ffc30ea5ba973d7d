// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/cluster_parts.h"

namespace sallyport::compile {

QJsonObject serviceMetadata(const Service &service)
{
    const auto text = [](const std::string &value) { return QString::fromStdString(value); };
    return {{QStringLiteral("host"), text(service.hostname)},
            {QStringLiteral("name"), text(service.name)},
            {QStringLiteral("namespace"), text(service.nameSpace)}};
}

dataplane::SocketAddress boundTo(const std::string &address)
{
    return {address, 0, {}};
}

void keepHeaderCase(const ProxyContext &proxy, dataplane::UpstreamHttpProtocolOptions &http)
{
    using Options = dataplane::UpstreamHttpProtocolOptions;
    if (proxy.config.proxyHeaders.preserveHttp1HeaderCase && http.protocol != Options::Protocol::Http2)
        http.http1.headerCase = dataplane::Http1ProtocolOptions::HeaderCase::Preserve;
}

} // namespace sallyport::compile
