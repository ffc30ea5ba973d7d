// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/health_probe.h"

#include "proxy/net/connection.h"
#include "proxy/upstream/health_check.h"
#include "proxy/upstream/proxy_header.h"

namespace sallyport::upstream {

std::unique_ptr<HealthProbe> makeHealthProbe(net::EpollDispatcher &dispatcher, const ClusterInfoPtr &cluster,
                                             CompiledHealthCheck &check, const HostPtr &host,
                                             HealthProbe::OnResult onResult)
{
    const auto &probe = check.configuration().probe;
    if (std::holds_alternative<dataplane::TcpHealthCheck>(probe))
        return makeTcpHealthProbe(dispatcher, cluster, check, host, std::move(onResult));
    if (std::holds_alternative<dataplane::GrpcHealthCheck>(probe))
        return makeGrpcHealthProbe(dispatcher, cluster, check, host, std::move(onResult));
    return makeHttpHealthProbe(dispatcher, cluster, check, host, std::move(onResult));
}

std::unique_ptr<net::Connection> makeProbeConnection(net::EpollDispatcher &dispatcher, ClusterInfo &cluster,
                                                     const CompiledHealthCheck &compiled, const Host &host)
{
    const dataplane::HealthCheck &check = compiled.configuration();
    net::TlsClientOverrides overrides;
    if (check.alpnProtocols)
        overrides.alpn = *check.alpnProtocols;
    const dataplane::UpstreamTransport &transport =
        check.transportSocketMatchCriteria
            ? cluster.transportMatching(*check.transportSocketMatchCriteria, true)
            : cluster.transportFor(host);
    net::ConnectOptions options;
    if (const auto &source = cluster.configuration().bindAddress) {
        const Result<net::Address> address =
            net::Address::parseIp(source->address, static_cast<std::uint16_t>(source->port));
        if (address)
            options.source = *address;
    }
    nameNoClient(options, transport);
    options.keepalive = keepaliveOf(cluster.configuration());
    std::unique_ptr<net::Connection> connection =
        net::Connection::client(dispatcher, host.healthCheckAddress(),
                                cluster.makeTransport(transport, host, overrides), std::move(options));
    connection->setBufferLimit(cluster.configuration().perConnectionBufferLimit);
    return connection;
}

const std::string &probeAuthority(const ClusterInfo &cluster, const Host &host, const std::string &configured)
{
    if (!host.healthCheckHostname().empty())
        return host.healthCheckHostname();
    return configured.empty() ? cluster.name() : configured;
}

void applyProbeHeaders(const CompiledHealthCheck &check, const HostPtr &host, http::HeaderMap &headers)
{
    if (check.headers().isEmpty())
        return;
    telemetry::StreamInfo info;
    info.startWall = std::chrono::system_clock::now();
    info.start = std::chrono::steady_clock::now();
    info.protocol = check.usesHttp2() ? http::Protocol::Http2 : http::Protocol::Http11;
    info.upstreamHost = host->address();
    info.upstreamHostName = host->hostname();
    info.upstreamMetadata = host->metadata().filters;
    // Nobody asked: as in Envoy, the client is this machine.
    const Result<net::Address> nobody = net::Address::parseIp("127.0.0.1", 0);
    for (net::Address *address :
         {&info.localAddress, &info.directLocalAddress, &info.remoteAddress, &info.directRemoteAddress})
        *address = *nobody;
    const telemetry::LogContext context{info, &headers, nullptr, nullptr, {}};
    check.headers().apply(headers, context);
}

} // namespace sallyport::upstream
