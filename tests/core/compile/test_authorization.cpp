// SPDX-License-Identifier: GPL-3.0-or-later
#include "mesh_fixture.h"

#include "core/compile/policy_values.h"
#include "core/compile/trust_domains.h"

#include <QtTest>

using namespace fixture;

namespace {

QByteArray bytes(const std::string &text)
{
    return QByteArray::fromStdString(text);
}

std::string policy(const std::string &spec, const std::string &name = "p",
                   const std::string &nameSpace = "foo", const std::string &annotations = "{}")
{
    return "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: " + name +
           ", namespace: " + nameSpace + ", annotations: " + annotations + "}\nspec: {" + spec + "}\n";
}

const std::string pod = workload("foo", "app", "{app: app}", "sidecar",
                                 "{containerPort: 80}, {containerPort: 8080}, {containerPort: 90}");
const std::string ports =
    service("foo", "app", "{app: app}",
            "{name: http, port: 80}, {name: http-8080, port: 8080}, {name: tcp, port: 90}");

/// What an HTTP request (or, with `http` false, a connection) to the pod meets.
QByteArray ask(const std::vector<std::string> &resources, Call call = {}, bool http = true)
{
    std::vector<std::string> all = {pod, ports};
    all.insert(all.end(), resources.begin(), resources.end());
    const Mesh mesh(documents(all));
    if (!mesh.complaints().empty())
        return bytes(mesh.complaints());
    if (call.identity.empty()) {
        call.tls = false;
    } else {
        call.tls = true;
        call.alpn = {http ? "istio-http/1.1" : "istio-peer-exchange"};
    }
    if (!http) {
        call.http = false;
        call.port = 90;
    }
    return bytes(inbound(mesh.proxy("foo/app"), call).summary());
}

const QByteArray passed = "inbound|80||";
const QByteArray passedTcp = "inbound|90||";
const QByteArray never = "403 none";

QByteArray denied(int rule = 0, const char *name = "p")
{
    return "403 ns[foo]-policy[" + QByteArray(name) + "]-rule[" + QByteArray::number(rule) + "]";
}

Call from(const std::string &identity)
{
    Call call;
    call.identity = identity;
    return call;
}

Call at(const std::string &host, const std::string &path = "/", const std::string &method = "GET")
{
    Call call;
    call.host = host;
    call.path = path;
    call.method = method;
    return call;
}

Call tcpCall()
{
    Call call;
    call.port = 90;
    call.http = false;
    return call;
}

constexpr const char *sleepId = "spiffe://cluster.local/ns/default/sa/sleep";

} // namespace

/// istio-semantics §5.3 to §5.5 and §9.10, by the number of the row: policies compiled, and asked.
class TestAuthorization : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rules_data();
    void rules();
    void tcp_data();
    void tcp();
    void order();
    void scope_data();
    void scope();
    void dryRun();
    void trustDomains_data();
    void trustDomains();
    void custom();
    void soundnessOfAuthorizers_data();
    void soundnessOfAuthorizers();
    void requestPrincipals();
    void addressesOfThisMachine();
};

void TestAuthorization::rules_data()
{
    QTest::addColumn<QByteArray>("spec");
    QTest::addColumn<QByteArray>("identity");
    QTest::addColumn<QByteArray>("host");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("expected");
    const auto add = [](const char *name, const char *spec, const char *identity, const char *host,
                        const char *path, const QByteArray &expected) {
        QTest::addRow("%s", name) << QByteArray(spec) << QByteArray(identity) << QByteArray(host)
                                  << QByteArray(path) << expected;
    };
    add("Z1", "action: ALLOW", "", "x", "/", never);
    add("Z2", "action: ALLOW, rules: [{}]", "", "x", "/", passed);
    add("Z3", "action: DENY, rules: [{}]", "", "x", "/", denied());
    const char *hosts =
        "action: DENY, rules: [{to: [{operation: {hosts: [exact.com, '*.suffix.com', 'prefix.*']}}]}]";
    add("Z4 exact", hosts, "", "exact.com", "/", denied());
    add("Z4 suffix", hosts, "", "a.suffix.com", "/", denied());
    add("Z4 suffix itself", hosts, "", "suffix.com", "/", passed);
    add("Z4 prefix", hosts, "", "prefix.x", "/", denied());
    add("Z5 case", hosts, "", "EXACT.com", "/", denied());
    add("Z5 port", hosts, "", "exact.com:8080", "/", passed);
    add("any host", "action: DENY, rules: [{to: [{operation: {hosts: ['*']}}]}]", "", "whatever", "/",
        denied());
    const char *paths = "action: DENY, rules: [{to: [{operation: {paths: [/exact, '/prefix/*', '*/suffix', "
                        "'/path/template/{*}', '/{**}/path/template']}}]}]";
    add("Z6 exact", paths, "", "x", "/exact", denied());
    add("Z6 query", paths, "", "x", "/exact?a=b", denied());
    add("Z6 longer", paths, "", "x", "/exact/", passed);
    add("Z6 case", paths, "", "x", "/Exact", passed);
    add("Z6 prefix", paths, "", "x", "/prefix/x", denied());
    add("Z6 suffix", paths, "", "x", "/a/suffix", denied());
    add("Z7 one segment", paths, "", "x", "/path/template/a", denied());
    add("Z7 two segments", paths, "", "x", "/path/template/a/b", passed);
    add("Z7 empty segment", paths, "", "x", "/path/template/", passed);
    add("Z7 double star", paths, "", "x", "/x/y/path/template", denied());
    const char *namespaces = "action: DENY, rules: [{from: [{source: {namespaces: [istio-system]}}]}]";
    add("Z8", namespaces, "spiffe://td/ns/istio-system/sa/a", "x", "/", denied());
    add("Z8 other", namespaces, "spiffe://td/ns/default/sa/a", "x", "/", passed);
    const char *accounts =
        "action: DENY, rules: [{from: [{source: {serviceAccounts: [my-ns/my-sa, sa-only]}}]}]";
    add("Z9 full", accounts, "spiffe://td/ns/my-ns/sa/my-sa", "x", "/", denied());
    add("Z9 own namespace", accounts, "spiffe://td/ns/foo/sa/sa-only", "x", "/", denied());
    add("Z9 other namespace", accounts, "spiffe://td/ns/bar/sa/sa-only", "x", "/", passed);
    const char *trust = "action: DENY, rules: [{from: [{source: {trustDomains: [cluster.local]}}]}]";
    add("Z12", trust, sleepId, "x", "/", denied());
    add("Z12 other", trust, "spiffe://other/ns/a/sa/b", "x", "/", passed);
    add("Z12 wildcard", "action: DENY, rules: [{from: [{source: {trustDomains: ['bad*']}}]}]",
        "spiffe://bad.td/ns/a/sa/b", "x", "/", denied());
    const char *principal = "action: DENY, rules: [{when: [{key: source.principal, values: [foo]}]}]";
    add("Z13", principal, "spiffe://foo", "x", "/", denied());
    add("Z13 no certificate", principal, "", "x", "/", passed);
    add("Z13 negated without certificate",
        "action: DENY, rules: [{from: [{source: {notPrincipals: [foo]}}]}]", "", "x", "/", denied());
    const char *principals =
        "action: DENY, rules: [{from: [{source: {principals: ['cluster.local/ns/default/*', "
        "'*/sa/robot']}}]}]";
    add("principal prefix", principals, sleepId, "x", "/", denied());
    add("principal suffix", principals, "spiffe://td/ns/x/sa/robot", "x", "/", denied());
    add("principal other", principals, "spiffe://cluster.local/ns/other/sa/sleep", "x", "/", passed);
    add("any principal", "action: DENY, rules: [{from: [{source: {principals: ['*']}}]}]", "", "x", "/",
        passed);
    add("a name that is no SPIFFE id of the mesh",
        "action: DENY, rules: [{from: [{source: {principals: [test.client]}}]}]", "spiffe://test.client", "x",
        "/", denied());
    add("Z15", "action: DENY, rules: [{when: [{key: destination.port, values: ['80']}]}]", "", "x", "/",
        denied());
    add("Z15 other port", "action: DENY, rules: [{when: [{key: destination.port, values: ['81']}]}]", "", "x",
        "/", passed);
    const char *both =
        "action: DENY, rules: [{from: [{source: {namespaces: [default]}}], to: [{operation: {paths: [/a]}}, "
        "{operation: {methods: [POST]}}]}]";
    add("from and to", both, sleepId, "x", "/a", denied());
    add("from and not to", both, sleepId, "x", "/b", passed);
    add("to and not from", both, "spiffe://td/ns/other/sa/a", "x", "/a", passed);
    add("not in an operation",
        "action: DENY, rules: [{to: [{operation: {paths: ['/a*'], notPaths: [/ab]}}]}]", "", "x", "/ab",
        passed);
    add("rules are numbered",
        "action: DENY, rules: [{to: [{operation: {paths: [/a]}}]}, {to: [{operation: {paths: [/b]}}]}]", "",
        "x", "/b", denied(1));
    add("source address", "action: DENY, rules: [{from: [{source: {ipBlocks: [10.9.0.0/16]}}]}]", "", "x",
        "/", denied());
    add("not the source address", "action: DENY, rules: [{from: [{source: {notIpBlocks: [10.9.0.0/16]}}]}]",
        "", "x", "/", passed);
    add("allow what matches", "action: ALLOW, rules: [{to: [{operation: {paths: [/a]}}]}]", "", "x", "/a",
        passed);
    add("deny what no ALLOW matches", "action: ALLOW, rules: [{to: [{operation: {paths: [/a]}}]}]", "", "x",
        "/b", never);
    add("audit changes nothing", "action: AUDIT, rules: [{}]", "", "x", "/", passed);
}

void TestAuthorization::rules()
{
    QFETCH(QByteArray, spec);
    QFETCH(QByteArray, identity);
    QFETCH(QByteArray, host);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, expected);
    Call call = at(host.toStdString(), path.toStdString());
    call.identity = identity.toStdString();
    QCOMPARE(ask({policy(spec.toStdString())}, call), expected);
}

void TestAuthorization::tcp_data()
{
    QTest::addColumn<QByteArray>("spec");
    QTest::addColumn<QByteArray>("identity");
    QTest::addColumn<QByteArray>("expected");
    const auto add = [](const char *name, const char *spec, const char *identity,
                        const QByteArray &expected) {
        QTest::addRow("%s", name) << QByteArray(spec) << QByteArray(identity) << expected;
    };
    add("Z16", "action: ALLOW, rules: [{to: [{operation: {methods: [GET]}}]}]", "", "refused by none");
    const char *mixed =
        "action: ALLOW, rules: [{to: [{operation: {methods: [GET]}}]}, {to: [{operation: {hosts: [x]}}]}, "
        "{when: [{key: 'request.headers[x]', values: [a]}]}, "
        "{from: [{source: {namespaces: [ns-1]}}], to: [{operation: {ports: ['90']}}]}]";
    add("Z17 the rule without HTTP", mixed, "spiffe://td/ns/ns-1/sa/a", passedTcp);
    add("Z17 others are dropped", mixed, "spiffe://td/ns/ns-2/sa/a", "refused by none");
    add("Z18", "action: DENY, rules: [{to: [{operation: {methods: [GET]}}]}]", "",
        "refused by ns[foo]-policy[p]-rule[0]");
    add("Z19",
        "action: DENY, rules: [{from: [{source: {requestPrincipals: ['*']}}], to: [{operation: {ports: "
        "['90']}}]}]",
        "", "refused by ns[foo]-policy[p]-rule[0]");
    add("Z19 another port",
        "action: DENY, rules: [{from: [{source: {requestPrincipals: ['*']}}], to: [{operation: {ports: "
        "['80']}}]}]",
        "", passedTcp);
}

void TestAuthorization::tcp()
{
    QFETCH(QByteArray, spec);
    QFETCH(QByteArray, identity);
    QFETCH(QByteArray, expected);
    QCOMPARE(ask({policy(spec.toStdString())}, from(identity.toStdString()), false), expected);
}

void TestAuthorization::order() // Z20
{
    const std::vector<std::string> both = {
        policy("action: ALLOW, rules: [{to: [{operation: {paths: ['/a*']}}]}]", "allow"),
        policy("action: DENY, rules: [{to: [{operation: {paths: [/ab]}}]}]", "deny")};
    QCOMPARE(ask(both, at("x", "/ab")), denied(0, "deny"));
    QCOMPARE(ask(both, at("x", "/a")), passed);
    QCOMPARE(ask(both, at("x", "/b")), never);
    // Several ALLOW policies: one is enough.
    const std::vector<std::string> two = {
        policy("action: ALLOW, rules: [{to: [{operation: {paths: [/a]}}]}]", "one"),
        policy("action: ALLOW, rules: [{to: [{operation: {paths: [/b]}}]}]", "two")};
    QCOMPARE(ask(two, at("x", "/b")), passed);
}

void TestAuthorization::scope_data()
{
    QTest::addColumn<QByteArray>("resource");
    QTest::addColumn<QByteArray>("expected");
    const char *all = "action: DENY, rules: [{}]";
    const char *selected = "selector: {matchLabels: {app: app}}, action: DENY, rules: [{}]";
    const char *other = "selector: {matchLabels: {app: other}}, action: DENY, rules: [{}]";
    QTest::addRow("own namespace") << bytes(policy(all)) << denied();
    QTest::addRow("own namespace, selected") << bytes(policy(selected)) << denied();
    QTest::addRow("own namespace, others") << bytes(policy(other)) << passed;
    QTest::addRow("root namespace") << bytes(policy(all, "p", "istio-system"))
                                    << QByteArray("403 ns[istio-system]-policy[p]-rule[0]");
    QTest::addRow("root namespace, selected") << bytes(policy(selected, "p", "istio-system"))
                                              << QByteArray("403 ns[istio-system]-policy[p]-rule[0]");
    QTest::addRow("another namespace") << bytes(policy(all, "p", "bar")) << passed;
}

void TestAuthorization::scope()
{
    QFETCH(QByteArray, resource);
    QFETCH(QByteArray, expected);
    QCOMPARE(ask({resource.toStdString()}, at("x")), expected);
}

void TestAuthorization::dryRun() // Z21
{
    const std::string trial = policy("action: ALLOW, rules: [{to: [{operation: {paths: [/a]}}]}]", "trial",
                                     "foo", "{istio.io/dry-run: \"true\"}");
    QCOMPARE(ask({trial}, at("x", "/b")), passed);
    const Mesh mesh(documents({pod, ports, trial}));
    const auto *routes = findRoutes(mesh.proxy("foo/app"), "inbound|80||");
    QVERIFY(routes);
    bool found = false;
    for (const auto &chain : findListener(mesh.proxy("foo/app"), "virtualInbound")->filterChains) {
        for (const auto &filter : chain.filters) {
            const auto *manager = std::get_if<dataplane::HttpConnectionManager>(&filter.config);
            for (std::size_t i = 0; manager && i < manager->filters.size(); ++i) {
                if (const auto *rbac = std::get_if<dataplane::Rbac>(&manager->filters[i].config)) {
                    QVERIFY(!rbac->rules);
                    QVERIFY(rbac->shadowRules);
                    QCOMPARE(rbac->shadowRulesStatPrefix, std::string("istio_dry_run_allow_"));
                    found = true;
                }
            }
        }
    }
    QVERIFY(found);
}

void TestAuthorization::trustDomains_data()
{
    QTest::addColumn<QByteArray>("principal");
    QTest::addColumn<QByteArray>("expected");
    QTest::addRow("Z10") << QByteArray("cluster.local/ns/a/sa/b")
                         << QByteArray("td1/ns/a/sa/b foobar/ns/a/sa/b");
    QTest::addRow("own") << QByteArray("td1/ns/a/sa/b") << QByteArray("td1/ns/a/sa/b foobar/ns/a/sa/b");
    QTest::addRow("alias") << QByteArray("foobar/ns/a/sa/b") << QByteArray("td1/ns/a/sa/b foobar/ns/a/sa/b");
    QTest::addRow("Z11 any") << QByteArray("*") << QByteArray("*");
    QTest::addRow("Z11 any domain") << QByteArray("*/ns/foo/sa/x") << QByteArray("*/ns/foo/sa/x");
    QTest::addRow("Z11 suffix of an alias")
        << QByteArray("*bar/ns/foo/sa/y") << QByteArray("td1/ns/foo/sa/y *bar/ns/foo/sa/y");
    QTest::addRow("unknown") << QByteArray("else/ns/a/sa/b") << QByteArray("else/ns/a/sa/b");
    QTest::addRow("four parts") << QByteArray("td1/ns/a/sa") << QByteArray("td1/ns/a/sa");
    QTest::addRow("six parts") << QByteArray("td1/ns/a/sa/b/c") << QByteArray("td1/ns/a/sa/b/c");
    QTest::addRow("a plain name") << QByteArray("test.client") << QByteArray("test.client");
}

void TestAuthorization::trustDomains()
{
    QFETCH(QByteArray, principal);
    QFETCH(QByteArray, expected);
    QByteArray seen;
    for (const std::string &one :
         compile::withTrustDomainAliases({principal.toStdString()}, {"td1", "foobar"}))
        seen += (seen.isEmpty() ? "" : " ") + bytes(one);
    QCOMPARE(seen, expected);
}

void TestAuthorization::custom() // Z22
{
    const std::string providers = meshConfig("extensionProviders:\n- name: one\n  envoyExtAuthzHttp: "
                                             "{service: authz.foo.svc.cluster.local, port: 80}\n"
                                             "- name: two\n  envoyExtAuthzHttp: {service: "
                                             "authz.foo.svc.cluster.local, port: 81, failOpen: true}\n");
    const std::string authorizer =
        service("foo", "authz", "{app: authz}", "{name: http, port: 80}, {name: http-2, port: 81}");
    const Mesh mesh(documents(
        {providers, authorizer, pod, ports,
         policy("action: CUSTOM, provider: {name: one}, rules: [{to: [{operation: {paths: [/a]}}]}]", "a"),
         policy("action: DENY, rules: [{to: [{operation: {paths: [/c]}}]}]", "c")}));
    QCOMPARE(bytes(mesh.complaints()), QByteArray());
    QByteArray filters;
    QByteArray clusters;
    for (const auto &chain : findListener(mesh.proxy("foo/app"), "virtualInbound")->filterChains) {
        if (chain.name != "0.0.0.0_80" || chain.tls)
            continue;
        const auto &manager = std::get<dataplane::HttpConnectionManager>(chain.filters.front().config);
        for (const auto &filter : manager.filters) {
            filters += bytes(filter.name.substr(filter.name.rfind('.') + 1)) + ' ';
            if (const auto *authz = std::get_if<dataplane::ExtAuthz>(&filter.config))
                clusters += bytes(authz->cluster) + ' ';
        }
    }
    QCOMPARE(filters, QByteArray("rbac ext_authz rbac grpc_stats fault cors router "));
    QCOMPARE(clusters, QByteArray("outbound|80||authz.foo.svc.cluster.local "));
    // Of a connection HTTP's authorizer is not asked.
    const Mesh alone(documents(
        {providers, authorizer, pod, ports,
         policy("action: CUSTOM, provider: {name: one}, rules: [{to: [{operation: {paths: [/a]}}]}]", "a")}));
    QCOMPARE(bytes(inbound(alone.proxy("foo/app"), tcpCall()).summary()), passedTcp);
    // Two providers at one workload: istiod has a switch for them, which is off, and denies what they name.
    const Mesh two(documents(
        {providers, authorizer, pod, ports,
         policy("action: CUSTOM, provider: {name: one}, rules: [{to: [{operation: {paths: [/a]}}]}]", "a"),
         policy("action: CUSTOM, provider: {name: two}, rules: [{to: [{operation: {paths: [/b]}}]}]", "b")}));
    QCOMPARE(bytes(inbound(two.proxy("foo/app"), at("x", "/a")).summary()),
             QByteArray("403 istio-ext-authz-one-ns[foo]-policy[a]-rule[0]-deny-due-to-bad-CUSTOM-action"));
    QCOMPARE(bytes(inbound(two.proxy("foo/app"), at("x", "/b")).summary()),
             QByteArray("403 istio-ext-authz-two-ns[foo]-policy[b]-rule[0]-deny-due-to-bad-CUSTOM-action"));
    QCOMPARE(bytes(inbound(two.proxy("foo/app"), at("x", "/c")).summary()), passed);
    // A provider that there is not: what the policy names is denied, and it is said.
    const Mesh unknown(documents(
        {pod, ports,
         policy("action: CUSTOM, provider: {name: gone}, rules: [{to: [{operation: {paths: [/a]}}]}]",
                "a")}));
    QCOMPARE(unknown.compiled().warnings.size(), std::size_t{1});
    QCOMPARE(bytes(inbound(unknown.proxy("foo/app"), at("x", "/a")).summary()),
             QByteArray("403 istio-ext-authz-gone-ns[foo]-policy[a]-rule[0]-deny-due-to-bad-CUSTOM-action"));
    QCOMPARE(bytes(inbound(unknown.proxy("foo/app"), at("x", "/b")).summary()), passed);
    QCOMPARE(bytes(inbound(unknown.proxy("foo/app"), tcpCall()).summary()),
             QByteArray(
                 "refused by istio-ext-authz-gone-ns[foo]-policy[a]-rule[0]-deny-due-to-bad-CUSTOM-action"));
}

/// What istiod takes for a bad authorizer denies what CUSTOM policies name
/// (istio:pilot/pkg/security/authz/builder/extauthz.go).
void TestAuthorization::soundnessOfAuthorizers_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("providers");
    QTest::addColumn<bool>("sound");
    const auto row = [](const char *title, const QByteArray &name, const QByteArray &more, bool sound,
                        const QByteArray &others = {}) {
        QTest::newRow(title) << name
                             << "extensionProviders:\n- name: '" + name +
                                    "'\n  envoyExtAuthzHttp: {service: authz.foo.svc.cluster.local, " + more +
                                    "}\n" + others
                             << sound;
    };
    const QByteArray port = "port: 80";
    const QByteArray second = "  envoyExtAuthzHttp: {service: authz.foo.svc.cluster.local, port: 80}\n";
    row("plain", "one", port, true);
    row("a name of 63", QByteArray(63, 'a'), port, true);
    row("a name of 64", QByteArray(64, 'a'), port, false);
    row("a capital", "One", port, false);
    row("a dot", "one.foo", port, false);
    row("a hyphen within", "one-1", port, true);
    row("a hyphen at the beginning", "-one", port, false);
    row("a hyphen at the end", "one-", port, false);
    row("two of a name", "one", port, false, "- name: one\n" + second);
    row("two of different names", "one", port, true, "- name: two\n" + second);
    row("a log of the same name", "one", port, true,
        "- name: one\n  envoyFileAccessLog: {path: /dev/stdout}\n");
    row("no port", "one", "failOpen: true", false);
    row("a port too high", "one", "port: 65536", false);
    row("pathPrefix", "one", port + ", pathPrefix: /check", true);
    row("pathPrefix without slash", "one", port + ", pathPrefix: check", false);
    row("statusOnError", "one", port + ", statusOnError: '503'", true);
    row("statusOnError that Envoy does not know", "one", port + ", statusOnError: '499'", false);
    row("statusOnError in words", "one", port + ", statusOnError: Forbidden", false);
    for (const char *list :
         {"includeHeadersInCheck", "includeRequestHeadersInCheck", "headersToUpstreamOnAllow",
          "headersToDownstreamOnDeny", "headersToDownstreamOnAllow"}) {
        row(qPrintable(QStringLiteral("* in %1").arg(QLatin1String(list))), "one",
            port + ", " + list + ": [x-a, '*']", false);
        row(qPrintable(QStringLiteral("x-* in %1").arg(QLatin1String(list))), "one",
            port + ", " + list + ": ['x-*', '*-y']", true);
    }
}

void TestAuthorization::soundnessOfAuthorizers()
{
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, providers);
    QFETCH(bool, sound);
    const Mesh mesh(documents({meshConfig(providers.toStdString()),
                               service("foo", "authz", "{app: authz}", "{name: http, port: 80}"), pod, ports,
                               policy("action: CUSTOM, provider: {name: '" + name.toStdString() +
                                          "'}, rules: [{to: [{operation: {paths: [/a]}}]}]",
                                      "a")}));
    const QByteArray denied =
        "istio-ext-authz-" + name + "-ns[foo]-policy[a]-rule[0]-deny-due-to-bad-CUSTOM-action";
    QCOMPARE(bytes(inbound(mesh.proxy("foo/app"), at("x", "/a")).summary()),
             sound ? QByteArray(passed) : "403 " + denied);
    QCOMPARE(bytes(inbound(mesh.proxy("foo/app"), at("x", "/b")).summary()), QByteArray(passed));
    QCOMPARE(bytes(inbound(mesh.proxy("foo/app"), tcpCall()).summary()),
             sound ? QByteArray(passedTcp) : "refused by " + denied);
    QCOMPARE(mesh.compiled().warnings.empty(), sound);
}

void TestAuthorization::requestPrincipals() // Z14
{
    using Kind = dataplane::StringMatchKind;
    const auto halves = [](const char *principal) {
        const dataplane::RbacRule rule = compile::requestPrincipalRule(principal);
        return std::pair(rule.children.at(0).metadata.value.string,
                         rule.children.at(1).metadata.value.string);
    };
    const dataplane::StringMatcher any{Kind::Regex, ".+", false};
    const auto pair = halves("foo/bar*");
    QVERIFY(pair.first == (dataplane::StringMatcher{Kind::Exact, "foo", false}));
    QVERIFY(pair.second == (dataplane::StringMatcher{Kind::Prefix, "bar", false}));
    QVERIFY(halves("*/foo").first == any);
    QVERIFY(halves("*/foo").second == (dataplane::StringMatcher{Kind::Exact, "foo", false}));
    QVERIFY(halves("*").first == any);
    QVERIFY(halves("*").second == any);
    // The last slash divides.
    QVERIFY(halves("https://issuer/sub").first ==
            (dataplane::StringMatcher{Kind::Exact, "https://issuer", false}));
    const dataplane::RbacRule rule = compile::requestPrincipalRule("foo/bar");
    QCOMPARE(bytes(rule.children.at(0).metadata.path.back()), QByteArray("iss"));
    QCOMPARE(bytes(rule.children.at(1).metadata.path.back()), QByteArray("sub"));
}

void TestAuthorization::addressesOfThisMachine()
{
    compile::Placement placement;
    placement.toLocal = {
        {"10.10.0.11", "127.3.4.11"}, {"10.20.0.11", "127.3.5.11"}, {"203.0.113.10", "127.3.5.13"}};
    const auto ranges = placement.localRanges("10.10.0.0/24");
    QCOMPARE(ranges.size(), std::size_t{2});
    QCOMPARE(ranges[0], std::pair(std::string("10.10.0.0"), 24U));
    QCOMPARE(ranges[1], std::pair(std::string("127.3.4.11"), 32U));
    QCOMPARE(placement.localRanges("203.0.113.10").back(), std::pair(std::string("127.3.5.13"), 32U));
    QVERIFY(placement.localRanges("nonsense").empty());
}

QTEST_GUILESS_MAIN(TestAuthorization)
#include "test_authorization.moc"
