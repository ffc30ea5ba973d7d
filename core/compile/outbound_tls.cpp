// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/outbound_tls.h"

#include "core/compile/endpoints.h"
#include "core/compile/mutual_tls.h"
#include "core/compile/names.h"
#include "core/compile/tls_contexts.h"
#include "core/compile/trust_domains.h"
#include "core/dataplane/cipher_suites.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

using dataplane::Cluster;

bool isHttp2Cluster(const Cluster &cluster)
{
    return cluster.http && cluster.http->protocol == dataplane::UpstreamHttpProtocolOptions::Protocol::Http2;
}

MeshAlpn meshAlpn(const Cluster &cluster, Protocol protocol)
{
    using Options = dataplane::UpstreamHttpProtocolOptions;
    if (isHttp2Cluster(cluster))
        return MeshAlpn::Http2;
    if (!isHttpOrSniffed(protocol))
        return MeshAlpn::Tcp;
    const bool asClient = cluster.http && cluster.http->protocol == Options::Protocol::UseDownstream;
    return asClient || protocol == Protocol::Sniffed ? MeshAlpn::Sniffed : MeshAlpn::Http1;
}

/// Where TLS has no SNI of its own it is the request's host, which is then verified; so is the host of a
/// cluster that looks names up, whatever the SNI (istiod's setAutoSniAndAutoSanValidation).
void takeNameFromRequest(const model::ClientTls &tls, Cluster &cluster)
{
    const bool dynamic = cluster.type == Cluster::Type::DynamicForwardProxy;
    const bool sni = tls.sni.empty();
    const bool verified =
        (dynamic || (sni && tls.subjectAltNames.empty())) && !tls.insecureSkipVerify.value_or(false);
    cluster.allowInsecureOptions = dynamic && !(sni && verified);
    if (!sni && !verified)
        return;
    if (!cluster.http)
        cluster.http.emplace();
    cluster.http->autoSni = sni;
    cluster.http->autoSanValidation = verified;
}

/// SIMPLE and MUTUAL. Without an SNI of the rule's own Envoy takes the request's host, and verifies it.
void originateTls(const ProxyContext &proxy, const OutboundTarget &target, const model::ClientTls &tls,
                  Cluster &cluster)
{
    // A credential in a rule that was not made for this sidecar by its workloadSelector is ignored, TLS and
    // all.
    const bool selected = target.policy.rule && target.policy.rule->rule.workloadSelector.has_value();
    const bool configMap = tls.credentialName.compare(0, 12, "configmap://") == 0;
    if (!tls.credentialName.empty() && !configMap && !proxy.isGateway() && !selected)
        return;
    const std::vector<std::string> entryNames =
        target.service.kubernetes
            ? std::vector<std::string>()
            : withTrustDomains(target.service.identities(), proxy.mesh.config().trustDomainAliases);
    std::string error;
    auto context =
        upstreamTls(proxy.secrets, tls, entryNames, isHttp2Cluster(cluster), proxy.mesh.config(), error);
    if (!context) {
        const model::Resource *source = target.policy.rule ? target.policy.rule->from.front() : nullptr;
        proxy.errors.push_back(
            {error, source ? source->place(target.policy.fieldPath + ".tls") : Place(), {}});
        return;
    }
    takeNameFromRequest(tls, cluster);
    cluster.transport.tls = std::move(context);
}

/// What the rule says for the whole service, or for the subset, without what the one takes over from the
/// other or from a port's settings.
std::optional<model::TrafficPolicy> writtenPolicy(const OutboundTarget &target)
{
    if (!target.policy.rule)
        return std::nullopt;
    const model::DestinationRule &rule = target.policy.rule->rule;
    if (target.subset.empty())
        return rule.trafficPolicy;
    const auto subset = std::find_if(rule.subsets.begin(), rule.subsets.end(),
                                     [&target](const auto &each) { return each.name == target.subset; });
    return subset == rule.subsets.end() ? std::nullopt : subset->trafficPolicy;
}

/// The mode that a policy has for a port. A port's settings without TLS leave the policy's own, unlike
/// everywhere else (istio:pilot/pkg/xds/endpoints/mtls_checker.go).
std::optional<model::ClientTls::Mode> modeFor(const std::optional<model::TrafficPolicy> &policy,
                                              std::uint32_t port)
{
    if (!policy)
        return std::nullopt;
    const auto own =
        std::find_if(policy->portLevel.begin(), policy->portLevel.end(),
                     [port](const model::PortPolicy &each) { return each.port == port && each.policy.tls; });
    const auto &tls = own == policy->portLevel.end() ? policy->tls : own->policy.tls;
    return tls ? std::optional(tls->mode) : std::nullopt;
}

/// Whether mesh TLS that is offered by itself is withheld from every endpoint.
bool withholdsMeshTls(const OutboundTarget &target)
{
    std::optional<model::ClientTls::Mode> mode = modeFor(writtenPolicy(target), target.port.number);
    if (!mode && target.policy.rule)
        mode = modeFor(target.policy.rule->rule.trafficPolicy, target.port.number);
    return mode && *mode != model::ClientTls::Mode::IstioMutual;
}

/// Mesh TLS, asked for by a rule or offered by itself.
void applyMeshTls(const ProxyContext &proxy, const OutboundTarget &target, const model::ClientTls *tls,
                  Cluster &cluster)
{
    const Service &service = target.service;
    const bool dynamic = cluster.type == Cluster::Type::DynamicForwardProxy;
    std::string sni = tls ? tls->sni : std::string();
    if (sni.empty() && !dynamic)
        sni = names::meshSni(target.port.number, target.subset, service.hostname);
    const std::vector<std::string> names =
        tls && !tls->subjectAltNames.empty()
            ? tls->subjectAltNames
            : withTrustDomains(service.identities(), proxy.mesh.config().trustDomainAliases);
    cluster.transport.tls =
        meshUpstreamTls(proxy.secrets, sni, names, meshAlpn(cluster, target.port.protocol));
    if (dynamic)
        takeNameFromRequest(tls ? *tls : model::ClientTls(), cluster);
    // Nothing is known of the one host that the client chose: there the offer is no choice.
    if (tls || cluster.type == Cluster::Type::OriginalDst)
        return;
    dataplane::TransportSocketMatch mesh;
    mesh.name = "tlsMode-istio";
    mesh.match = {{QStringLiteral("tlsMode"), QStringLiteral("istio")}};
    mesh.transport.tls = std::move(cluster.transport.tls);
    cluster.transport.tls.reset();
    dataplane::TransportSocketMatch plain;
    plain.name = "tlsMode-disabled";
    for (dataplane::TransportSocketMatch *match : {&mesh, &plain})
        match->transport.proxyProtocol = cluster.transport.proxyProtocol;
    cluster.transport.proxyProtocol.reset();
    cluster.transportMatches = {std::move(mesh), std::move(plain)};
    if (cluster.loadAssignment && withholdsMeshTls(target))
        withholdMeshTls(*cluster.loadAssignment);
}

/// Of ciphers and curves.
bool hasUnknownParameters(const ProxyContext &proxy, const Cluster &cluster)
{
    if (!cluster.transport.tls)
        return false;
    const dataplane::TlsParameters &parameters = cluster.transport.tls->common.parameters;
    const std::string ciphers = dataplane::refusedCipherSuites(parameters.cipherSuites);
    const std::string curves = refusedCurves(parameters);
    for (const auto &[what, refused] :
         {std::pair("cipher suites ", ciphers), std::pair("ECDH curves ", curves)}) {
        if (!refused.empty())
            proxy.warnings.push_back(
                {"Envoy refuses the cluster " + cluster.name + ": it does not know the " + what + refused,
                 proxy.mesh.config().place, "requests end in 503 NC until tlsDefaults is without them"});
    }
    return !ciphers.empty() || !curves.empty();
}

/// Envoy wants names verified where it looks them up itself, unless told otherwise.
bool hasUnverifiedNames(const ProxyContext &proxy, const OutboundTarget &target, const Cluster &cluster)
{
    if (cluster.type != Cluster::Type::DynamicForwardProxy || !cluster.http || cluster.allowInsecureOptions ||
        (cluster.http->autoSni && cluster.http->autoSanValidation))
        return false;
    const model::Resource *source = target.service.source;
    proxy.warnings.push_back({"Envoy refuses the cluster " + cluster.name +
                                  ": names that it looks up are to be verified where HTTP has settings",
                              source ? source->place("spec.resolution") : Place(),
                              "requests end in 503 NC; let a DestinationRule originate TLS, or leave HTTP/2 "
                              "and the limits of HTTP out"});
    return true;
}

} // namespace

void applyTls(const ProxyContext &proxy, const OutboundTarget &target, Cluster &cluster,
              QJsonObject &metadata)
{
    using Mode = model::ClientTls::Mode;
    const auto &tls = target.policy.policy.tls;
    if (tls && (tls->mode == Mode::Simple || tls->mode == Mode::Mutual)) {
        metadata.insert(QStringLiteral("alpn_override"), QStringLiteral("false"));
        originateTls(proxy, target, *tls, cluster);
    } else if (tls && tls->mode == Mode::IstioMutual) {
        applyMeshTls(proxy, target, &*tls, cluster);
    } else if (!tls && offersMeshTls(proxy.mesh, target.service, writtenPolicy(target), target.port.number)) {
        applyMeshTls(proxy, target, nullptr, cluster);
    }
}

bool isRefused(const ProxyContext &proxy, const OutboundTarget &target, const Cluster &cluster)
{
    return hasUnknownParameters(proxy, cluster) || hasUnverifiedNames(proxy, target, cluster);
}

} // namespace sallyport::compile
