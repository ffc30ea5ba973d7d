// SPDX-License-Identifier: GPL-3.0-or-later
// ServiceEntry, WorkloadEntry, Gateway and Sidecar: networking.istio.io without routes and policies.
#include "core/model/decode.h"

namespace sallyport::model {

namespace {

void decodeWorkload(Fields &fields, WorkloadEntrySpec &spec)
{
    fields.text("address", spec.address);
    fields.numbers("ports", spec.ports);
    fields.labels("labels", spec.labels);
    fields.text("network", spec.network);
    fields.text("locality", spec.locality);
    fields.number("weight", spec.weight);
    fields.text("serviceAccount", spec.serviceAccount);
}

void decodeSelector(Fields &fields, const char *key, const char *labelsKey, std::optional<Labels> &selector)
{
    if (!fields.present(key))
        return;
    selector.emplace();
    fields.object(key, [&](Fields &inner) { inner.labels(labelsKey, *selector); });
}

void decodeServerTls(Fields &fields, ServerTls &tls)
{
    fields.boolean("httpsRedirect", tls.httpsRedirect);
    fields.word("mode", tls.mode,
                {"PASSTHROUGH", "SIMPLE", "MUTUAL", "AUTO_PASSTHROUGH", "ISTIO_MUTUAL", "OPTIONAL_MUTUAL"});
    fields.text("serverCertificate", tls.serverCertificate);
    fields.text("privateKey", tls.privateKey);
    fields.text("caCertificates", tls.caCertificates);
    fields.text("caCrl", tls.caCrl);
    fields.text("credentialName", tls.credentialName);
    fields.texts("credentialNames", tls.credentialNames);
    fields.text("caCertCredentialName", tls.caCertCredentialName);
    fields.texts("subjectAltNames", tls.subjectAltNames);
    fields.texts("verifyCertificateSpki", tls.verifyCertificateSpki);
    fields.texts("verifyCertificateHash", tls.verifyCertificateHash);
    fields.word("minProtocolVersion", tls.minProtocolVersion,
                {"TLS_AUTO", "TLSV1_0", "TLSV1_1", "TLSV1_2", "TLSV1_3"});
    fields.word("maxProtocolVersion", tls.maxProtocolVersion,
                {"TLS_AUTO", "TLSV1_0", "TLSV1_1", "TLSV1_2", "TLSV1_3"});
    fields.texts("cipherSuites", tls.cipherSuites);
    fields.texts("ecdhCurves", tls.ecdhCurves);
    fields.boolean("insecureSkipVerify", tls.insecureSkipVerify);
    fields.objects("tlsCertificates", [&](Fields &inner) {
        ServerTls::Certificate &certificate = tls.tlsCertificates.emplace_back();
        inner.text("serverCertificate", certificate.serverCertificate);
        inner.text("privateKey", certificate.privateKey);
        inner.text("caCertificates", certificate.caCertificates);
    });
}

void decodePort(Fields &fields, Sidecar::Port &port)
{
    fields.number("number", port.number);
    fields.text("protocol", port.protocol);
    fields.text("name", port.name);
    fields.number("targetPort", port.targetPort);
}

} // namespace

void decodeOutboundMode(Fields &fields, OutboundMode &mode)
{
    fields.word("mode", mode, {"REGISTRY_ONLY", "ALLOW_ANY", "ALLOW_ANY_DYNAMIC_DNS"});
}

void decode(Fields &spec, ServiceEntry &entry)
{
    spec.texts("hosts", entry.hosts);
    spec.texts("addresses", entry.addresses);
    spec.objects("ports", [&](Fields &fields) {
        ServiceEntry::Port &port = entry.ports.emplace_back();
        fields.number("number", port.number);
        fields.text("protocol", port.protocol);
        fields.text("name", port.name);
        fields.number("targetPort", port.targetPort);
    });
    spec.word("location", entry.location, {"MESH_EXTERNAL", "MESH_INTERNAL"});
    spec.word("resolution", entry.resolution, {"NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"});
    spec.objects("endpoints",
                 [&](Fields &fields) { decodeWorkload(fields, entry.endpoints.emplace_back()); });
    decodeSelector(spec, "workloadSelector", "labels", entry.workloadSelector);
    spec.texts("exportTo", entry.exportTo);
    spec.texts("subjectAltNames", entry.subjectAltNames);
}

void decode(Fields &spec, WorkloadEntry &entry)
{
    decodeWorkload(spec, entry.spec);
}

void decode(Fields &spec, Gateway &gateway)
{
    spec.labels("selector", gateway.selector);
    spec.objects("servers", [&](Fields &fields) {
        Gateway::Server &server = gateway.servers.emplace_back();
        fields.object("port", [&](Fields &port) {
            port.number("number", server.portNumber);
            port.text("name", server.portName);
            port.text("protocol", server.protocol);
            port.keep({"targetPort"});
        });
        fields.text("bind", server.bind);
        fields.texts("hosts", server.hosts);
        fields.object("tls", [&](Fields &tls) { decodeServerTls(tls, server.tls.emplace()); });
        fields.text("name", server.name);
        fields.keep({"defaultEndpoint"});
    });
}

void decode(Fields &spec, Sidecar &sidecar)
{
    decodeSelector(spec, "workloadSelector", "labels", sidecar.workloadSelector);
    spec.objects("ingress", [&](Fields &fields) {
        Sidecar::Ingress &ingress = sidecar.ingress.emplace_back();
        fields.object("port", [&](Fields &port) { decodePort(port, ingress.port); });
        fields.text("bind", ingress.bind);
        fields.text("captureMode", ingress.captureMode);
        fields.text("defaultEndpoint", ingress.defaultEndpoint);
        fields.object("tls", [&](Fields &tls) { decodeServerTls(tls, ingress.tls.emplace()); });
        fields.object("connectionPool",
                      [&](Fields &pool) { decodeConnectionPool(pool, ingress.connectionPool.emplace()); });
    });
    spec.objects("egress", [&](Fields &fields) {
        Sidecar::Egress &egress = sidecar.egress.emplace_back();
        fields.object("port", [&](Fields &port) { decodePort(port, egress.port.emplace()); });
        fields.text("bind", egress.bind);
        fields.text("captureMode", egress.captureMode);
        fields.texts("hosts", egress.hosts);
    });
    spec.object("outboundTrafficPolicy", [&](Fields &fields) {
        // The enum's first value is what an empty message means.
        sidecar.outboundMode = OutboundMode::RegistryOnly;
        decodeOutboundMode(fields, *sidecar.outboundMode);
        fields.object("egressProxy",
                      [&](Fields &proxy) { decodeDestination(proxy, sidecar.egressProxy.emplace()); });
    });
    spec.object("inboundConnectionPool", [&](Fields &fields) {
        decodeConnectionPool(fields, sidecar.inboundConnectionPool.emplace());
    });
}

} // namespace sallyport::model
