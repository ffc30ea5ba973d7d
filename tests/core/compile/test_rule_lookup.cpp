// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/destination_rules.h"
#include "core/compile/traffic_policy.h"

#include <QtTest>

using namespace sallyport;

namespace {

struct RuleText
{
    const char *name;
    const char *nameSpace;
    const char *host;
    std::vector<std::string> exportTo;
    std::vector<std::string> subsets;
    std::optional<model::Labels> selector;
};

model::Mesh meshOf(const std::vector<RuleText> &rules)
{
    model::Mesh mesh;
    for (const RuleText &text : rules) {
        model::DestinationRule rule;
        rule.kind = "DestinationRule";
        rule.metadata.name = text.name;
        rule.metadata.resourceNamespace = text.nameSpace;
        rule.host = text.host;
        rule.exportTo = text.exportTo;
        rule.workloadSelector = text.selector;
        for (const std::string &name : text.subsets) {
            model::DestinationRule::Subset subset;
            subset.name = name;
            rule.subsets.push_back(subset);
        }
        mesh.destinationRules.push_back(std::move(rule));
    }
    return mesh;
}

QByteArray nameOf(const compile::MergedRule *rule)
{
    return rule ? QByteArray::fromStdString(rule->rule.metadata.name) : QByteArray("none");
}

} // namespace

/// istio-semantics §4.3 and §9.9: which DestinationRule applies.
class TestRuleLookup : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void merging();
    void namespaces_data();
    void namespaces();
    void hosts();
    void selectors();
    void policies();
};

void TestRuleLookup::merging() // L1
{
    const model::Mesh mesh =
        meshOf({{"rule1", "istio-system", "httpbin.org", {}, {"1", "2"}, {}},
                {"rule2", "istio-system", "httpbin.org", {}, {"2", "3", "4"}, {}},
                {"rule3", "istio-system", "httpbin.org", {"istio-system"}, {"5", "6"}, {}}});
    const compile::DestinationRules rules(mesh);
    const compile::MergedRule *found = rules.find("httpbin.org", "test", "test", {});
    QVERIFY(found);
    std::string subsets;
    for (const auto &subset : found->rule.subsets)
        subsets += subset.name;
    QCOMPARE(subsets, std::string("1234"));
}

void TestRuleLookup::namespaces_data()
{
    QTest::addColumn<QByteArray>("proxy");
    QTest::addColumn<QByteArray>("service");
    QTest::addColumn<QByteArray>("expected");
    QTest::addRow("L2 own namespace") << QByteArray("test2") << QByteArray("test1") << QByteArray("of-test2");
    QTest::addRow("L3 the service's") << QByteArray("ns1") << QByteArray("test1") << QByteArray("of-test1");
    QTest::addRow("L4 the root's") << QByteArray("ns1") << QByteArray("random") << QByteArray("of-root");
    QTest::addRow("L5 exported to the root namespace")
        << QByteArray("istio-system") << QByteArray("test5") << QByteArray("of-test5");
    QTest::addRow("L5 and to nobody else")
        << QByteArray("ns1") << QByteArray("test5") << QByteArray("of-root");
    QTest::addRow("L7 the root's own for itself")
        << QByteArray("istio-system") << QByteArray("istio-system") << QByteArray("private-of-root");
    QTest::addRow("kept to its namespace")
        << QByteArray("ns1") << QByteArray("test6") << QByteArray("of-root");
}

void TestRuleLookup::namespaces()
{
    QFETCH(QByteArray, proxy);
    QFETCH(QByteArray, service);
    QFETCH(QByteArray, expected);
    const model::Mesh mesh = meshOf({{"of-test1", "test1", "httpbin.org", {}, {}, {}},
                                     {"of-test2", "test2", "httpbin.org", {"test2"}, {}, {}},
                                     {"of-test5", "test5", "*.org", {"istio-system"}, {}, {}},
                                     {"of-test6", "test6", "httpbin.org", {"."}, {}, {}},
                                     {"of-root", "istio-system", "*.org", {}, {}, {}},
                                     {"private-of-root", "istio-system", "httpbin.org", {"."}, {}, {}}});
    const compile::DestinationRules rules(mesh);
    // In the root namespace only rules that are private to it come first; test5's is then found by the
    // service.
    if (proxy == "istio-system" && service == "test5") {
        const compile::DestinationRules withoutPrivate(
            meshOf({{"of-test5", "test5", "*.org", {"istio-system"}, {}, {}},
                    {"of-root", "istio-system", "*.org", {}, {}, {}}}));
        QCOMPARE(nameOf(withoutPrivate.find("httpbin.org", "test5", "istio-system", {})), expected);
        return;
    }
    QCOMPARE(nameOf(rules.find("httpbin.org", service.toStdString(), proxy.toStdString(), {})), expected);
}

void TestRuleLookup::hosts()
{
    const model::Mesh mesh = meshOf({{"any", "default", "*", {}, {}, {}},
                                     {"org", "default", "*.org", {}, {}, {}},
                                     {"httpbin", "default", "*.httpbin.org", {}, {}, {}},
                                     {"exact", "default", "a.httpbin.org", {}, {}, {}},
                                     {"short", "default", "reviews", {}, {}, {}},
                                     {"third", "elsewhere", "third.com", {}, {}, {}}});
    const compile::DestinationRules rules(mesh);
    const auto find = [&rules](const char *host, const char *service = "default") {
        return nameOf(rules.find(host, service, "default", {}));
    };
    QCOMPARE(find("a.httpbin.org"), QByteArray("exact"));
    QCOMPARE(find("b.httpbin.org"), QByteArray("httpbin"));
    QCOMPARE(find("x.org"), QByteArray("org"));
    QCOMPARE(find("x.com"), QByteArray("any"));
    QCOMPARE(find("reviews.default.svc.cluster.local"), QByteArray("short"));
    // L6: a rule of a third namespace applies nowhere, even for its own host.
    const compile::DestinationRules onlyThird(meshOf({{"third", "elsewhere", "third.com", {}, {}, {}}}));
    QCOMPARE(nameOf(onlyThird.find("third.com", "default", "default", {})), QByteArray("none"));
}

void TestRuleLookup::selectors()
{
    const model::Mesh mesh =
        meshOf({{"all", "default", "a.com", {}, {}, {}},
                {"chosen", "default", "a.com", {}, {}, model::Labels{{"app", "sleep"}}}});
    const compile::DestinationRules rules(mesh);
    QCOMPARE(nameOf(rules.find("a.com", "default", "default", {{"app", "sleep"}})), QByteArray("chosen"));
    QCOMPARE(nameOf(rules.find("a.com", "default", "default", {{"app", "other"}})), QByteArray("all"));
    // A rule with a selector is its namespace's own.
    QCOMPARE(nameOf(rules.find("a.com", "default", "other", {{"app", "sleep"}})), QByteArray("all"));
}

void TestRuleLookup::policies()
{
    model::DestinationRule source;
    auto &top = source.trafficPolicy.emplace();
    top.tls.emplace().mode = model::ClientTls::Mode::Simple;
    top.loadBalancer.emplace().simple = model::LoadBalancer::Simple::RoundRobin;
    top.proxyProtocolVersion = 2;
    model::TrafficPolicy port;
    port.connectionPool.emplace().maxConnections = 7;
    top.portLevel.emplace_back(443, port);
    model::DestinationRule::Subset subset;
    subset.name = "v1";
    subset.trafficPolicy.emplace().loadBalancer.emplace().simple = model::LoadBalancer::Simple::Random;
    model::TrafficPolicy subsetPort;
    subsetPort.tls.emplace().mode = model::ClientTls::Mode::Disable;
    subset.trafficPolicy->portLevel.emplace_back(80, subsetPort);
    source.subsets.push_back(subset);
    const compile::MergedRule rule{source, {}, {&source}};

    // The hash of routes: the default route keeps the rule's where its port has no balancer of its own; a
    // destination has its port's settings only if it names the port.
    model::DestinationRule hashing = source;
    hashing.trafficPolicy->loadBalancer->consistentHash.emplace().name = "top";
    model::TrafficPolicy hashPort;
    hashPort.loadBalancer.emplace().consistentHash.emplace().name = "port";
    hashing.trafficPolicy->portLevel.emplace_back(80, hashPort);
    const compile::MergedRule hashRule{hashing, {}, {&hashing}};
    QCOMPARE(compile::defaultRouteHash(&hashRule, 443)->name, std::string("top"));
    QCOMPARE(compile::defaultRouteHash(&hashRule, 80)->name, std::string("port"));
    QCOMPARE(compile::destinationHash(&hashRule, 0, {})->name, std::string("top"));
    QCOMPARE(compile::destinationHash(&hashRule, 80, {})->name, std::string("port"));
    QVERIFY(!compile::destinationHash(nullptr, 80, {}));
    model::ConsistentHash cookie;
    cookie.key = model::ConsistentHash::Key::Cookie;
    cookie.name = "c";
    cookie.cookieAttributes = {{"SameSite", "Lax"}};
    const auto policies = compile::hashPolicies(cookie);
    QCOMPARE(policies.front().cookieAttributes.front().name, std::string("SameSite"));
    QCOMPARE(policies.front().cookieAttributes.front().value, std::string("Lax"));

    const model::TrafficPolicy at80 = compile::effectivePolicy(&rule, 80, {}).policy;
    QVERIFY(at80.tls && at80.loadBalancer && at80.proxyProtocolVersion);
    // A port's entry replaces the top level as a whole.
    const model::TrafficPolicy at443 = compile::effectivePolicy(&rule, 443, {}).policy;
    QVERIFY(!at443.tls && !at443.loadBalancer && !at443.proxyProtocolVersion);
    QCOMPARE(at443.connectionPool->maxConnections, 7);
    // A subset changes what it sets.
    const model::TrafficPolicy subset443 = compile::effectivePolicy(&rule, 443, "v1").policy;
    QCOMPARE(subset443.loadBalancer->simple, model::LoadBalancer::Simple::Random);
    QCOMPARE(subset443.connectionPool->maxConnections, 7);
    // A subset's port entry replaces all four.
    const model::TrafficPolicy subset80 = compile::effectivePolicy(&rule, 80, "v1").policy;
    QCOMPARE(subset80.tls->mode, model::ClientTls::Mode::Disable);
    QVERIFY(!subset80.loadBalancer);
    QVERIFY(!compile::effectivePolicy(nullptr, 80, {}).rule);
}

QTEST_GUILESS_MAIN(TestRuleLookup)
#include "test_rule_lookup.moc"
