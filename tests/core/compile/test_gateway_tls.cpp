// SPDX-License-Identifier: GPL-3.0-or-later
#include "field_rows.h"

#include <QtTest>
#include <algorithm>

using namespace fixture;

namespace {

const char *const egress = "istio-system/egress";

std::string gateway(const std::string &servers)
{
    return object("Gateway", "g", "{selector: {istio: egress}, servers: [" + servers + "]}");
}

std::string https(const std::string &tls)
{
    return gateway("{port: {number: 9443, name: s, protocol: HTTPS}, hosts: [x.example], tls: {" + tls +
                   "}}");
}

std::string secret(const std::string &name, const std::string &data)
{
    return "apiVersion: v1\nkind: Secret\nmetadata: {name: " + name +
           ", namespace: istio-system}\nstringData: {" + data + "}\n---\n";
}

std::string mesh(const std::string &config, const std::string &resources)
{
    return meshConfig(config) + "---\n" + resources;
}

const std::string chain = "listeners[0.0.0.0_9443]/filter_chains[0]/";
const std::string context = chain + "transport_socket/typed_config/";
const std::string common = context + "common_tls_context/";

/// A VirtualService of the gateway for these hosts.
std::string routes(const std::string &name, const std::string &hosts, const std::string &uri = "/")
{
    return object("VirtualService", name,
                  "{hosts: [" + hosts + "], gateways: [g], http: [{match: [{uri: {prefix: " + uri +
                      "}}], route: [{destination: {host: x.example}}]}]}");
}

} // namespace

/// TLS of Gateway servers as istiod writes it (istio:pilot/pkg/networking/core/listener.go
/// BuildListenerTLSContext), and what else belongs to a server.
class TestGatewayTls : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fields_data();
    void fields();
    void credentials_data();
    void credentials();
    void refused_data();
    void refused();

private:
    static void certificates();
    static void passThrough();
    static void virtualHosts();
};

void TestGatewayTls::fields_data()
{
    addColumns();
    const std::string parameters = common + "tls_params";
    const std::string defaults =
        "tlsDefaults: {minProtocolVersion: TLSV1_3, cipherSuites: [ECDHE-RSA-AES128-GCM-SHA256], ecdhCurves: "
        "[P-384]}";
    const std::string simple = "mode: SIMPLE, credentialName: c";
    row("tlsDefaults of a server", mesh(defaults, https(simple)), parameters,
        R"({"cipher_suites":["ECDHE-RSA-AES128-GCM-SHA256"],"ecdh_curves":["P-384"],"tls_minimum_protocol_version":"TLSv1_3"})",
        egress);
    row("a server's own",
        mesh(defaults, https(simple + ", minProtocolVersion: TLSV1_2, maxProtocolVersion: TLSV1_2, "
                                      "cipherSuites: [AES128-SHA], ecdhCurves: [X25519]")),
        parameters,
        R"({"cipher_suites":["AES128-SHA"],"ecdh_curves":["X25519"],"tls_maximum_protocol_version":"TLSv1_2","tls_minimum_protocol_version":"TLSv1_2"})",
        egress);
    row("tlsDefaults of optional client certificates",
        mesh("tlsDefaults: {minProtocolVersion: TLSV1_2}", https("mode: OPTIONAL_MUTUAL, credentialName: c")),
        parameters, R"({"tls_minimum_protocol_version":"TLSv1_2"})", egress);
    row("mesh mTLS has none of them", mesh(defaults, https("mode: ISTIO_MUTUAL")), parameters, "absent",
        egress);
    row("nothing is said", https(simple), parameters, "absent", egress);
    row("versions of a server", https(simple + ", minProtocolVersion: TLSV1_1, maxProtocolVersion: TLSV1_3"),
        parameters, R"({"tls_maximum_protocol_version":"TLSv1_3","tls_minimum_protocol_version":"TLSv1_1"})",
        egress);
    certificates();
    passThrough();
    virtualHosts();
}

void TestGatewayTls::certificates()
{
    const std::string secrets = common + "tls_certificate_sds_secret_configs";
    const std::string validation = common + "combined_validation_context/";
    const std::string names = validation + "default_validation_context/";
    row("two credentials", https("mode: SIMPLE, credentialNames: [a, b]"), secrets + "[1]/name",
        R"("kubernetes://b")", egress);
    row("the CA of the first of them", https("mode: MUTUAL, credentialNames: [a, b]"),
        validation + "validation_context_sds_secret_config/name", R"("kubernetes://a-cacert")", egress);
    row("a CA of its own name", https("mode: MUTUAL, credentialName: a, caCertCredentialName: ca-cacert"),
        validation + "validation_context_sds_secret_config/name", R"("kubernetes://ca-cacert")", egress);
    row("a CA that is not called one", https("mode: MUTUAL, credentialName: a, caCertCredentialName: ca"),
        validation + "validation_context_sds_secret_config/name", R"("kubernetes://ca")", egress);
    row("a CA of a ConfigMap",
        https("mode: MUTUAL, credentialName: a, caCertCredentialName: 'configmap://istio-system/ca-cacert'"),
        validation + "validation_context_sds_secret_config/name", R"("configmap://istio-system/ca-cacert")",
        egress);
    row("the scheme of a credential", https("mode: SIMPLE, credentialName: 'kubernetes://istio-system/a'"),
        secrets + "[0]/name", R"("kubernetes://a")", egress);
    const std::string files = "tlsCertificates: [{serverCertificate: /a.pem, privateKey: /a.key}, "
                              "{serverCertificate: /b.pem, privateKey: /b.key}]";
    row("two pairs of files", https("mode: SIMPLE, " + files), secrets + "[1]/name",
        R"("file-cert:/b.pem~/b.key")", egress);
    row("no third", https("mode: SIMPLE, " + files), secrets + "[2]", "absent", egress);
    row("their CA", https("mode: MUTUAL, caCertificates: /ca.pem, " + files),
        validation + "validation_context_sds_secret_config/name", R"("file-root:/ca.pem")", egress);
    const std::string checks = "verifyCertificateSpki: [NvqYIYSbgK2vCJpQhObf77vv+bQWtc5ek5RIOwPiC9A=], "
                               "verifyCertificateHash: "
                               "[df6ff72fe9116521268f6f2dd4966f51df479883fe7037b39f75916ac3049d1a]";
    row("the client's key", https("mode: MUTUAL, credentialName: a, " + checks),
        names + "verify_certificate_spki", R"(["NvqYIYSbgK2vCJpQhObf77vv+bQWtc5ek5RIOwPiC9A="])", egress);
    row("the client's certificate", https("mode: OPTIONAL_MUTUAL, credentialName: a, " + checks),
        names + "verify_certificate_hash",
        R"(["df6ff72fe9116521268f6f2dd4966f51df479883fe7037b39f75916ac3049d1a"])", egress);
    row("neither of files",
        https("mode: MUTUAL, serverCertificate: /a.pem, privateKey: /a.key, caCertificates: /ca.pem, " +
              checks),
        names + "verify_certificate_spki", "absent", egress);
    row("nor where clients have none", https("mode: SIMPLE, credentialName: a, " + checks),
        common + "combined_validation_context", "absent", egress);
    row("the client's names", https("mode: MUTUAL, credentialName: a, subjectAltNames: [n]"),
        names + "match_subject_alt_names", R"([{"exact":"n"}])", egress);
    row("untrusted clients", https("mode: MUTUAL, credentialName: a, insecureSkipVerify: true"),
        names + "trust_chain_verification", R"("ACCEPT_UNTRUSTED")", egress);
    row("untrusted proxies", https("mode: ISTIO_MUTUAL, insecureSkipVerify: true"),
        names + "trust_chain_verification", R"("ACCEPT_UNTRUSTED")", egress);
    row("a certificate is demanded", https("mode: MUTUAL, credentialName: a"),
        context + "require_client_certificate", "true", egress);
    row("or not", https("mode: OPTIONAL_MUTUAL, credentialName: a"), context + "require_client_certificate",
        "absent", egress);
    // A file of this machine that is there: its content does not matter to istiod.
    const std::string crl = QCoreApplication::applicationFilePath().toStdString();
    row("revoked clients",
        https(
            "mode: MUTUAL, serverCertificate: /a.pem, privateKey: /a.key, caCertificates: /ca.pem, caCrl: " +
            crl),
        names + "crl/filename", ('"' + crl + '"').c_str(), egress);
}

void TestGatewayTls::passThrough()
{
    const std::string passing =
        service("default", "web", "{app: httpbin}",
                "{name: http, port: 8000, targetPort: 80}, {name: dns, port: 53, protocol: UDP}") +
        "---\n" +
        gateway("{port: {number: 15443, name: tls, protocol: TLS}, hosts: ['*.svc.cluster.local'], tls: "
                "{mode: AUTO_PASSTHROUGH}}") +
        object(
            "DestinationRule", "w",
            "{host: web.default.svc.cluster.local, trafficPolicy: {connectionPool: {tcp: {idleTimeout: "
            "90s, maxConnectionDuration: 1h}}, loadBalancer: {consistentHash: {useSourceIp: true}}, tunnel: "
            "{targetHost: far.example, targetPort: 1}}}") +
        object("AuthorizationPolicy", "p", "{action: DENY, rules: [{to: [{operation: {ports: ['1']}}]}]}",
               "istio-system");
    const std::string filters = "listeners[0.0.0.0_15443]/filter_chains[0]/filters";
    const std::string proxy = filters + "[envoy.filters.network.tcp_proxy]/typed_config/";
    row("what passes by SNI is under no policy", passing, filters + "[0]/name",
        R"("envoy.filters.network.tcp_proxy")", egress);
    row("a server beside it is",
        passing + gateway("{port: {number: 9000, name: tcp, protocol: TCP}, hosts: ['*']}") +
            object("VirtualService", "v",
                   "{hosts: ['*'], gateways: [g], tcp: [{route: [{destination: {host: "
                   "web.default.svc.cluster.local}}]}]}"),
        "listeners[0.0.0.0_9000]/filter_chains[0]/filters[0]/name", R"("envoy.filters.network.rbac")",
        egress);
    row("idle connections that pass", passing, proxy + "idle_timeout", R"("90s")", egress);
    row("long connections that pass", passing, proxy + "max_downstream_connection_duration", R"("3600s")",
        egress);
    row("hash of what passes", passing, proxy + "hash_policy", R"([{"source_ip":{}}])", egress);
    row("no tunnel for what passes", passing, proxy + "tunneling_config", "absent", egress);
    row("UDP does not pass", passing, "listeners[0.0.0.0_15443]/filter_chains[1]", "absent", egress);
    row("nor has a cluster", passing, "clusters[outbound_.53_._.web.default.svc.cluster.local]", "absent",
        egress);
    const std::string narrow =
        service("default", "web", "{app: httpbin}", "{name: http, port: 8000, targetPort: 80}") + "---\n" +
        gateway(
            "{port: {number: 15443, name: tls, protocol: TLS}, hosts: ['a.web.default.svc.cluster.local'], "
            "tls: {mode: AUTO_PASSTHROUGH}}");
    row("a server's host that is narrower", narrow, "listeners[0.0.0.0_15443]", "absent", egress);

    row("a Unix socket",
        gateway("{port: {number: 0, name: a, protocol: HTTP}, bind: 'unix:///tmp/g.sock', hosts: ['*']}"),
        "listeners[0]/address", R"({"pipe":{"path":"/tmp/g.sock"}})", egress);
}

void TestGatewayTls::virtualHosts()
{
    const std::string plain =
        object("ServiceEntry", "e",
               "{hosts: [x.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: STATIC, "
               "endpoints: [{address: 203.0.113.10}]}") +
        gateway("{port: {number: 8080, name: a, protocol: HTTP}, hosts: ['*']}");
    const std::string hosts =
        "listeners[0.0.0.0_8080]/filter_chains[0]/filters[0]/typed_config/route_config/virtual_hosts";
    const std::string several = plain + routes("v", "b.example, longer.example, '*.w.example'");
    row("2.6 hosts of one VirtualService are one virtual host", several, hosts + "[0]/domains",
        R"(["longer.example","b.example","*.w.example"])", egress);
    row("2.6 that is called by the most specific", several, hosts + "[0]/name", R"("longer.example:8080")",
        egress);
    row("2.6 and there is no other", several, hosts + "[1]", "absent", egress);
    row("2.6 hosts with more routes are another", several + routes("w", "b.example", "/w"),
        hosts + "[b.example:8080]/domains", R"(["b.example"])", egress);
    row("2.6 hosts of two that have both are one",
        plain + routes("v", "b.example, c.example", "/v") + routes("w", "b.example, c.example", "/w"),
        hosts + "[0]/domains", R"(["b.example","c.example"])", egress);
    row("2.6 hosts that redirect are others",
        plain + routes("v", "b.example, c.example") +
            object("Gateway", "r",
                   "{selector: {istio: egress}, servers: [{port: {number: 8080, name: r, protocol: HTTP}, "
                   "hosts: [b.example], tls: {httpsRedirect: true}}]}"),
        hosts + "[b.example:8080]/require_tls", R"("ALL")", egress);
}

void TestGatewayTls::fields()
{
    QFETCH(QByteArray, expected);
    QCOMPARE(fieldOfRow({workload("default", "httpbin", "{app: httpbin}", "sidecar", "{containerPort: 80}"),
                         workload("istio-system", "egress", "{istio: egress}", "gateway")}),
             expected);
}

/// What a credential becomes in the proxy's files (istio:pilot/pkg/credentials/kube/secrets.go).
void TestGatewayTls::credentials_data()
{
    QTest::addColumn<QByteArray>("resources");
    QTest::addColumn<QByteArray>("secret");
    QTest::addColumn<QByteArray>("expected"); ///< certificate/key/staple, or the CA, or why it is missing
    const auto add = [](const char *name, const std::string &resources, const char *file,
                        const char *expected) {
        QTest::newRow(name) << QByteArray::fromStdString(resources) << QByteArray(file)
                            << QByteArray(expected);
    };
    const std::string simple = https("mode: SIMPLE, credentialName: c");
    const std::string mutual = https("mode: MUTUAL, credentialName: c");
    add("the form of Kubernetes", simple + secret("c", "tls.crt: a, tls.key: b"), "kubernetes://c", "a/b/");
    add("its staple", simple + secret("c", "tls.crt: a, tls.key: b, tls.ocsp-staple: s"), "kubernetes://c",
        "a/b/s");
    add("the generic form has no staple", simple + secret("c", "cert: a, key: b, tls.ocsp-staple: s"),
        "kubernetes://c", "a/b/");
    add("the generic form comes first", simple + secret("c", "cert: a, key: b, tls.crt: c, tls.key: d"),
        "kubernetes://c", "a/b/");
    add("half of it is none", simple + secret("c", "cert: a, tls.crt: c, tls.key: d"), "kubernetes://c",
        "c/d/");
    add("half of each is nothing", simple + secret("c", "cert: a, tls.key: d"), "kubernetes://c",
        "has no certificate and key");
    add("the CA of the credential", mutual + secret("c", "tls.crt: a, tls.key: b, ca.crt: e"),
        "kubernetes://c-cacert", "e");
    add("a CA's own secret", mutual + secret("c", "ca.crt: e") + secret("c-cacert", "cacert: f"),
        "kubernetes://c-cacert", "f");
    add("that has none", mutual + secret("c", "ca.crt: e") + secret("c-cacert", "other: f"),
        "kubernetes://c-cacert", "there is no CA certificate");
    add("a CA is no certificate",
        https("mode: SIMPLE, credentialName: c-cacert") + secret("c-cacert", "tls.crt: a, tls.key: b"),
        "kubernetes://c-cacert", "means a CA alone");
    add("a CA that is not called one",
        https("mode: MUTUAL, credentialName: c, caCertCredentialName: d") + secret("d", "ca.crt: e"),
        "kubernetes://d", "not taken for a CA");
}

void TestGatewayTls::credentials()
{
    QFETCH(const QByteArray, resources);
    QFETCH(const QByteArray, secret);
    QFETCH(const QByteArray, expected);
    const Mesh of(documents(
        {workload("istio-system", "egress", "{istio: egress}", "gateway"), resources.toStdString()}));
    const auto &files = of.proxy(egress).secrets;
    const auto file = std::find_if(files.begin(), files.end(),
                                   [&secret](const auto &each) { return each.name == secret.toStdString(); });
    QVERIFY(file != files.end());
    std::string seen = file->missing;
    if (file->secret && file->secret->certificate)
        seen = file->secret->certificate->certificateChain.inlineString.value_or("") + '/' +
               file->secret->certificate->privateKey.inlineString.value_or("") + '/' +
               file->secret->certificate->ocspStaple.inlineBytes.value_or("");
    else if (file->secret && file->secret->validation)
        seen = file->secret->validation->trustedCa.inlineString.value_or("");
    const bool exact = file->secret.has_value();
    QVERIFY2(exact ? seen == expected.toStdString() : seen.find(expected.toStdString()) != std::string::npos,
             seen.c_str());
}

/// Listeners that Envoy 1.40 does not take: nothing listens, and why is said.
void TestGatewayTls::refused_data()
{
    QTest::addColumn<QByteArray>("resources");
    QTest::addColumn<QByteArray>("says");
    const auto add = [](const char *name, const std::string &resources, const char *says) {
        QTest::newRow(name) << QByteArray::fromStdString(resources) << QByteArray(says);
    };
    const std::string simple = "mode: SIMPLE, credentialName: c";
    add("a curve that is none", https(simple + ", ecdhCurves: [P-999]"), "ECDH curves P-999");
    add("a curve that was", mesh("tlsDefaults: {ecdhCurves: [P-256, P-224]}", https(simple)),
        "ECDH curves P-224");
    add("a cipher suite of the mesh", mesh("tlsDefaults: {cipherSuites: [FOO]}", https(simple)),
        "cipher suites FOO");
    const auto own = [](const char *nameSpace) {
        return object(
            "Gateway", "g",
            "{selector: {istio: egress}, servers: [{port: {number: 9443, name: s, protocol: HTTPS}, "
            "hosts: ['./*'], tls: {mode: SIMPLE, credentialName: c}}]}",
            nameSpace);
    };
    add("2.4 './*' of two namespaces", own("aa") + own("bb"), "match the same connections");
    add("names without a CA", https(simple + ", subjectAltNames: [a]"), "names of clients without a CA");
}

void TestGatewayTls::refused()
{
    QFETCH(const QByteArray, resources);
    QFETCH(const QByteArray, says);
    const Mesh of(documents(
        {workload("istio-system", "egress", "{istio: egress}", "gateway"), resources.toStdString()}));
    QVERIFY(!findListener(of.proxy(egress), "0.0.0.0_9443"));
    const auto &warnings = of.compiled().warnings;
    QVERIFY(std::any_of(warnings.begin(), warnings.end(), [&says](const Error &warning) {
        return QByteArray::fromStdString(warning.what).contains(says);
    }));
}

QTEST_GUILESS_MAIN(TestGatewayTls)
#include "test_gateway_tls.moc"
