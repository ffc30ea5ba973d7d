// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/outbound_tls.h"

#include "core/compile/mutual_tls.h"
#include "core/compile/names.h"
#include "core/compile/tls_contexts.h"
#include "core/compile/trust_domains.h"

namespace sallyport::compile {

namespace {

using dataplane::Cluster;

bool isHttp2Cluster(const Cluster &cluster)
{
    return cluster.http && cluster.http->protocol == dataplane::UpstreamHttpProtocolOptions::Protocol::Http2;
}

MeshAlpn meshAlpn(const Cluster &cluster, Protocol protocol)
{
    if (isHttp2Cluster(cluster))
        return MeshAlpn::Http2;
    if (protocol == Protocol::Sniffed)
        return MeshAlpn::Sniffed;
    return isHttp(protocol) ? MeshAlpn::Http1 : MeshAlpn::Tcp;
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
        target.service.kubernetes ? std::vector<std::string>() : target.service.subjectAltNames;
    std::string error;
    auto context =
        upstreamTls(proxy.secrets, tls, entryNames, isHttp2Cluster(cluster), proxy.mesh.config(), error);
    if (!context) {
        const model::Resource *source = target.policy.rule ? target.policy.rule->from.front() : nullptr;
        proxy.errors.push_back(
            {error, source ? source->place(target.policy.fieldPath + ".tls") : Place(), {}});
        return;
    }
    if (tls.sni.empty()) {
        if (!cluster.http)
            cluster.http.emplace();
        cluster.http->autoSni = true;
        cluster.http->autoSanValidation =
            tls.subjectAltNames.empty() && !tls.insecureSkipVerify.value_or(false);
    }
    cluster.transport.tls = std::move(context);
}

} // namespace

void applyTls(const ProxyContext &proxy, const OutboundTarget &target, Cluster &cluster,
              QJsonObject &metadata)
{
    using Mode = model::ClientTls::Mode;
    const Service &service = target.service;
    const std::string sni = names::meshSni(target.port.number, target.subset, service.hostname);
    const MeshAlpn alpn = meshAlpn(cluster, target.port.protocol);
    if (const auto &tls = target.policy.policy.tls) {
        if (tls->mode == Mode::Simple || tls->mode == Mode::Mutual) {
            metadata.insert(QStringLiteral("alpn_override"), QStringLiteral("false"));
            originateTls(proxy, target, *tls, cluster);
        } else if (tls->mode == Mode::IstioMutual) {
            cluster.transport.tls =
                meshUpstreamTls(proxy.secrets, tls->sni.empty() ? sni : tls->sni,
                                tls->subjectAltNames.empty()
                                    ? withTrustDomains(service.identities(), proxy.mesh.trustDomains())
                                    : tls->subjectAltNames,
                                alpn);
        }
        return;
    }
    if (!offersMeshTls(proxy.mesh, service, target.policy.policy, target.port.number))
        return;
    auto context = meshUpstreamTls(proxy.secrets, sni,
                                   withTrustDomains(service.identities(), proxy.mesh.trustDomains()), alpn);
    if (cluster.type == Cluster::Type::OriginalDst) {
        // Nothing is known of the one host that the client chose.
        cluster.transport.tls = std::move(context);
        return;
    }
    dataplane::TransportSocketMatch mesh;
    mesh.name = "tlsMode-istio";
    mesh.match = {{QStringLiteral("tlsMode"), QStringLiteral("istio")}};
    mesh.transport.tls = std::move(context);
    dataplane::TransportSocketMatch plain;
    plain.name = "tlsMode-disabled";
    cluster.transportMatches = {std::move(mesh), std::move(plain)};
}

} // namespace sallyport::compile
