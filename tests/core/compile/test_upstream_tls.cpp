// SPDX-License-Identifier: GPL-3.0-or-later
#include "mesh_fixture.h"

#include <QtTest>

using namespace fixture;

namespace {

QByteArray bytes(const std::string &text)
{
    return QByteArray::fromStdString(text);
}

std::string rule(const std::string &tls, const std::string &more = {})
{
    return "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: rule, namespace: "
           "default}\nspec: "
           "{host: test.com, " +
           more + "trafficPolicy: {tls: {" + tls + "}}}\n";
}

std::string entry(const std::string &more = {}, const std::string &protocol = "HTTPS")
{
    return "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: test-com, namespace: "
           "default}\nspec: "
           "{hosts: [test.com], location: MESH_EXTERNAL, resolution: STATIC, endpoints: [{address: "
           "203.0.113.10}], " +
           more + "ports: [{number: 443, name: p, protocol: " + protocol + "}]}\n";
}

const std::string gatewayPod = workload("default", "egress", "{istio: egressgateway}", "gateway");
const std::string sidecarPod = workload("default", "sleep", "{app: sleep}");

std::vector<std::string> secretNames(const dataplane::UpstreamTlsContext &tls)
{
    std::vector<std::string> names;
    for (const auto &secret : tls.common.certificateSecrets)
        names.push_back(secret.name);
    if (tls.common.validationSecret)
        names.push_back(tls.common.validationSecret->name);
    return names;
}

QByteArray joined(const std::vector<std::string> &list)
{
    QByteArray text;
    for (const std::string &item : list)
        text += (text.isEmpty() ? "" : " ") + bytes(item);
    return text;
}

QByteArray sans(const dataplane::UpstreamTlsContext &tls)
{
    std::vector<std::string> names;
    for (const auto &matcher : tls.common.validation->anySubjectAltNames)
        names.push_back(matcher.value);
    return joined(names);
}

} // namespace

/// istio-semantics §9.8: TLS toward a service, by the number of the row.
class TestUpstreamTls : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void contexts_data();
    void contexts();
    void incompleteMutual();
    void automatic_data();
    void automatic();
    void credentials();
};

void TestUpstreamTls::contexts_data()
{
    QTest::addColumn<QByteArray>("entryOptions");
    QTest::addColumn<QByteArray>("protocol");
    QTest::addColumn<QByteArray>("ruleOptions");
    QTest::addColumn<QByteArray>("tls");
    QTest::addColumn<bool>("gateway");
    QTest::addColumn<bool>("hasContext");
    QTest::addColumn<QByteArray>("secrets");
    QTest::addColumn<QByteArray>("names");
    QTest::addColumn<QByteArray>("sni");
    QTest::addColumn<bool>("autoSni");
    QTest::addColumn<bool>("autoSan");
    struct Row
    {
        const char *name;
        const char *entryOptions;
        const char *protocol;
        const char *ruleOptions;
        const char *tls;
        bool gateway;
        bool hasContext;
        const char *secrets;
        const char *names;
        const char *sni;
        bool autoSni;
        bool autoSan;
    };
    const Row rows[] = {
        {"U1", "", "HTTPS", "", "mode: DISABLE", true, false, "", "", "", false, false},
        {"U2", "", "HTTPS", "", "mode: ISTIO_MUTUAL, sni: some-sni.com, subjectAltNames: [SAN]", true, true,
         "default ROOTCA", "SAN", "some-sni.com", false, false},
        {"U3", "", "HTTP2", "", "mode: ISTIO_MUTUAL, sni: some-sni.com", true, true, "default ROOTCA", "",
         "some-sni.com", false, false},
        {"U4", "", "HTTPS", "", "mode: SIMPLE, sni: some-sni.com, subjectAltNames: [SAN]", true, true,
         "file-root:system", "SAN", "some-sni.com", false, false},
        {"U5", "", "HTTPS", "", "mode: SIMPLE, sni: some-sni.com, insecureSkipVerify: true", true, true, "",
         "", "some-sni.com", false, false},
        {"U6", "", "HTTPS", "", "mode: SIMPLE, subjectAltNames: [SAN]", true, true, "file-root:system", "SAN",
         "", true, false},
        {"U7", "", "HTTPS", "", "mode: SIMPLE, sni: some-sni.com", true, true, "file-root:system", "",
         "some-sni.com", false, false},
        {"U8", "", "HTTPS", "", "mode: SIMPLE", true, true, "file-root:system", "", "", true, true},
        {"U9 without sni", "subjectAltNames: [entry.name], ", "HTTPS", "", "mode: SIMPLE", true, true,
         "file-root:system", "entry.name", "", true, true},
        {"U9 with sni", "subjectAltNames: [entry.name], ", "HTTPS", "", "mode: SIMPLE, sni: s.com", true,
         true, "file-root:system", "entry.name", "s.com", false, false},
        {"U11", "", "HTTPS", "", "mode: MUTUAL, credentialName: fake, sni: s.com", true, true,
         "kubernetes://fake kubernetes://fake-cacert", "", "s.com", false, false},
        {"U12 simple", "", "HTTPS", "", "mode: SIMPLE, credentialName: fake", false, false, "", "", "", false,
         false},
        {"U12 mutual", "", "HTTPS", "", "mode: MUTUAL, credentialName: fake", false, false, "", "", "", false,
         false},
        {"U13", "", "HTTPS", "workloadSelector: {matchLabels: {app: sleep}}, ",
         "mode: SIMPLE, credentialName: fake, sni: s.com, subjectAltNames: [SAN]", false, true,
         "kubernetes://fake-cacert", "SAN", "s.com", false, false},
        {"insecure without sni", "", "HTTPS", "", "mode: SIMPLE, insecureSkipVerify: true", true, true, "",
         "", "", true, false},
        {"ISTIO_MUTUAL default sni", "", "HTTPS", "", "mode: ISTIO_MUTUAL", true, true, "default ROOTCA", "",
         "outbound_.443_._.test.com", false, false},
    };
    for (const Row &row : rows)
        QTest::addRow("%s", row.name)
            << QByteArray(row.entryOptions) << QByteArray(row.protocol) << QByteArray(row.ruleOptions)
            << QByteArray(row.tls) << row.gateway << row.hasContext << QByteArray(row.secrets)
            << QByteArray(row.names) << QByteArray(row.sni) << row.autoSni << row.autoSan;
}

void TestUpstreamTls::contexts()
{
    QFETCH(QByteArray, entryOptions);
    QFETCH(QByteArray, protocol);
    QFETCH(QByteArray, ruleOptions);
    QFETCH(QByteArray, tls);
    QFETCH(bool, gateway);
    QFETCH(bool, hasContext);
    QFETCH(QByteArray, secrets);
    QFETCH(QByteArray, names);
    QFETCH(QByteArray, sni);
    QFETCH(bool, autoSni);
    QFETCH(bool, autoSan);
    const Mesh mesh(
        documents({gatewayPod, sidecarPod, entry(entryOptions.toStdString(), protocol.toStdString()),
                   rule(tls.toStdString(), ruleOptions.toStdString())}));
    const auto *cluster =
        findCluster(mesh.proxy(gateway ? "default/egress" : "default/sleep"), "outbound|443||test.com");
    QVERIFY(cluster);
    QCOMPARE(cluster->transport.tls.has_value(), hasContext);
    QVERIFY(cluster->transportMatches.empty());
    QCOMPARE(cluster->http && cluster->http->autoSni, autoSni);
    QCOMPARE(cluster->http && cluster->http->autoSanValidation, autoSan);
    if (!hasContext)
        return;
    QCOMPARE(joined(secretNames(*cluster->transport.tls)), secrets);
    QCOMPARE(sans(*cluster->transport.tls), names);
    QCOMPARE(bytes(cluster->transport.tls->sni), sni);
    const bool mesh2 = protocol == "HTTP2" && tls.contains("ISTIO_MUTUAL");
    const auto &alpn = cluster->transport.tls->common.alpnProtocols;
    QCOMPARE(std::find(alpn.begin(), alpn.end(), "h2") != alpn.end(), mesh2);
    using Version = dataplane::TlsParameters::Version;
    QCOMPARE(cluster->transport.tls->common.parameters.minimum, Version::Tls12);
    QCOMPARE(cluster->transport.tls->common.parameters.maximum, Version::Tls13);
}

void TestUpstreamTls::incompleteMutual() // U10
{
    const Mesh mesh(documents({gatewayPod, entry(), rule("mode: MUTUAL, privateKey: /etc/key.pem")}));
    QVERIFY(!findCluster(mesh.proxy("default/egress"), "outbound|443||test.com")->transport.tls);
    QCOMPARE(mesh.compiled().errors.size(), std::size_t{1});
    QVERIFY(mesh.compiled().errors.front().where.line > 0);
}

void TestUpstreamTls::automatic_data() // U14, L8 and §7.1
{
    QTest::addColumn<QByteArray>("resources");
    QTest::addColumn<bool>("offered");
    QTest::addRow("in the mesh") << QByteArray() << true;
    QTest::addRow("switched off for the mesh") << bytes(meshConfig("enableAutoMtls: false\n")) << false;
    QTest::addRow("the namespace's PeerAuthentication disables it")
        << QByteArray("apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: p, "
                      "namespace: default}\n"
                      "spec: {mtls: {mode: DISABLE}}\n")
        << false;
    QTest::addRow("a rule without tls leaves it")
        << QByteArray("apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: r, "
                      "namespace: default}\n"
                      "spec: {host: server, trafficPolicy: {loadBalancer: {simple: RANDOM}}}\n")
        << true;
    QTest::addRow("a rule that disables it")
        << QByteArray("apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: r, "
                      "namespace: default}\n"
                      "spec: {host: server, trafficPolicy: {tls: {mode: DISABLE}}}\n")
        << false;
    // What its endpoints speak is told by the rule's top level nevertheless.
    QTest::addRow("a port level without tls is no tls rule")
        << QByteArray("apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: r, "
                      "namespace: default}\n"
                      "spec: {host: server, trafficPolicy: {tls: {mode: DISABLE}, portLevelSettings: [{port: "
                      "{number: 80}, "
                      "loadBalancer: {simple: RANDOM}}]}}\n")
        << true;
}

void TestUpstreamTls::automatic()
{
    QFETCH(QByteArray, resources);
    QFETCH(bool, offered);
    std::vector<std::string> all = {sidecarPod, workload("default", "server", "{app: server}"),
                                    workload("default", "plain", "{app: server}", "none"),
                                    service("default", "server", "{app: server}", "{name: http, port: 80}")};
    if (!resources.isEmpty())
        all.push_back(resources.toStdString());
    const Mesh mesh(documents(all));
    QCOMPARE(bytes(mesh.complaints()), QByteArray());
    const auto *cluster =
        findCluster(mesh.proxy("default/sleep"), "outbound|80||server.default.svc.cluster.local");
    QVERIFY(cluster);
    QCOMPARE(!cluster->transportMatches.empty(), offered);
    QVERIFY(!cluster->transport.tls);
    if (!offered)
        return;
    QCOMPARE(cluster->transportMatches.front().name, std::string("tlsMode-istio"));
    QVERIFY(!cluster->transportMatches.back().transport.tls);
    QCOMPARE(
        sans(*cluster->transportMatches.front().transport.tls),
        QByteArray("spiffe://cluster.local/ns/default/sa/plain spiffe://cluster.local/ns/default/sa/server"));
    int speaking = 0;
    for (const auto &endpoint : cluster->loadAssignment->endpoints.front().endpoints)
        speaking +=
            endpoint.metadata.filters.contains(QStringLiteral("envoy.transport_socket_match")) ? 1 : 0;
    const bool withheld = resources.contains("portLevelSettings");
    QCOMPARE(speaking, withheld ? 0 : 1);
}

void TestUpstreamTls::credentials()
{
    const auto secret = [](const char *name, const char *nameSpace, const char *data) {
        return std::string("apiVersion: v1\nkind: Secret\nmetadata: {name: ") + name +
               ", namespace: " + nameSpace + "}\nstringData: {" + data + "}\n";
    };
    const auto compiledWith = [&](const std::vector<std::string> &secrets) {
        std::vector<std::string> all = {gatewayPod, entry(), rule("mode: MUTUAL, credentialName: c, sni: s")};
        all.insert(all.end(), secrets.begin(), secrets.end());
        return Mesh(documents(all));
    };
    const auto find = [](const Mesh &mesh, const std::string &name) {
        for (const compile::SecretFile &file : mesh.proxy("default/egress").secrets) {
            if (file.name == name)
                return file;
        }
        return compile::SecretFile();
    };
    // Generic keys win over the TLS ones; the CA may lie in a secret of its own.
    const Mesh own = compiledWith(
        {secret("c", "default", "tls.crt: t, tls.key: k, cert: generic, key: gk, ca.crt: inside"),
         secret("c-cacert", "default", "cacert: apart, ca.crt: other")});
    QCOMPARE(*find(own, "kubernetes://c").secret->certificate->certificateChain.inlineString,
             std::string("generic"));
    QCOMPARE(*find(own, "kubernetes://c-cacert").secret->validation->trustedCa.inlineString,
             std::string("apart"));
    const Mesh inside = compiledWith({secret("c", "default", "tls.crt: t, tls.key: k, ca.crt: inside")});
    QCOMPARE(*find(inside, "kubernetes://c-cacert").secret->validation->trustedCa.inlineString,
             std::string("inside"));
    // Only the proxy's own namespace counts.
    const Mesh elsewhere =
        compiledWith({secret("c", "istio-system", "tls.crt: t, tls.key: k, ca.crt: inside")});
    QVERIFY(!find(elsewhere, "kubernetes://c").secret);
    QVERIFY(!find(elsewhere, "kubernetes://c").missing.empty());
    // A credential without a CA leaves the verification without its secret.
    const Mesh noCa = compiledWith({secret("c", "default", "tls.crt: t, tls.key: k")});
    QVERIFY(find(noCa, "kubernetes://c").secret);
    QVERIFY(!find(noCa, "kubernetes://c-cacert").secret);
}

QTEST_GUILESS_MAIN(TestUpstreamTls)
#include "test_upstream_tls.moc"
