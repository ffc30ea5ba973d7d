// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/authority.h"
#include "core/explain/walk.h"

#include <QJsonObject>
#include <algorithm>

namespace sallyport::explain {

namespace {

using dataplane::Cluster;

/// Endpoints of the first priority that has any, with their shares.
std::vector<std::pair<const dataplane::LbEndpoint *, double>> candidates(const Cluster &cluster)
{
    std::map<std::uint32_t, std::vector<std::pair<const dataplane::LbEndpoint *, double>>> byPriority;
    if (cluster.loadAssignment) {
        for (const dataplane::LocalityLbEndpoints &locality : cluster.loadAssignment->endpoints) {
            double total = 0;
            for (const dataplane::LbEndpoint &endpoint : locality.endpoints)
                total += takesPart(endpoint) ? endpoint.weight : 0;
            const double ofLocality = cluster.localityWeighted ? locality.weight.value_or(0) : total;
            for (const dataplane::LbEndpoint &endpoint : locality.endpoints) {
                if (takesPart(endpoint) && ofLocality > 0)
                    byPriority[locality.priority].emplace_back(&endpoint,
                                                               ofLocality * endpoint.weight / total);
            }
        }
    }
    if (byPriority.empty())
        return {};
    auto &first = byPriority.begin()->second;
    double total = 0;
    for (const auto &each : first)
        total += each.second;
    for (auto &each : first)
        each.second /= total;
    return first;
}

bool contains(const QJsonObject &metadata, const QJsonObject &wanted)
{
    const QStringList keys = wanted.keys();
    return std::all_of(keys.begin(), keys.end(),
                       [&](const QString &key) { return metadata.value(key) == wanted.value(key); });
}

/// The transport that an endpoint asks for by its metadata, else the cluster's.
const dataplane::UpstreamTransport &transportFor(const Cluster &cluster, const dataplane::Metadata &endpoint)
{
    const QJsonObject metadata =
        endpoint.filters.value(QLatin1String("envoy.transport_socket_match")).toObject();
    for (const dataplane::TransportSocketMatch &match : cluster.transportMatches) {
        if (contains(metadata, match.match))
            return match.transport;
    }
    return cluster.transport;
}

/// Whether not even a first request may be sent.
bool isShut(const Cluster &cluster, bool highPriority)
{
    return std::any_of(cluster.thresholds.begin(), cluster.thresholds.end(), [&](const auto &each) {
        return each.highPriority == highPriority && (each.maxRequests == 0 || each.maxPendingRequests == 0);
    });
}

bool speaksHttp2(const Cluster &cluster, bool downstream)
{
    using Protocol = dataplane::UpstreamHttpProtocolOptions::Protocol;
    if (!cluster.http)
        return false;
    return cluster.http->protocol == Protocol::Http2 ||
           (cluster.http->protocol == Protocol::UseDownstream && downstream);
}

std::vector<std::string> alpnFor(const Cluster &cluster, const dataplane::UpstreamTlsContext &tls,
                                 const Way &way, bool http2)
{
    const bool keeps = cluster.metadata.filters.value(QLatin1String("istio"))
                           .toObject()
                           .value(QLatin1String("alpn_override"))
                           .toString() == QLatin1String("false");
    if (way.http && way.alpn != nullptr && !keeps) {
        const auto found = way.alpn->overrides.find(http2 ? "HTTP2" : "HTTP11");
        if (found != way.alpn->overrides.end())
            return found->second;
    }
    if (!tls.common.alpnProtocols.empty() || !way.http)
        return tls.common.alpnProtocols;
    using Protocol = dataplane::UpstreamHttpProtocolOptions::Protocol;
    if (cluster.http && cluster.http->protocol == Protocol::Auto)
        return {"h2", "http/1.1"};
    return http2 ? std::vector<std::string>{"h2"} : std::vector<std::string>();
}

std::string joined(const std::vector<std::string> &parts)
{
    std::string text;
    for (const std::string &part : parts)
        text += (text.empty() ? "" : ", ") + part;
    return text;
}

} // namespace

bool takesPart(const dataplane::LbEndpoint &endpoint)
{
    return endpoint.health != dataplane::HealthStatus::Unhealthy &&
           endpoint.health != dataplane::HealthStatus::Draining &&
           endpoint.health != dataplane::HealthStatus::Timeout;
}

std::optional<dataplane::SocketAddress> Walk::chooseEndpoint(HopIndex hop, const Proxy &proxy, const Way &way,
                                                             const CarriedRequest &request,
                                                             dataplane::Metadata &metadata)
{
    const Cluster &cluster = *way.cluster;
    const std::string object = "cluster " + cluster.name;
    if (cluster.type == Cluster::Type::DynamicForwardProxy && way.original) {
        add(hop, "endpoint", Mark::Passed, m_scene.nameOf(*way.original) + ", where the name leads", object);
        return way.original;
    }
    if (cluster.type == Cluster::Type::OriginalDst) {
        std::optional<dataplane::SocketAddress> to = way.original;
        if (cluster.originalDstHeader) {
            const std::string told = request.get(lowered(*cluster.originalDstHeader));
            const std::size_t colon = told.rfind(':');
            if (colon != std::string::npos)
                to = dataplane::SocketAddress{
                    told.substr(0, colon), QString::fromStdString(told.substr(colon + 1)).toUInt(), {}};
        }
        if (to && cluster.originalDstPortOverride)
            to->port = *cluster.originalDstPortOverride;
        if (to) {
            add(hop, "endpoint", Mark::Passed, m_scene.nameOf(*to) + ", where the connection meant to go",
                object);
            return to;
        }
    }
    const auto choices = candidates(cluster);
    if (choices.empty()) {
        Step &step = add(hop, "endpoint", Mark::Refused, "the cluster has no endpoint", object,
                         m_origins.ofCluster(proxy, cluster));
        step.reason = "no-endpoint";
        if (cluster.name == "BlackHoleCluster")
            step.why.emplace_back("it never has any: what nobody registered ends here");
        else if (cluster.type == Cluster::Type::StrictDns || cluster.type == Cluster::Type::LogicalDns)
            step.why.emplace_back("its names resolve to nothing: neither Services nor .sallyport/hosts have "
                                  "them");
        else
            step.why.emplace_back("no pod or address stands behind the host with these labels and this port");
        return std::nullopt;
    }
    const auto *best = &choices.front();
    for (const auto &choice : choices) {
        if (choice.second > best->second)
            best = &choice;
    }
    Step &step = add(hop, "endpoint", choices.size() > 1 ? Mark::Uncertain : Mark::Passed,
                     m_scene.nameOf(best->first->address), object);
    if (choices.size() > 1) {
        step.why.emplace_back("the balancer chooses among:");
        for (const auto &[endpoint, share] : choices)
            step.why.push_back("  " + m_scene.nameOf(endpoint->address) + ", " + percentText(share));
    }
    metadata = best->first->metadata;
    return best->first->address;
}

std::optional<Reply> Walk::wrapInTls(HopIndex hop, const Proxy &proxy, const Way &way,
                                     const dataplane::Metadata &endpoint, Wire &wire)
{
    const Cluster &cluster = *way.cluster;
    const dataplane::UpstreamTransport &transport = transportFor(cluster, endpoint);
    wire.proxyHeader = transport.proxyProtocol.has_value();
    std::vector<Source> sources = m_origins.ofTransport(proxy, cluster);
    if (!transport.tls) {
        Step &step =
            add(hop, "transport", Mark::Passed, "plaintext", "cluster " + cluster.name, std::move(sources));
        if (step.sources.empty())
            step.why.emplace_back("no DestinationRule that this proxy sees says otherwise");
        if (!cluster.transportMatches.empty())
            step.why.emplace_back("mesh TLS is offered only to endpoints that are known to speak it");
        return std::nullopt;
    }
    const dataplane::UpstreamTlsContext &tls = *transport.tls;
    auto side = std::make_shared<TlsClientSide>();
    side->who = proxy.name;
    side->sni = tls.sni;
    side->shown = shownBy(proxy, tls.common);
    side->check = checkBy(proxy, tls.common);
    side->minimum = tls.common.parameters.minimum;
    side->maximum = tls.common.parameters.maximum;
    side->alpn = alpnFor(cluster, tls, way, wire.http2);
    if (cluster.http && (cluster.http->autoSni || cluster.http->autoSanValidation)) {
        std::string authority = wire.request.get(lowered(cluster.http->overrideAutoSniHeader));
        if (authority.empty())
            authority = wire.request.authority();
        const std::string host = dataplane::hostOf(authority);
        if (cluster.http->autoSni && !host.empty() && !dataplane::IpAddress::parse(host).isValid())
            side->sni = host;
        if (cluster.http->autoSanValidation && !host.empty())
            side->expectedNames = {host};
    }
    const std::string secret = side->shown.secret;
    Step &step = add(hop, "transport", Mark::Passed,
                     secret.empty()        ? "TLS, without a certificate of its own"
                     : secret == "default" ? "mesh TLS, with the workload's own certificate"
                                           : "mutual TLS with the certificate " + secret,
                     "cluster " + cluster.name, std::move(sources));
    if (step.sources.empty())
        step.why.emplace_back(
            "automatic mTLS: the endpoint is known to speak it, and no rule says otherwise");
    for (Source &source : m_origins.ofSecret(proxy, secret))
        step.sources.push_back(std::move(source));
    step.why.push_back(side->sni.empty() ? "it says no SNI" : "it says the SNI " + side->sni);
    if (!side->alpn.empty())
        step.why.push_back("it offers the protocols " + joined(side->alpn));
    if (!side->shown.chain.empty())
        step.why.push_back("it shows " + describe(side->shown.chain.front()));
    const bool unsupplied = !side->shown.missing.empty() || !side->check.missing.empty();
    if (unsupplied) {
        step.mark = Mark::Refused;
        step.reason = "secret-missing";
        step.decision = "there is no TLS without its secret";
        step.why.push_back(!side->shown.missing.empty() ? secret + ": " + side->shown.missing
                                                        : side->check.missing);
        Reply reply;
        reply.end = Reply::End::Refused;
        reply.failure = secretNotSupplied();
        reply.decidedBy = proxy.name;
        return reply;
    }
    if (!side->check.demandsAnything() && side->expectedNames.empty())
        step.why.emplace_back("it does not verify whom it talks to");
    wire.layers.insert(wire.layers.begin(), std::move(side));
    return std::nullopt;
}

/// Refused, and decided by this proxy: there was no connection, or it had no use.
Reply Walk::forward(HopIndex hop, const Proxy &proxy, const Way &way, Wire wire)
{
    dataplane::Metadata endpoint;
    const auto address = chooseEndpoint(hop, proxy, way, wire.request, endpoint);
    Reply failed;
    failed.end = Reply::End::Refused;
    failed.decidedBy = proxy.name;
    if (!address) {
        failed.flags = "UH";
        return failed;
    }
    if (way.http && isShut(*way.cluster, way.highPriority)) {
        Step &step =
            add(hop, "limit", Mark::Refused, "the circuit breakers of the cluster let no request pass",
                "cluster " + way.cluster->name, m_origins.ofCluster(proxy, *way.cluster));
        step.reason = "limit";
        failed.end = Reply::End::Overflow;
        return failed;
    }
    m_explanation.hops[hop].log.upstreamHost = m_scene.nameOf(*address);
    Wire onward;
    onward.destination = *address;
    onward.source = way.cluster->bindAddress ? way.cluster->bindAddress->address : proxy.address;
    onward.layers = std::move(wire.layers);
    onward.request = std::move(wire.request);
    onward.http2 = way.http ? speaksHttp2(*way.cluster, wire.http2) : wire.http2;
    const std::size_t before = onward.layers.size();
    if (auto ended = wrapInTls(hop, proxy, way, endpoint, onward))
        return *ended;
    const std::shared_ptr<TlsClientSide> own =
        onward.layers.size() > before ? onward.layers.front() : nullptr;
    Reply reply = connect(hop, std::move(onward));
    const bool ownFailed = own && reply.end == Reply::End::TlsFailed && reply.layer == own.get();
    const bool cutShort =
        own && !own->completed && (reply.end == Reply::End::Closed || reply.end == Reply::End::Reset);
    if (ownFailed || cutShort) {
        failed.failure = ownFailed ? reply.failure : resetInHandshake();
        add(hop, "handshake", Mark::Refused, "its TLS handshake fails: " + failed.failure);
        return failed;
    }
    return reply;
}

} // namespace sallyport::explain
