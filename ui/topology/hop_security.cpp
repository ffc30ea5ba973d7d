// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/hop_security.h"

#include <QCoreApplication>
#include <QJsonObject>

namespace sallyport::topology {

namespace {

constexpr const char *workloadCertificate = "default";
const QString credentialScheme = QStringLiteral("kubernetes://");

QString tr(const char *source)
{
    return QCoreApplication::translate("Chain", source);
}

/// Envoy's rule: every key of the match has the same value in the endpoint's metadata.
bool isSubset(const QJsonObject &match, const QJsonObject &metadata)
{
    for (auto it = match.begin(); it != match.end(); ++it) {
        if (metadata[it.key()] != it.value())
            return false;
    }
    return true;
}

bool showsWorkloadIdentity(const dataplane::UpstreamTlsContext &tls)
{
    return !tls.common.certificateSecrets.empty() &&
           tls.common.certificateSecrets.front().name == workloadCertificate;
}

bool showsCertificate(const dataplane::UpstreamTlsContext &tls)
{
    return !tls.common.certificateSecrets.empty() || !tls.common.certificates.empty();
}

QStringList namesOf(const dataplane::UpstreamTlsContext &tls)
{
    QStringList names;
    if (!tls.common.validation)
        return names;
    for (const dataplane::StringMatcher &name : tls.common.validation->anySubjectAltNames)
        names.append(QString::fromStdString(name.value));
    for (const dataplane::SubjectAltNameMatcher &name : tls.common.validation->subjectAltNames)
        names.append(QString::fromStdString(name.matcher.value));
    return names;
}

bool verifiesAuthority(const dataplane::UpstreamTlsContext &tls)
{
    if (tls.common.validationSecret)
        return true;
    return tls.common.validation && tls.common.validation->trustedCa.isSet();
}

} // namespace

const dataplane::UpstreamTlsContext *transportTo(const dataplane::Cluster &cluster,
                                                 const dataplane::LbEndpoint &endpoint)
{
    const QJsonObject metadata =
        endpoint.metadata.filters[QLatin1String("envoy.transport_socket_match")].toObject();
    for (const dataplane::TransportSocketMatch &match : cluster.transportMatches) {
        if (isSubset(match.match, metadata))
            return match.transport.tls ? &*match.transport.tls : nullptr;
    }
    return cluster.transport.tls ? &*cluster.transport.tls : nullptr;
}

void describeTransport(const dataplane::Cluster &cluster, const dataplane::UpstreamTlsContext *tls,
                       const std::string &host, ChainHop &hop)
{
    if (!tls) {
        hop.kind = HopKind::Plaintext;
        if (hop.crossesMeshes)
            hop.flags.push_back(
                {tr("unencrypted outside"),
                 tr("Everybody on the way between the meshes can read and change what passes."), false});
        return;
    }
    const bool mesh = showsWorkloadIdentity(*tls);
    hop.kind = mesh ? HopKind::MeshMtls : showsCertificate(*tls) ? HopKind::OriginatedMtls : HopKind::Tls;
    hop.sni = QString::fromStdString(tls->sni);
    if (hop.sni.isEmpty() && cluster.http && cluster.http->autoSni)
        hop.sni = QString::fromStdString(host);
    hop.verifiedNames = namesOf(*tls);
    if (!mesh && !tls->common.certificateSecrets.empty()) {
        hop.clientCredential = QString::fromStdString(tls->common.certificateSecrets.front().name);
        if (hop.clientCredential.startsWith(credentialScheme))
            hop.clientCredential.remove(0, credentialScheme.size());
    }
    const bool automatic = (cluster.http && cluster.http->autoSanValidation) || tls->autoSniSanValidation;
    if (!verifiesAuthority(*tls)) {
        hop.flags.push_back({tr("server not verified"),
                             tr("The server's certificate is not checked at all: anybody may answer."),
                             false});
    } else if (hop.verifiedNames.isEmpty() && !automatic) {
        hop.flags.push_back({tr("server name not verified"),
                             tr("Any certificate of the trusted CA is accepted, whatever name it is for: "
                                "set subjectAltNames."),
                             false});
    }
}

Arrival arrive(const dataplane::Listener &listener, const dataplane::ChainFacts &address,
               const dataplane::UpstreamTlsContext *tls, const std::string &sni)
{
    dataplane::ChainFacts facts = address;
    facts.transportProtocol = tls ? "tls" : "raw_buffer";
    facts.serverName = sni;
    if (tls)
        facts.applicationProtocols = tls->common.alpnProtocols;
    else
        facts.applicationProtocols = {"http/1.1"};
    Arrival arrival;
    const int index = dataplane::FilterChainMatcher(listener.filterChains).find(facts);
    if (index >= 0)
        arrival.chain = &listener.filterChains[static_cast<std::size_t>(index)];
    else if (listener.defaultFilterChain)
        arrival.chain = &*listener.defaultFilterChain;
    if (!arrival.chain) {
        arrival.flag =
            tls ? HopFlag{tr("nobody takes this TLS"),
                          tr("No filter chain of the receiver takes a connection with this server name "
                             "and protocol: it is closed."),
                          true}
                : HopFlag{tr("plaintext refused"),
                          tr("The receiver takes mesh mTLS only (PeerAuthentication STRICT, or a TLS "
                             "server): a plaintext connection is closed."),
                          true};
        return arrival;
    }
    if (arrival.chain->tls && !tls) {
        arrival.flag =
            HopFlag{tr("plaintext meets TLS"),
                    tr("The receiver's port speaks TLS, the sender does not: no request can pass."), true};
    } else if (!arrival.chain->tls && tls && !arrival.chain->filters.empty() &&
               std::holds_alternative<dataplane::HttpConnectionManager>(
                   arrival.chain->filters.back().config)) {
        arrival.flag = HopFlag{
            tr("TLS meets plaintext"),
            tr("The sender speaks TLS, the receiver's port expects plain HTTP: no request can pass."), true};
    } else if (arrival.chain->tls && tls && arrival.chain->tls->requireClientCertificate &&
               !showsCertificate(*tls)) {
        arrival.flag = HopFlag{tr("client certificate missing"),
                               tr("The receiver demands a client certificate and the sender shows none: the "
                                  "handshake fails."),
                               true};
    }
    return arrival;
}

} // namespace sallyport::topology
