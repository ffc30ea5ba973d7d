// SPDX-License-Identifier: GPL-3.0-or-later
#include "mesh_fixture.h"

#include <QtTest>

using namespace fixture;

namespace {

QByteArray bytes(const std::string &text)
{
    return QByteArray::fromStdString(text);
}

std::string gateway(const std::string &nameSpace, const std::string &name, const std::string &servers)
{
    return "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: " + name +
           ", namespace: " + nameSpace + "}\nspec: {selector: {istio: ingressgateway}, servers: [" + servers +
           "]}\n";
}

std::string server(int port, const std::string &protocol, const std::string &hosts,
                   const std::string &more = {}, const std::string &name = {})
{
    return "{port: {number: " + std::to_string(port) +
           ", name: " + (name.empty() ? "p" + std::to_string(port) : name) + ", protocol: " + protocol +
           "}, hosts: [" + hosts + "]" + (more.empty() ? "" : ", " + more) + "}";
}

std::string virtualService(const std::string &nameSpace, const std::string &name, const std::string &gateways,
                           const std::string &hosts, const std::string &rest)
{
    return "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: " + name +
           ", namespace: " + nameSpace + "}\nspec: {gateways: [" + gateways + "], hosts: [" + hosts + "], " +
           rest + "}\n";
}

std::string httpTo(const std::string &host, const std::string &match = {}, const std::string &port = {})
{
    return "http: [{" + (match.empty() ? std::string() : "match: [" + match + "], ") +
           "route: [{destination: {host: " + host + (port.empty() ? "" : ", port: {number: " + port + "}") +
           "}}]}]";
}

const std::string gatewayPod =
    workload("istio-system", "ingressgateway", "{istio: ingressgateway}", "gateway");

Mesh meshOf(std::vector<std::string> resources)
{
    resources.push_back(gatewayPod);
    return Mesh(documents(resources));
}

Outcome ask(const Mesh &mesh, const Call &call)
{
    return inbound(mesh.proxy("istio-system/ingressgateway"), call);
}

Call http(std::uint32_t port, const std::string &host, const std::string &path = "/")
{
    Call call;
    call.port = port;
    call.host = host;
    call.path = path;
    return call;
}

Call tls(std::uint32_t port, const std::string &sni, const std::string &host)
{
    Call call = http(port, host);
    call.tls = true;
    call.sni = sni;
    return call;
}

} // namespace

/// istio-semantics §9.5: what a gateway does, by the number of the row.
class TestGatewayRuntime : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void httpServers_data();
    void httpServers();
    void hostsOfTwoVirtualServices();
    void httpsRedirect();
    void tcpServers();
    void passthrough();
    void severalNamespaces();
    void mergedVirtualServices();
    void portTranslation();
    void boundToAService_data();
    void boundToAService();
    void terminatedTls();
    void conflicts();
    void namesOfTlsServers();
    void headlessServices();
    void autoPassthrough();
};

void TestGatewayRuntime::httpServers_data()
{
    QTest::addColumn<bool>("withVirtualService");
    QTest::addColumn<int>("port");
    QTest::addColumn<QByteArray>("host");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("expected");
    QTest::addColumn<QByteArray>("virtualHost");
    QTest::addRow("R1") << false << 80 << QByteArray("foo.bar") << QByteArray("/") << QByteArray("404")
                        << QByteArray("blackhole:80");
    QTest::addRow("R2") << false << 81 << QByteArray("foo.bar") << QByteArray("/")
                        << QByteArray("no listener") << QByteArray();
    QTest::addRow("R3") << true << 80 << QByteArray("foo.bar") << QByteArray("/") << QByteArray("404")
                        << QByteArray("foo.bar:80");
    QTest::addRow("R4") << true << 80 << QByteArray("bad.bar") << QByteArray("/") << QByteArray("404")
                        << QByteArray();
    QTest::addRow("R5") << true << 80 << QByteArray("foo.bar") << QByteArray("/productpage")
                        << QByteArray("outbound|9080||productpage.default.svc.cluster.local")
                        << QByteArray("foo.bar:80");
}

void TestGatewayRuntime::httpServers()
{
    QFETCH(bool, withVirtualService);
    QFETCH(int, port);
    QFETCH(QByteArray, host);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, expected);
    QFETCH(QByteArray, virtualHost);
    std::vector<std::string> resources = {
        gateway("default", "gateway", server(80, "HTTP", "foo.bar")),
        service("default", "productpage", "{app: productpage}", "{name: http, port: 9080}")};
    if (withVirtualService)
        resources.push_back(virtualService("default", "bookinfo", "gateway", "'*'",
                                           httpTo("productpage", "{uri: {exact: /productpage}}")));
    const Outcome outcome = ask(
        meshOf(resources), http(static_cast<std::uint32_t>(port), host.toStdString(), path.toStdString()));
    QCOMPARE(bytes(outcome.summary()), expected);
    QCOMPARE(bytes(outcome.virtualHost), virtualHost);
    if (expected != "no listener") {
        QCOMPARE(bytes(outcome.listener), QByteArray("0.0.0.0_80"));
        QCOMPARE(bytes(outcome.routes), QByteArray("http.80"));
    }
}

void TestGatewayRuntime::hostsOfTwoVirtualServices() // R6
{
    const Mesh mesh =
        meshOf({gateway("default", "gateway", server(80, "HTTP", "'*.example.com'")),
                virtualService("default", "a", "gateway", "a.example.com", httpTo("a", {}, "80")),
                virtualService("default", "b", "gateway", "b.example.com", httpTo("b", {}, "80"))});
    QCOMPARE(bytes(ask(mesh, http(80, "a.example.com")).summary()),
             QByteArray("outbound|80||a.default.svc.cluster.local"));
    QCOMPARE(bytes(ask(mesh, http(80, "b.example.com")).summary()),
             QByteArray("outbound|80||b.default.svc.cluster.local"));
    QCOMPARE(bytes(ask(mesh, http(80, "c.example.com")).summary()), QByteArray("404"));
}

void TestGatewayRuntime::httpsRedirect() // R7, R8
{
    const std::string redirecting = server(80, "HTTP", "example.com", "tls: {httpsRedirect: true}");
    QCOMPARE(ask(meshOf({gateway("default", "gateway", redirecting)}), http(80, "example.com")).status, 301);
    const std::string route = virtualService("default", "a", "gateway", "example.com", httpTo("a", {}, "80"));
    QCOMPARE(ask(meshOf({gateway("default", "gateway", redirecting), route}), http(80, "example.com")).status,
             301);
    QCOMPARE(ask(meshOf({gateway("default", "gateway",
                                 redirecting + ", " + server(80, "HTTP", "other.com", {}, "q80")),
                         route}),
                 http(80, "example.com"))
                 .status,
             301);
    const Mesh https =
        meshOf({gateway("default", "gateway",
                        server(443, "HTTPS", "example.com",
                               "tls: {httpsRedirect: true, mode: SIMPLE, credentialName: c}", "https")),
                route});
    const Outcome served = ask(https, tls(443, "example.com", "example.com"));
    QCOMPARE(bytes(served.routes), QByteArray("https.443.https.gateway.default"));
    QCOMPARE(bytes(served.virtualHost), QByteArray("example.com:443"));
    QCOMPARE(bytes(served.summary()), QByteArray("outbound|80||a.default.svc.cluster.local"));
}

void TestGatewayRuntime::tcpServers() // R9, R10, R12, R13
{
    const std::string route =
        virtualService("default", "v", "istio-system/gateway", "'*'",
                       "tcp: [{route: [{destination: {host: productpage, port: {number: 9080}}}]}]");
    const std::string target =
        service("default", "productpage", "{app: productpage}", "{name: tcp, port: 9080}");
    Call raw = http(80, {});
    raw.http = false;
    const std::string first = gateway("istio-system", "gateway", server(80, "TCP", "'*'"));
    QCOMPARE(
        bytes(ask(meshOf({first, gateway("alpha", "gateway", server(80, "TCP", "'*'")), route, target}), raw)
                  .summary()),
        QByteArray("no listener"));
    QCOMPARE(
        bytes(ask(meshOf({first, gateway("zeta", "gateway", server(80, "TCP", "'*'")), route, target}), raw)
                  .summary()),
        QByteArray("outbound|9080||productpage.default.svc.cluster.local"));
    QCOMPARE(bytes(ask(meshOf({gateway("default", "alpha", server(80, "TCP", "'*'")),
                               gateway("default", "beta", server(80, "HTTP", "foo.bar"))}),
                       raw)
                       .summary()),
             QByteArray("no listener"));
    const Outcome outcome = ask(meshOf({gateway("default", "alpha", server(80, "HTTP", "foo.bar")),
                                        gateway("default", "beta", server(80, "TCP", "'*'"))}),
                                http(80, "foo.bar"));
    QCOMPARE(bytes(outcome.virtualHost), QByteArray("blackhole:80"));
    QCOMPARE(outcome.status, 404);
}

void TestGatewayRuntime::passthrough() // R11
{
    const auto route = [](const char *name, const char *destination) {
        return virtualService(
            "default", name, "gateway", "mysite.example.com",
            std::string("tls: [{match: [{sniHosts: [mysite.example.com]}], route: [{destination: {host: ") +
                destination + ", port: {number: 443}}}]}]");
    };
    const Mesh mesh =
        meshOf({gateway("default", "gateway", server(443, "TLS", "'*'", "tls: {mode: PASSTHROUGH}")),
                route("a", "first.example"), route("b", "second.example")});
    QCOMPARE(bytes(ask(mesh, tls(443, "mysite.example.com", {})).summary()),
             QByteArray("outbound|443||first.example"));
    QCOMPARE(bytes(ask(mesh, tls(443, "other.example.com", {})).summary()), QByteArray("no chain"));
    QCOMPARE(findListener(mesh.proxy("istio-system/ingressgateway"), "0.0.0.0_443")->filterChains.size(),
             std::size_t{1});
}

void TestGatewayRuntime::severalNamespaces() // R14
{
    const Mesh mesh = meshOf(
        {gateway("istio-system", "one", server(80, "HTTP", "ns-1/*.example.com")),
         gateway("istio-system", "two", server(80, "HTTP", "ns-2/*.example.com")),
         virtualService("ns-1", "echo", "istio-system/one", "ns-1.example.com", httpTo("echo", {}, "80")),
         virtualService("ns-2", "echo", "istio-system/two", "ns-2.example.com", httpTo("echo", {}, "80"))});
    QCOMPARE(bytes(ask(mesh, http(80, "ns-1.example.com")).summary()),
             QByteArray("outbound|80||echo.ns-1.svc.cluster.local"));
    QCOMPARE(bytes(ask(mesh, http(80, "ns-2.example.com")).summary()),
             QByteArray("outbound|80||echo.ns-2.svc.cluster.local"));
    QCOMPARE(bytes(ask(mesh, http(80, "ns-2.example.com")).routes), QByteArray("http.80"));
}

void TestGatewayRuntime::mergedVirtualServices() // R15
{
    const auto rule = [](const char *path, const char *host) {
        return std::string("{match: [{uri: {prefix: ") + path + "}}], route: [{destination: {host: " + host +
               ", port: {number: 80}}}]}";
    };
    const Mesh mesh = meshOf(
        {gateway("default", "gateway", server(80, "HTTP", "'*.example.com'")),
         virtualService("default", "a-both", "gateway", "foo.example.com, bar.example.com",
                        "http: [" + rule("/1", "echo-foobar") + ", " + rule("/2", "echo-foobar") + "]"),
         virtualService("default", "b-foo", "gateway", "foo.example.com",
                        "http: [" + rule("/foo", "echo-foo") + "]"),
         virtualService("default", "c-bar", "gateway", "bar.example.com",
                        "http: [" + rule("/bar", "echo-bar") + "]")});
    const auto cluster = [&mesh](const char *host, const char *path) {
        return bytes(ask(mesh, http(80, host, path)).summary());
    };
    QCOMPARE(cluster("foo.example.com", "/1"),
             QByteArray("outbound|80||echo-foobar.default.svc.cluster.local"));
    QCOMPARE(cluster("foo.example.com", "/foo"),
             QByteArray("outbound|80||echo-foo.default.svc.cluster.local"));
    QCOMPARE(cluster("bar.example.com", "/bar"),
             QByteArray("outbound|80||echo-bar.default.svc.cluster.local"));
    QCOMPARE(cluster("bar.example.com", "/foo"), QByteArray("404"));
    // What takes everything comes last, whoever brought it.
    const Mesh catchAll =
        meshOf({gateway("default", "gateway", server(80, "HTTP", "'*'")),
                virtualService("default", "a-all", "gateway", "foo.example.com", httpTo("all", {}, "80")),
                virtualService("default", "b-foo", "gateway", "foo.example.com",
                               "http: [" + rule("/foo", "echo-foo") + "]")});
    QCOMPARE(bytes(ask(catchAll, http(80, "foo.example.com", "/foo")).summary()),
             QByteArray("outbound|80||echo-foo.default.svc.cluster.local"));
}

void TestGatewayRuntime::boundToAService_data()
{
    QTest::addColumn<QByteArray>("service");
    QTest::addColumn<int>("port");
    QTest::addColumn<QByteArray>("host");
    QTest::addColumn<QByteArray>("listener");
    QTest::addColumn<QByteArray>("virtualHost");
    const QByteArray own = "istio-ingressgateway.istio-system.svc.cluster.local";
    QTest::addRow("R17 the Service's port is its target's")
        << own << 8080 << QByteArray("80.example.com") << QByteArray("0.0.0.0_8080")
        << QByteArray("80.example.com:80");
    QTest::addRow("R17 no port but the Service's")
        << own << 82 << QByteArray("81.example.com") << QByteArray() << QByteArray();
    QTest::addRow("R17 nor the Service's number")
        << own << 80 << QByteArray("80.example.com") << QByteArray() << QByteArray();
    QTest::addRow("R17 a Service of another namespace")
        << QByteArray("istio-ingressgateway.not-istio-system.svc.cluster.local") << 8080
        << QByteArray("80.example.com") << QByteArray() << QByteArray();
    QTest::addRow("R17 one of several Services")
        << QByteArray("other.istio-system.svc.cluster.local," + own) << 8080 << QByteArray("80.example.com")
        << QByteArray("0.0.0.0_8080") << QByteArray("80.example.com:80");
}

void TestGatewayRuntime::boundToAService() // R17
{
    QFETCH(QByteArray, service);
    QFETCH(int, port);
    QFETCH(QByteArray, host);
    QFETCH(QByteArray, listener);
    QFETCH(QByteArray, virtualHost);
    const std::string bound = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: gateway, "
                              "namespace: istio-system, "
                              "annotations: {internal.istio.io/gateway-service: '" +
                              service.toStdString() + "'}}\nspec: {servers: [" +
                              server(80, "HTTP", "80.example.com") + ", " +
                              server(82, "HTTP", "82.example.com") + "]}\n";
    const Mesh mesh = meshOf(
        {bound,
         fixture::service("istio-system", "istio-ingressgateway", "{istio: ingressgateway}",
                          "{name: http, port: 80, targetPort: 8080}"),
         virtualService("default", "a", "istio-system/gateway", "'*.example.com'", httpTo("a", {}, "80"))});
    const Outcome outcome = ask(mesh, http(static_cast<std::uint32_t>(port), host.toStdString()));
    QCOMPARE(bytes(outcome.listener), listener);
    QCOMPARE(bytes(outcome.virtualHost), virtualHost);
    if (!listener.isEmpty()) {
        QCOMPARE(bytes(outcome.routes), "http." + QByteArray::number(port));
        QCOMPARE(bytes(outcome.summary()), QByteArray("outbound|80||a.default.svc.cluster.local"));
    }
}

void TestGatewayRuntime::portTranslation() // R16, R18
{
    const Mesh mesh = meshOf(
        {gateway("default", "gateway80", server(80, "HTTP", "example.com")),
         gateway("default", "gateway8081", server(8081, "HTTP", "example.com")),
         service("istio-system", "a-direct", "{istio: ingressgateway}",
                 "{name: http, port: 80, targetPort: 8081}",
                 "{experimental.istio.io/disable-gateway-port-translation: \"true\"}"),
         service("istio-system", "b-translated", "{istio: ingressgateway}",
                 "{name: http, port: 80, targetPort: 8080}"),
         virtualService("default", "a", "gateway80, gateway8081", "example.com", httpTo("a", {}, "80")),
         virtualService("default", "b", "gateway80, gateway8081", "example.com", httpTo("b", {}, "80"))});
    for (const auto &[port, declared] : {std::pair(8080U, "80"), std::pair(8081U, "8081")}) {
        const Outcome outcome = ask(mesh, http(port, "example.com"));
        QCOMPARE(bytes(outcome.listener), "0.0.0.0_" + QByteArray::number(port));
        QCOMPARE(bytes(outcome.routes), "http." + QByteArray::number(port));
        QCOMPARE(bytes(outcome.virtualHost), QByteArray("example.com:") + declared);
        QCOMPARE(bytes(outcome.summary()), QByteArray("outbound|80||a.default.svc.cluster.local"));
    }
    const Mesh untranslated =
        meshOf({gateway("default", "gateway", server(82, "HTTP", "'*.example.com'")),
                virtualService("default", "a", "gateway", "82.example.com", httpTo("a", {}, "80"))});
    const Outcome outcome = ask(untranslated, http(82, "82.example.com"));
    QCOMPARE(bytes(outcome.routes), QByteArray("http.82"));
    QCOMPARE(bytes(outcome.virtualHost), QByteArray("82.example.com:82"));
}

void TestGatewayRuntime::terminatedTls() // R19
{
    const Mesh mesh =
        meshOf({gateway("default", "gateway",
                        server(443, "TLS", "example.com", "tls: {mode: SIMPLE, credentialName: c}")),
                virtualService("default", "a", "gateway", "example.com",
                               "tcp: [{route: [{destination: {host: backend, port: {number: 8080}}}]}]")});
    const Outcome outcome = ask(mesh, tls(443, "example.com", {}));
    QVERIFY(outcome.terminatesTls);
    QCOMPARE(bytes(outcome.summary()), QByteArray("outbound|8080||backend.default.svc.cluster.local"));
    QCOMPARE(bytes(ask(mesh, tls(443, "other.com", {})).summary()), QByteArray("no chain"));
}

void TestGatewayRuntime::conflicts()
{
    // A plaintext server first: a TLS server on its port is left out.
    const Mesh plainFirst = meshOf(
        {gateway("default", "a", server(80, "HTTP", "foo.bar")),
         gateway("default", "b", server(80, "HTTPS", "foo.bar", "tls: {mode: SIMPLE, credentialName: c}"))});
    QCOMPARE(findListener(plainFirst.proxy("istio-system/ingressgateway"), "0.0.0.0_80")->filterChains.size(),
             std::size_t{1});
    QCOMPARE(plainFirst.compiled().warnings.size(), std::size_t{1});
    // TLS for every name first, plaintext later: Envoy refuses the listener.
    const Mesh refused =
        meshOf({gateway("default", "a", server(80, "HTTPS", "'*'", "tls: {mode: SIMPLE, credentialName: c}")),
                gateway("default", "b", server(80, "HTTP", "foo.bar"))});
    QVERIFY(!findListener(refused.proxy("istio-system/ingressgateway"), "0.0.0.0_80"));
    // TLS for one name first: both are there.
    const Mesh both = meshOf(
        {gateway("default", "a", server(80, "HTTPS", "foo.bar", "tls: {mode: SIMPLE, credentialName: c}")),
         gateway("default", "b", server(80, "HTTP", "foo.bar"))});
    QCOMPARE(findListener(both.proxy("istio-system/ingressgateway"), "0.0.0.0_80")->filterChains.size(),
             std::size_t{2});
    // The same host twice on TLS: the later server is left out as a whole.
    const Mesh duplicate = meshOf(
        {gateway("default", "a", server(443, "HTTPS", "foo.bar", "tls: {mode: SIMPLE, credentialName: c}")),
         gateway("default", "b",
                 server(443, "HTTPS", "foo.bar, other.bar", "tls: {mode: SIMPLE, credentialName: c}"))});
    QCOMPARE(findListener(duplicate.proxy("istio-system/ingressgateway"), "0.0.0.0_443")->filterChains.size(),
             std::size_t{1});
    // Only in case they differ: istiod keeps both, Envoy refuses the listener.
    const Mesh inCase = meshOf(
        {gateway("default", "a", server(443, "HTTPS", "foo.bar", "tls: {mode: SIMPLE, credentialName: c}")),
         gateway("default", "b", server(443, "HTTPS", "FOO.bar", "tls: {mode: SIMPLE, credentialName: c}"))});
    QVERIFY(!findListener(inCase.proxy("istio-system/ingressgateway"), "0.0.0.0_443"));
    // Another address: another listener.
    const Mesh bound =
        meshOf({gateway("default", "a", server(80, "HTTP", "foo.bar")),
                gateway("default", "b", server(80, "TCP", "'*'", "bind: 10.10.0.11")),
                virtualService("default", "v", "b", "'*'",
                               "tcp: [{route: [{destination: {host: x.example, port: {number: 1}}}]}]")});
    QVERIFY(findListener(bound.proxy("istio-system/ingressgateway"), "0.0.0.0_80"));
    QVERIFY(findListener(bound.proxy("istio-system/ingressgateway"), "10.10.0.11_80"));
}

void TestGatewayRuntime::namesOfTlsServers()
{
    const Mesh mesh = meshOf(
        {gateway("default", "gateway", server(80, "HTTPS", "'*'", "tls: {mode: ISTIO_MUTUAL}", "http"))});
    const auto *listener = findListener(mesh.proxy("istio-system/ingressgateway"), "0.0.0.0_80");
    QVERIFY(listener);
    QVERIFY(listener->filterChains.front().match.serverNames.empty());
    QVERIFY(listener->filterChains.front().tls->requireClientCertificate);
    QVERIFY(findRoutes(mesh.proxy("istio-system/ingressgateway"), "https.80.http.gateway.default"));
}

void TestGatewayRuntime::headlessServices()
{
    const Mesh mesh =
        meshOf({"apiVersion: v1\nkind: Service\nmetadata: {name: head, namespace: default}\n"
                "spec: {clusterIP: None, selector: {app: known}, ports: [{name: http, port: 80}]}\n",
                workload("default", "known", "{app: known}", "sidecar", "{containerPort: 80}")});
    const auto *cluster =
        findCluster(mesh.proxy("istio-system/ingressgateway"), "outbound|80||head.default.svc.cluster.local");
    QVERIFY(cluster && cluster->loadAssignment);
    QCOMPARE(cluster->loadAssignment->endpoints.front().endpoints.size(), std::size_t{1});
    // A client's sidecar sends to the pod that the client chose, and all of them speak the mesh's TLS.
    const auto *chosen =
        findCluster(mesh.proxy("default/known"), "outbound|80||head.default.svc.cluster.local");
    QVERIFY(chosen && chosen->type == dataplane::Cluster::Type::OriginalDst);
    QVERIFY(chosen->transport.tls && chosen->transportMatches.empty());
}

void TestGatewayRuntime::autoPassthrough()
{
    const Mesh mesh = meshOf(
        {gateway("default", "gateway", server(15443, "TLS", "'*.local'", "tls: {mode: AUTO_PASSTHROUGH}")),
         service("default", "known", "{app: known}", "{name: http, port: 80}"),
         workload("default", "known", "{app: known}", "sidecar", "{containerPort: 80}"),
         service("default", "plain", "{app: plain}", "{name: http, port: 80}"),
         workload("default", "plain", "{app: plain}", "none", "{containerPort: 80}")});
    const std::string name = "outbound_.80_._.known.default.svc.cluster.local";
    Call call = tls(15443, name, {});
    call.alpn = {"istio"};
    const Outcome outcome = ask(mesh, call);
    QCOMPARE(bytes(outcome.summary()), bytes(name));
    QVERIFY(!outcome.terminatesTls);
    QVERIFY(findCluster(mesh.proxy("istio-system/ingressgateway"), name));
    call.alpn = {"h2"};
    QCOMPARE(bytes(ask(mesh, call).summary()), QByteArray("no chain"));
    const auto members = [&mesh](const char *host) {
        const auto *cluster = findCluster(mesh.proxy("istio-system/ingressgateway"), host);
        return cluster->loadAssignment->endpoints.front().endpoints.size();
    };
    QCOMPARE(members("outbound_.80_._.known.default.svc.cluster.local"), std::size_t{1});
    // A pod without a sidecar cannot end the mesh's TLS.
    QCOMPARE(members("outbound_.80_._.plain.default.svc.cluster.local"), std::size_t{0});
}

QTEST_GUILESS_MAIN(TestGatewayRuntime)
#include "test_gateway_runtime.moc"
