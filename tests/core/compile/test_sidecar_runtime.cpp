// SPDX-License-Identifier: GPL-3.0-or-later
#include "mesh_fixture.h"

#include <QtTest>

using namespace fixture;

namespace {

QByteArray bytes(const std::string &text)
{
    return QByteArray::fromStdString(text);
}

std::string allProtocols(const std::string &addresses)
{
    return "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: all, namespace: "
           "default}\nspec:\n"
           "  hosts: [istio.io]\n" +
           (addresses.empty() ? std::string() : "  addresses: [" + addresses + "]\n") +
           "  location: MESH_EXTERNAL\n  resolution: STATIC\n  endpoints: [{address: 203.0.113.10}]\n  "
           "ports:\n"
           "  - {number: 80, name: http, protocol: HTTP}\n"
           "  - {number: 81, name: auto}\n"
           "  - {number: 82, name: tcp, protocol: TCP}\n"
           "  - {number: 83, name: tls, protocol: TLS}\n"
           "  - {number: 84, name: https, protocol: HTTPS}\n"
           "  - {number: 85, name: grpc, protocol: GRPC}\n"
           "  - {number: 86, name: h2, protocol: HTTP2}\n";
}

std::string policy(const char *mode)
{
    return std::string("outboundTrafficPolicy: {mode: ") + mode + "}\n";
}

std::string virtualService(const std::string &nameSpace, const std::string &name, const std::string &hosts,
                           const std::string &destination, const std::string &time = {},
                           const std::string &match = {})
{
    return "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: " + name +
           ", namespace: " + nameSpace + (time.empty() ? "" : ", creationTimestamp: \"" + time + "\"") +
           "}\nspec:\n  hosts: [" + hosts + "]\n  http:\n  - " +
           (match.empty() ? "" : "match: [" + match + "]\n    ") + "route: [{destination: {" + destination +
           "}}]\n";
}

constexpr const char *older = "2024-01-01T00:00:00Z";
constexpr const char *base = "2024-01-02T00:00:00Z";
constexpr const char *newer = "2024-01-03T00:00:00Z";

} // namespace

/// istio-semantics §9.6: what a sidecar does with connections and requests, by the number of the row.
class TestSidecarRuntime : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void passthroughTraffic_data();
    void passthroughTraffic();
    void directToTheProxy();
    void routing_data();
    void routing();
    void sidecarScope();
    void sniffedPorts();
    void entriesOfOneHost();
    void trustDomainAliases();
    void proxyHeaders();
    void peerAuthentication_data();
    void peerAuthentication();
};

void TestSidecarRuntime::passthroughTraffic_data()
{
    QTest::addColumn<QByteArray>("mode");
    QTest::addColumn<QByteArray>("addresses");
    QTest::addColumn<QByteArray>("kind"); ///< http, tcp, tls
    QTest::addColumn<int>("port");
    QTest::addColumn<QByteArray>("expected");
    for (const int port : {80, 81, 85, 86}) {
        QTest::addRow("M1 %d", port) << QByteArray("REGISTRY_ONLY") << QByteArray() << QByteArray("http")
                                     << port << QByteArray("502");
        QTest::addRow("M4 of M1 %d", port) << QByteArray("ALLOW_ANY") << QByteArray() << QByteArray("http")
                                           << port << QByteArray("PassthroughCluster");
    }
    for (const char *mode : {"REGISTRY_ONLY", "ALLOW_ANY"}) {
        const QByteArray expected = QByteArray(mode) == "ALLOW_ANY" ? QByteArray("PassthroughCluster")
                                                                    : QByteArray("BlackHoleCluster");
        QTest::addRow("M2 %s", mode) << QByteArray(mode) << QByteArray() << QByteArray("tcp") << 82
                                     << QByteArray("outbound|82||istio.io");
        for (const int port : {83, 84, 80})
            QTest::addRow("M3 tls %d %s", port, mode)
                << QByteArray(mode) << QByteArray() << QByteArray("tls") << port << expected;
        QTest::addRow("M3 tcp 80 %s", mode)
            << QByteArray(mode) << QByteArray() << QByteArray("tcp") << 80 << expected;
    }
    for (const int port : {80, 85, 86})
        QTest::addRow("M5 %d", port) << QByteArray("REGISTRY_ONLY") << QByteArray("1.2.3.4")
                                     << QByteArray("http") << port << QByteArray("502");
    // M6: what speaks HTTP in the clear is looked up by its host, with or without a listener for the port.
    for (const int port : {80, 81, 85, 86, 9999})
        QTest::addRow("M6 http %d", port)
            << QByteArray("ALLOW_ANY_DYNAMIC_DNS") << QByteArray() << QByteArray("http") << port
            << QByteArray("AllowAnyDynamicDNSCluster");
    for (const int port : {80, 83, 84, 9999})
        QTest::addRow("M6 tls %d", port) << QByteArray("ALLOW_ANY_DYNAMIC_DNS") << QByteArray()
                                         << QByteArray("tls") << port << QByteArray("PassthroughCluster");
    for (const int port : {80, 9999})
        QTest::addRow("M6 tcp %d", port) << QByteArray("ALLOW_ANY_DYNAMIC_DNS") << QByteArray()
                                         << QByteArray("tcp") << port << QByteArray("PassthroughCluster");
    QTest::addRow("M5 81") << QByteArray("REGISTRY_ONLY") << QByteArray("1.2.3.4") << QByteArray("http") << 81
                           << QByteArray("BlackHoleCluster");
}

void TestSidecarRuntime::passthroughTraffic()
{
    QFETCH(QByteArray, mode);
    QFETCH(QByteArray, addresses);
    QFETCH(QByteArray, kind);
    QFETCH(int, port);
    QFETCH(QByteArray, expected);
    const Mesh mesh(
        documents({meshConfig(policy(mode.constData())), workload("default", "sleep", "{app: sleep}"),
                   allProtocols(addresses.toStdString())}));
    Call call;
    call.address = "203.0.113.50";
    call.port = static_cast<std::uint32_t>(port);
    call.host = "foo";
    call.tls = kind == "tls";
    call.sni = call.tls ? "foo" : "";
    call.http = kind == "http";
    QCOMPARE(bytes(outbound(mesh.proxy("default/sleep"), call).summary()), expected);
    QCOMPARE(bytes(mesh.complaints()), QByteArray());
}

void TestSidecarRuntime::directToTheProxy() // M7
{
    const Mesh mesh(documents({workload("default", "sleep", "{app: sleep}"), allProtocols({})}));
    Call call;
    call.port = 15001;
    call.http = false;
    call.address = "10.10.0.11";
    QCOMPARE(bytes(outbound(mesh.proxy("default/sleep"), call).summary()), QByteArray("BlackHoleCluster"));
    call.port = 15006;
    QCOMPARE(bytes(inbound(mesh.proxy("default/sleep"), call).summary()), QByteArray("BlackHoleCluster"));
}

void TestSidecarRuntime::routing_data()
{
    QTest::addColumn<QByteArray>("resources");
    QTest::addColumn<int>("port");
    QTest::addColumn<QByteArray>("host");
    QTest::addColumn<QByteArray>("expected");
    const QByteArray known = "known.default.svc.cluster.local";
    const auto add = [](const char *name, const std::vector<std::string> &resources, int port,
                        const QByteArray &host, const QByteArray &expected) {
        QTest::addRow("%s", name) << bytes(documents(resources)) << port << host << expected;
    };
    const std::string toAlternative = virtualService("default", "known", "known", "host: alt-known");
    add("M8 80", {toAlternative}, 80, known, "outbound|80||alt-known.default.svc.cluster.local");
    add("M8 8080", {toAlternative}, 8080, known, "outbound|8080||alt-known.default.svc.cluster.local");
    const std::string unknown = virtualService("default", "foo", "foo.example", "host: foo.example");
    add("M9 80", {unknown}, 80, "foo.example", "outbound|80||foo.example");
    add("M9 8080", {unknown}, 8080, "foo.example", "502");
    add("M9 8080 with match port",
        {virtualService("default", "foo", "foo.example", "host: foo.example", {}, "{port: 8080}")}, 8080,
        "foo.example", "502");
    add("M9 8080 with destination port",
        {virtualService("default", "foo", "foo.example", "host: foo.example, port: {number: 8080}")}, 8080,
        "foo.example", "502");
    add("M10", {virtualService("arbitrary", "known", known.toStdString(), "host: arbitrary.example.com")}, 80,
        known, "outbound|80||arbitrary.example.com");
    const std::vector<std::string> three = {
        virtualService("not-default", "known", known.toStdString(), "host: not-default.example.com", newer),
        virtualService("default", "known", known.toStdString(), "host: default.example.com", base),
        virtualService("arbitrary", "known", known.toStdString(), "host: arbitrary.example.com", older)};
    add("M11", three, 80, known, "outbound|80||arbitrary.example.com");
    const std::string wildUnknown =
        virtualService("default", "wild", "'*.unknown.example.com'", "host: wild.example.com");
    add("M12 known", {wildUnknown}, 80, known, "outbound|80||known.default.svc.cluster.local");
    add("M12 unknown", {wildUnknown}, 80, "foo.unknown.example.com", "outbound|80||wild.example.com");
    for (const bool swapped : {false, true}) {
        const std::vector<std::string> both = {
            virtualService("default", "wild", "'*.cluster.local'", "host: wild.example.com",
                           swapped ? newer : older),
            virtualService("default", "known", "known", "host: explicit.example.com",
                           swapped ? older : newer)};
        const char *row = swapped ? "M14" : "M13";
        add(qPrintable(QLatin1String(row) + QLatin1String(" explicit")), both, 80, known,
            "outbound|80||explicit.example.com");
        add(qPrintable(QLatin1String(row) + QLatin1String(" wild")), both, 80,
            "alt-known.default.svc.cluster.local", "outbound|80||wild.example.com");
        add(qPrintable(QLatin1String(row) + QLatin1String(" unknown")), both, 80,
            "nobody.default.svc.cluster.local", "502");
    }
    const std::vector<std::string> tld = {
        virtualService("default", "wild", "'*.tld'", "host: wild.example.com", older),
        virtualService("default", "exact", "example.tld", "host: exact.example.com", newer)};
    add("M15 wild", tld, 80, "other.tld", "outbound|80||wild.example.com");
    add("M15 exact", tld, 80, "example.tld", "outbound|80||exact.example.com");
    add("no route for this port keeps the default",
        {virtualService("default", "known", "known", "host: elsewhere.example", {}, "{port: 9999}")}, 80,
        known, "outbound|80||known.default.svc.cluster.local");
    add("unmatched path is 404",
        {virtualService("default", "known", "known", "host: alt-known", {}, "{uri: {exact: /only}}")}, 80,
        known, "404");
    add("short name", {}, 80, "known", "outbound|80||known.default.svc.cluster.local");
    add("hosts in capitals",
        {virtualService("default", "known", "KNOWN.default.svc.cluster.LOCAL", "host: alt-known")}, 80, known,
        "outbound|80||alt-known.default.svc.cluster.local");
    add("an entry in capitals",
        {"apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: c, namespace: default}\n"
         "spec: {hosts: [Case.Example], resolution: NONE, ports: [{number: 80, name: http, protocol: "
         "HTTP}]}\n"},
        80, "case.example", "outbound|80||case.example");
    add("a wildcard's trailing dot",
        {"apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: w, namespace: default}\n"
         "spec: {hosts: ['*.wild.example'], resolution: NONE, ports: [{number: 80, name: http, protocol: "
         "HTTP}]}\n"},
        80, "a.wild.example.", "outbound|80||*.wild.example");
    add("trailing dot", {}, 80, known + ".", "outbound|80||known.default.svc.cluster.local");
}

void TestSidecarRuntime::routing()
{
    QFETCH(QByteArray, resources);
    QFETCH(int, port);
    QFETCH(QByteArray, host);
    QFETCH(QByteArray, expected);
    std::vector<std::string> all = {
        meshConfig(policy("REGISTRY_ONLY")), workload("default", "sleep", "{app: sleep}"),
        service("default", "known", "{app: known}", "{name: http, port: 80}, {name: http-alt, port: 8080}"),
        service("default", "alt-known", "{app: alt}",
                "{name: http, port: 80}, {name: http-alt, port: 8080}")};
    if (!resources.isEmpty())
        all.push_back(resources.toStdString());
    const Mesh mesh(documents(all));
    QCOMPARE(bytes(mesh.complaints()), QByteArray());
    Call call;
    call.port = static_cast<std::uint32_t>(port);
    call.host = host.toStdString();
    QCOMPARE(bytes(outbound(mesh.proxy("default/sleep"), call).summary()), expected);
}

void TestSidecarRuntime::sidecarScope()
{
    const std::vector<std::string> common = {
        meshConfig(policy("REGISTRY_ONLY")), workload("default", "sleep", "{app: sleep}"),
        service("default", "known", "{app: known}", "{name: http, port: 80}"),
        service("default", "alt-known", "{app: alt}", "{name: http, port: 80}")};
    const auto sidecar = [](const std::string &hosts) {
        return "apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: scope, namespace: "
               "default}\n"
               "spec: {egress: [{hosts: [" +
               hosts + "]}]}\n";
    };
    // M16: only a VirtualService of an unknown host is imported: no service has the port, so there is no
    // listener.
    std::vector<std::string> resources = common;
    resources.push_back(sidecar("'./foo.example'"));
    resources.push_back(virtualService("default", "foo", "foo.example", "host: foo.example"));
    const Mesh onlyUnknown(documents(resources));
    QVERIFY(!findRoutes(onlyUnknown.proxy("default/sleep"), "80"));

    // M17: a VirtualService of two hosts comes whole.
    resources = common;
    resources.push_back(sidecar("'./known.default.svc.cluster.local'"));
    resources.push_back(virtualService("default", "two", "known, alt-known", "host: target.example"));
    const Mesh two(documents(resources));
    const auto *routes = findRoutes(two.proxy("default/sleep"), "80");
    QVERIFY(routes);
    std::vector<std::string> names;
    for (const auto &host : routes->virtualHosts)
        names.push_back(host.name);
    QVERIFY(std::find(names.begin(), names.end(), "known.default.svc.cluster.local:80") != names.end());
    QVERIFY(std::find(names.begin(), names.end(), "alt-known.default.svc.cluster.local:80") != names.end());

    // In the root namespace's Sidecar `.` is each workload's own namespace.
    resources = common;
    resources.push_back("apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: all, namespace: "
                        "istio-system}\nspec: {egress: [{hosts: ['./*']}]}\n");
    resources.push_back(service("away", "far", "{app: far}", "{name: http, port: 80}"));
    const Mesh ofRoot(documents(resources));
    QVERIFY(findCluster(ofRoot.proxy("default/sleep"), "outbound|80||known.default.svc.cluster.local"));
    QVERIFY(!findCluster(ofRoot.proxy("default/sleep"), "outbound|80||far.away.svc.cluster.local"));

    // Unknown destinations may have a proxy of their own.
    resources = {
        common[1], common[2],
        "apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: out, namespace: default}\n"
        "spec: {outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: exit.example, port: "
        "{number: 8080}}}}\n"};
    const Mesh proxied(documents(resources));
    Call call;
    call.host = "unknown.example";
    QCOMPARE(bytes(outbound(proxied.proxy("default/sleep"), call).summary()),
             QByteArray("outbound|8080||exit.example"));
    call.port = 9;
    QCOMPARE(bytes(outbound(proxied.proxy("default/sleep"), call).summary()),
             QByteArray("outbound|8080||exit.example"));

    // Destinations of an imported VirtualService get their clusters although their hosts are not imported.
    resources = common;
    resources.push_back(sidecar("'./known.default.svc.cluster.local'"));
    resources.push_back(
        virtualService("default", "away", "known", "host: far.away.svc.cluster.local, port: {number: 80}"));
    resources.push_back(service("away", "far", "{app: far}", "{name: http, port: 80}"));
    const Mesh far(documents(resources));
    QVERIFY(findCluster(far.proxy("default/sleep"), "outbound|80||far.away.svc.cluster.local"));
    QVERIFY(!findCluster(far.proxy("default/sleep"), "outbound|80||alt-known.default.svc.cluster.local"));
}

void TestSidecarRuntime::sniffedPorts()
{
    const auto entry = [](const char *name, const char *options) {
        return std::string("apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: ") +
               name + ", namespace: default}\nspec: {hosts: [" + name + ".example], " + options +
               "resolution: STATIC, endpoints: [{address: 203.0.113.10}], ports: [{number: 8099, name: "
               "some}]}\n";
    };
    const Mesh mesh(
        documents({meshConfig(policy("REGISTRY_ONLY")), workload("default", "sleep", "{app: sleep}"),
                   entry("one", ""), entry("two", ""), entry("own", "addresses: [203.0.113.98], ")}));
    QCOMPARE(bytes(mesh.complaints()), QByteArray());
    const auto ask = [&mesh](const char *address, const char *host) {
        Call call;
        call.address = address;
        call.port = 8099;
        call.host = host;
        return bytes(outbound(mesh.proxy("default/sleep"), call).summary());
    };
    // Without addresses all services of the port share the listener, by Host.
    QCOMPARE(ask("203.0.113.10", "one.example"), QByteArray("outbound|8099||one.example"));
    QCOMPARE(ask("203.0.113.10", "two.example"), QByteArray("outbound|8099||two.example"));
    QCOMPARE(ask("203.0.113.10", "own.example"), QByteArray("outbound|8099||own.example"));
    QCOMPARE(ask("203.0.113.10", "unknown.example"), QByteArray("502"));
    // Whoever comes to a service's own address means it, whatever the Host says.
    QCOMPARE(ask("203.0.113.98", "own.example"), QByteArray("outbound|8099||own.example"));
    QCOMPARE(ask("203.0.113.98", "unknown.example"), QByteArray("outbound|8099||own.example"));
}

void TestSidecarRuntime::entriesOfOneHost()
{
    const auto entry = [](const char *name, const char *nameSpace, int port, const char *options = "") {
        return std::string("apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: ") +
               name + ", namespace: " + nameSpace + "}\nspec: {hosts: [one.example], " + options +
               "resolution: STATIC, endpoints: [{address: 203.0.113.10}], ports: [{number: " +
               std::to_string(port) + ", name: http, protocol: HTTP}]}\n";
    };
    const auto clusters = [&](const std::vector<std::string> &entries) {
        std::vector<std::string> all = {workload("default", "sleep", "{app: sleep}")};
        all.insert(all.end(), entries.begin(), entries.end());
        const Mesh mesh(documents(all));
        QByteArray ports;
        for (const int port : {80, 90})
            if (findCluster(mesh.proxy("default/sleep"),
                            "outbound|" + std::to_string(port) + "||one.example"))
                ports += QByteArray::number(port) + ' ';
        return ports;
    };
    // One namespace shares its ports; of several only one has the host, the client's own before all.
    QCOMPARE(clusters({entry("a", "default", 80), entry("b", "default", 90)}), QByteArray("80 90 "));
    QCOMPARE(clusters({entry("a", "other", 80), entry("b", "default", 90)}), QByteArray("90 "));
    QCOMPARE(clusters({entry("a", "other", 80), entry("b", "third", 90)}), QByteArray("80 "));
    // Two entries that are exported differently are not one service: the one for this namespace comes first.
    QCOMPARE(clusters({entry("a", "default", 80), entry("b", "default", 90, "exportTo: [default], ")}),
             QByteArray("90 "));
}

void TestSidecarRuntime::trustDomainAliases()
{
    const Mesh mesh(documents({meshConfig("trustDomainAliases: [old.local]\n"),
                               workload("default", "sleep", "{app: sleep}"),
                               service("default", "sleep", "{app: sleep}", "{name: http, port: 80}")}));
    const auto *cluster =
        findCluster(mesh.proxy("default/sleep"), "outbound|80||sleep.default.svc.cluster.local");
    QVERIFY(cluster && !cluster->transportMatches.empty());
    QByteArray names;
    for (const auto &name :
         cluster->transportMatches.front().transport.tls->common.validation->anySubjectAltNames)
        names += bytes(name.value) + ' ';
    QCOMPARE(names, QByteArray("spiffe://cluster.local/ns/default/sa/sleep "
                               "spiffe://old.local/ns/default/sa/sleep "));
}

void TestSidecarRuntime::proxyHeaders()
{
    const Mesh mesh(documents(
        {meshConfig("defaultConfig: {proxyHeaders: {server: {value: mine}, attemptCount: {disabled: true}, "
                    "envoyDebugHeaders: {disabled: true}, requestId: {disabled: true}, forwardedClientCert: "
                    "SANITIZE}}\n"),
         workload("default", "sleep", "{app: sleep}", "sidecar", "{containerPort: 80}"),
         service("default", "sleep", "{app: sleep}", "{name: http, port: 80}")}));
    QCOMPARE(bytes(mesh.complaints()), QByteArray());
    using Details = dataplane::HttpConnectionManager::ClientCertDetails;
    int managers = 0;
    for (const char *name : {"0.0.0.0_80", "virtualInbound"}) {
        for (const auto &chain : findListener(mesh.proxy("default/sleep"), name)->filterChains) {
            const auto *manager = std::get_if<dataplane::HttpConnectionManager>(&chain.filters.back().config);
            if (!manager)
                continue;
            ++managers;
            QCOMPARE(bytes(manager->serverName), QByteArray("mine"));
            QCOMPARE(manager->generateRequestId, std::optional(false));
            QVERIFY(std::get<dataplane::Router>(manager->filters.back().config).suppressEnvoyHeaders);
            for (const auto &host : manager->routes.virtualHosts)
                QVERIFY(!host.includeRequestAttemptCount);
            QVERIFY(manager->clientCert == Details::Sanitize);
        }
    }
    QVERIFY(managers >= 3);
}

void TestSidecarRuntime::peerAuthentication_data()
{
    QTest::addColumn<QByteArray>("mode");
    QTest::addColumn<int>("port");
    QTest::addColumn<bool>("tls");
    QTest::addColumn<QByteArray>("alpn");
    QTest::addColumn<QByteArray>("expected");
    QTest::addColumn<bool>("terminates");
    const auto add = [](const char *name, const char *mode, int port, bool tls, const char *alpn,
                        const char *expected, bool terminates) {
        QTest::addRow("%s", name) << QByteArray(mode) << port << tls << QByteArray(alpn)
                                  << QByteArray(expected) << terminates;
    };
    add("P1 tcp", "STRICT", 70, false, "", "no chain", false);
    add("P1 http", "STRICT", 80, false, "", "no chain", false);
    add("P2", "STRICT", 70, true, "", "inbound|70||", true);
    add("P3 http", "PERMISSIVE", 80, true, "", "no chain", false);
    add("P3 tcp", "PERMISSIVE", 70, true, "", "inbound|70||", false);
    add("P4 http", "DISABLE", 80, true, "istio", "inbound|80||", false);
    add("P4 tcp", "DISABLE", 70, true, "istio-peer-exchange", "inbound|70||", false);
    add("P5 permissive", "PERMISSIVE", 80, false, "", "inbound|80||", false);
    add("P5 disable", "DISABLE", 80, false, "", "inbound|80||", false);
    add("mesh mTLS, permissive", "PERMISSIVE", 80, true, "istio-http/1.1", "inbound|80||", true);
    add("mesh mTLS, strict", "STRICT", 80, true, "istio-http/1.1", "inbound|80||", true);
    add("mesh mTLS to tcp, permissive", "PERMISSIVE", 70, true, "istio-peer-exchange", "inbound|70||", true);
    add("sniffed http", "PERMISSIVE", 90, false, "", "inbound|90||", false);
    add("sniffed mesh http", "PERMISSIVE", 90, true, "istio-http/1.1", "inbound|90||", true);
    add("port nobody knows", "PERMISSIVE", 99, false, "", "InboundPassthroughCluster", false);
}

void TestSidecarRuntime::peerAuthentication()
{
    QFETCH(QByteArray, mode);
    QFETCH(int, port);
    QFETCH(bool, tls);
    QFETCH(QByteArray, alpn);
    QFETCH(QByteArray, expected);
    QFETCH(bool, terminates);
    const Mesh mesh(documents(
        {workload("default", "server", "{app: server}", "sidecar",
                  "{containerPort: 70}, {containerPort: 80}, {containerPort: 90}, {containerPort: 99}"),
         service("default", "server", "{app: server}",
                 "{name: tcp, port: 70}, {name: http, port: 80}, {name: some, port: 90}"),
         "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: mode, namespace: "
         "istio-system}\n"
         "spec: {mtls: {mode: " +
             mode.toStdString() + "}}\n"}));
    QCOMPARE(bytes(mesh.complaints()), QByteArray());
    Call call;
    call.port = static_cast<std::uint32_t>(port);
    call.tls = tls;
    if (!alpn.isEmpty())
        call.alpn = {alpn.toStdString()};
    call.http = port != 70;
    const Outcome outcome = inbound(mesh.proxy("default/server"), call);
    QCOMPARE(bytes(outcome.summary()), expected);
    QCOMPARE(outcome.terminatesTls, terminates);
    if (port == 80 && expected == "inbound|80||")
        QCOMPARE(bytes(outcome.virtualHost), QByteArray("inbound|http|80"));
}

QTEST_GUILESS_MAIN(TestSidecarRuntime)
#include "test_sidecar_runtime.moc"
