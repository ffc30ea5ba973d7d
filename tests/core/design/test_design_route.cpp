// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/line_diff.h"
#include "core/design/mesh_choices.h"
#include "core/lab/address_plan.h"
#include "core/lab/project_template.h"
#include "mesh_fixture.h"

#include <QtTest>
#include <algorithm>

using namespace sallyport;
using namespace sallyport::design;
using Change = DesignedResource::Change;

namespace {

model::Project projectOf(const std::vector<model::SourceFile> &files)
{
    return model::projectFromFiles("/project", files, {{"test.com", {"203.0.113.10"}}});
}

model::Project stage(int number)
{
    std::vector<model::SourceFile> files = lab::stageFiles(number);
    std::erase_if(files, [](const model::SourceFile &file) { return file.path.starts_with('.'); });
    return projectOf(files);
}

/// What the guide arrives at in stage 4.
RouteDesign guide(const model::Project &project)
{
    RouteDesign design = proposedDesign(project, "primary", "test.com");
    design.credentialName = "test.client";
    design.encryption = Encryption::MutualTls;
    design.externalPort = 443;
    design.sni = "test.com";
    design.subjectAltNames.clear();
    design.registryOnly = true;
    return design;
}

model::Project withResource(const model::Project &project, const std::string &file, const std::string &text)
{
    std::vector<model::SourceFile> files = project.files;
    files.push_back({file, text});
    return projectOf(files);
}

/// The designed project; the test fails if there is none.
model::Project made(const model::Project &project, const RouteDesign &design, DesignedRoute *route = nullptr)
{
    Result<DesignedRoute> designed = designRoute(project, design);
    if (!designed) {
        QTest::qFail(designed.error().toString().c_str(), __FILE__, __LINE__);
        return project;
    }
    Result<model::Project> after = model::applied(project, designed->changes);
    if (!after)
        QTest::qFail(after.error().toString().c_str(), __FILE__, __LINE__);
    if (route)
        *route = *std::move(designed);
    return after ? *after : project;
}

const DesignedResource *find(const DesignedRoute &route, const std::string &kind)
{
    const auto found = std::find_if(route.resources.begin(), route.resources.end(),
                                    [&](const DesignedResource &each) { return each.kind == kind; });
    return found == route.resources.end() ? nullptr : &*found;
}

fixture::Mesh meshOf(const model::Project &project)
{
    std::vector<std::string> parts;
    for (const model::SourceFile &file : project.files) {
        if (file.path.starts_with("primary/"))
            parts.push_back(file.text);
    }
    return fixture::Mesh(fixture::documents(parts));
}

/// The changed lines of a file, ` ` context left out.
std::string changedLines(const DesignedRoute &route, const std::string &path)
{
    std::string text;
    for (const model::FileChange &change : route.changes) {
        if (change.path != path)
            continue;
        for (const DiffLine &line : diffLines(change.before.value_or(""), change.after.value_or(""))) {
            if (line.kind != DiffLine::Kind::Same)
                text += (line.kind == DiffLine::Kind::Added ? '+' : '-') + line.text + '\n';
        }
    }
    return text;
}

/// Bootstraps of a project as JSON, with the names that a person is free to choose replaced.
std::map<std::string, QByteArray> bootstraps(const model::Project &project)
{
    const std::pair<const char *, const char *> names[] = {
        {"https.80.https-mesh.egressgateway.default", "https.80.http.egress-gateway.default"},
        {"virtual-service/test-com-through-egress-gateway", "virtual-service/egressgateway-vs"},
    };
    const lab::AddressPlan plan = lab::planAddresses(project, {}, 0);
    const compile::CompiledProject compiled = compile::compileProject(project, plan.placement);
    std::map<std::string, QByteArray> all;
    for (const compile::CompiledProxy &proxy : compiled.proxies) {
        dataplane::Bootstrap bootstrap = proxy.bootstrap;
        QByteArray json = dataplane::encodeBootstrap(bootstrap);
        for (const auto &[ours, theirs] : names)
            json.replace(ours, theirs);
        all[proxy.name] = json;
    }
    return all;
}

/// The first line that differs, for messages.
QByteArray difference(const QByteArray &a, const QByteArray &b)
{
    for (const DiffLine &line : diffLines(a.toStdString(), b.toStdString())) {
        if (line.kind != DiffLine::Kind::Same)
            return QByteArray::fromStdString(line.text);
    }
    return {};
}

const std::string host = "test.com";
const std::string gatewayHost = "istio-egressgateway.istio-system.svc.cluster.local";
const std::string toGateway = "outbound|80||" + gatewayHost;

fixture::Call fromSleep()
{
    fixture::Call call;
    call.address = "203.0.113.10";
    call.host = host;
    return call;
}

fixture::Call atGateway(const std::string &account = "sleep", const std::string &authority = host)
{
    fixture::Call call;
    call.tls = true;
    call.sni = "outbound_.80_._." + gatewayHost;
    call.alpn = {"istio-peer-exchange", "istio"};
    call.host = authority;
    call.identity = "spiffe://cluster.local/ns/default/sa/" + account;
    return call;
}

} // namespace

class TestDesignRoute : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theGuideFromWhatTheClusterHas();
    void theGuideFromNothingAtAll();
    void aSecondTimeChangesNothing();
    void everyStageLeadsThere_data();
    void everyStageLeadsThere();
    void fromStageThreeOnlyThePortChanges();
    void aServerNameIsOneMoreField();
    void onlySomeIdentities();
    void whereAllowPoliciesStand();
    void aVirtualServiceOfTheSidecarsIsExtended();
    void conditionalRulesKeepTheirPlace();
    void aGatewayForOtherHostsGetsASubset();
    void anEntryWithOtherPortsAndAddresses();
    void anEntryThatIsNotExported();
    void aWiderRuleOfTheClientsNamespace();
    void withoutEncryption();
    void anotherRuleInTheWayIsSaid();
    void changesAreOneStepBack();
};

void TestDesignRoute::theGuideFromWhatTheClusterHas()
{
    DesignedRoute route;
    const model::Project before = stage(1);
    const model::Project after = made(before, guide(before), &route);
    QVERIFY(route.notes.empty());
    for (const model::Problem &problem : after.problems)
        QVERIFY2(problem.severity != model::Severity::Error, problem.message.c_str());
    for (const char *kind : {"ServiceEntry", "Gateway", "VirtualService", "DestinationRule"})
        QVERIFY2(find(route, kind) && find(route, kind)->change == Change::Created, kind);
    QCOMPARE(find(route, "ConfigMap")->change, Change::Changed);

    // Compiled, it is what the template's stage 4 is, but for the balancer that the guide writes for a single
    // endpoint on a port that it does not use.
    std::map<std::string, QByteArray> ours = bootstraps(after);
    model::ProjectEdit withoutBalancer(stage(4).files);
    QVERIFY(
        withoutBalancer.remove({"primary/14-originate-mtls.yaml", 0, -1}, "spec.trafficPolicy.loadBalancer"));
    const std::map<std::string, QByteArray> theirs = bootstraps(projectOf(withoutBalancer.files()));
    QCOMPARE(ours.size(), std::size_t(4));
    QCOMPARE(ours.size(), theirs.size());
    for (const auto &[name, json] : theirs)
        QVERIFY2(ours[name] == json, (name + ": " + difference(json, ours[name]).toStdString()).c_str());
}

void TestDesignRoute::theGuideFromNothingAtAll()
{
    // Only what the partner has.
    std::vector<model::SourceFile> files = stage(1).files;
    std::erase_if(files, [](const model::SourceFile &file) { return file.path.starts_with("primary/"); });
    RouteDesign design = guide(projectOf(files));
    QVERIFY(design.clients.empty());
    design.clients = {{"default", "sleep"}};
    design.gateway = {"istio-system", "istio-egressgateway"};
    design.addresses = {"203.0.113.10"};
    DesignedRoute route;
    const model::Project after = made(projectOf(files), design, &route);
    QVERIFY2(route.notes.empty(), route.notes.empty() ? "" : route.notes.front().c_str());
    for (const model::Problem &problem : after.problems)
        QVERIFY2(problem.severity != model::Severity::Error, problem.message.c_str());
    const fixture::Mesh mesh = meshOf(after);
    QCOMPARE(mesh.complaints(), std::string());
    QCOMPARE(fixture::outbound(mesh.proxy("default/sleep"), fromSleep()).cluster, toGateway);
    QCOMPARE(fixture::inbound(mesh.proxy("istio-system/istio-egressgateway"), atGateway()).cluster,
             std::string("outbound|443||test.com"));
    fixture::Call other = fromSleep();
    other.host = "other.com";
    QCOMPARE(fixture::outbound(mesh.proxy("default/sleep"), other).status, 502);
}

void TestDesignRoute::aSecondTimeChangesNothing()
{
    RouteDesign design = guide(stage(1));
    design.allowed = {"cluster.local/ns/default/sa/sleep"};
    const model::Project after = made(stage(1), design);
    const Result<DesignedRoute> again = designRoute(after, design);
    QVERIFY(again);
    QVERIFY(again->changes.empty());
    for (const DesignedResource &resource : again->resources)
        QVERIFY2(resource.change == Change::Kept, resource.kind.c_str());
    QVERIFY(again->resources.size() >= 5);
}

void TestDesignRoute::everyStageLeadsThere_data()
{
    QTest::addColumn<int>("number");
    for (int number = lab::firstStage; number <= lab::lastStage; ++number)
        QTest::addRow("stage %d", number) << number;
}

void TestDesignRoute::everyStageLeadsThere()
{
    QFETCH(int, number);
    DesignedRoute route;
    const model::Project after = made(stage(number), guide(stage(number)), &route);
    QVERIFY(route.notes.empty());
    const fixture::Mesh mesh = meshOf(after);
    QCOMPARE(mesh.complaints(), std::string());
    const fixture::Outcome sleep = fixture::outbound(mesh.proxy("default/sleep"), fromSleep());
    QCOMPARE(sleep.cluster, toGateway);
    const compile::CompiledProxy &gateway = mesh.proxy("istio-system/istio-egressgateway");
    QCOMPARE(fixture::inbound(gateway, atGateway()).cluster, std::string("outbound|443||test.com"));
    const dataplane::Cluster *out = fixture::findCluster(gateway, "outbound|443||test.com");
    QVERIFY(out && out->transport.tls);
    QCOMPARE(out->transport.tls->sni, host);
    if (number >= 4)
        QVERIFY(route.changes.empty());
}

void TestDesignRoute::fromStageThreeOnlyThePortChanges()
{
    DesignedRoute route;
    made(stage(3), guide(stage(3)), &route);
    QCOMPARE(route.changes.size(), std::size_t(2)); // and the rule that originates TLS, a new file
    QCOMPARE(changedLines(route, "primary/12-virtual-service.yaml"),
             std::string("-          number: 80\n+          number: 443\n"));
    QCOMPARE(find(route, "Gateway")->change, Change::Kept);
    QCOMPARE(find(route, "ServiceEntry")->change, Change::Kept);
}

void TestDesignRoute::aServerNameIsOneMoreField()
{
    RouteDesign design = guide(stage(4));
    design.subjectAltNames = {"test.com"};
    DesignedRoute route;
    made(stage(4), design, &route);
    QCOMPARE(route.changes.size(), std::size_t(1));
    QCOMPARE(changedLines(route, "primary/14-originate-mtls.yaml"),
             std::string("+        subjectAltNames:\n+        - test.com\n"));
}

void TestDesignRoute::onlySomeIdentities()
{
    RouteDesign design = guide(stage(1));
    design.allowed = {"cluster.local/ns/default/sa/sleep"};
    const model::Project after = made(stage(1), design);
    const fixture::Mesh mesh = meshOf(after);
    const compile::CompiledProxy &gateway = mesh.proxy("istio-system/istio-egressgateway");
    const std::string out = "outbound|443||test.com";
    QCOMPARE(fixture::inbound(gateway, atGateway()).summary(), out);
    QCOMPARE(fixture::inbound(gateway, atGateway("other")).status, 403);
    QCOMPARE(fixture::inbound(gateway, atGateway("other", "test.com:80")).status,
             403); // not by naming the port
    fixture::Call nobody = atGateway();
    nobody.identity.clear();
    QCOMPARE(fixture::inbound(gateway, nobody).status, 403);
    // Other hosts are none of this policy's business: without a route of their own it is 404.
    QCOMPARE(fixture::inbound(gateway, atGateway("other", "other.com")).status, 404);

    design.allowed.push_back("cluster.local/ns/default/sa/other");
    DesignedRoute route;
    const model::Project wider = made(after, design, &route);
    QCOMPARE(route.changes.size(), std::size_t(1));
    QCOMPARE(find(route, "AuthorizationPolicy")->change, Change::Changed);
    const fixture::Mesh widerMesh = meshOf(wider);
    QCOMPARE(
        fixture::inbound(widerMesh.proxy("istio-system/istio-egressgateway"), atGateway("other")).summary(),
        out);
}

void TestDesignRoute::whereAllowPoliciesStand()
{
    const model::Project before = withResource(stage(1), "primary/40-allow.yaml",
                                               "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\n"
                                               "metadata: {name: known, namespace: istio-system}\nspec:\n"
                                               "  selector: {matchLabels: {istio: egressgateway}}\n"
                                               "  rules:\n  - to: [{operation: {hosts: [known.com]}}]\n");
    const fixture::Mesh mesh = meshOf(made(before, guide(before)));
    const compile::CompiledProxy &gateway = mesh.proxy("istio-system/istio-egressgateway");
    QCOMPARE(fixture::inbound(gateway, atGateway()).summary(), std::string("outbound|443||test.com"));
    QCOMPARE(fixture::inbound(gateway, atGateway("sleep", "third.com")).status, 403); // as before
}

void TestDesignRoute::aVirtualServiceOfTheSidecarsIsExtended()
{
    const model::Project before = withResource(stage(2), "primary/30-direct.yaml",
                                               "apiVersion: networking.istio.io/v1\n"
                                               "kind: VirtualService\n"
                                               "metadata:\n"
                                               "  name: direct\n"
                                               "  namespace: default\n"
                                               "spec:\n"
                                               "  hosts:\n"
                                               "  - test.com\n"
                                               "  http:\n"
                                               "  # straight out, but not for long\n"
                                               "  - timeout: 3s\n"
                                               "    route:\n"
                                               "    - destination: {host: test.com}\n");
    DesignedRoute route;
    const model::Project after = made(before, guide(before), &route);
    QVERIFY(route.notes.empty());
    QCOMPARE(find(route, "VirtualService")->change, Change::Changed);
    QCOMPARE(after.findMesh("primary")->virtualServices.size(), std::size_t(1));
    const std::string changed = changedLines(route, "primary/30-direct.yaml");
    QVERIFY2(("\n" + changed).find("\n-") == std::string::npos, "nothing is taken away");
    const fixture::Mesh mesh = meshOf(after);
    QCOMPARE(mesh.complaints(), std::string());
    QCOMPARE(fixture::outbound(mesh.proxy("default/sleep"), fromSleep()).cluster, toGateway);
    QCOMPARE(fixture::inbound(mesh.proxy("istio-system/istio-egressgateway"), atGateway()).cluster,
             std::string("outbound|443||test.com"));
    const std::vector<std::string> gateways = after.findMesh("primary")->virtualServices.front().gateways;
    QCOMPARE(gateways, (std::vector<std::string>{"egressgateway", "mesh"}));
}

void TestDesignRoute::conditionalRulesKeepTheirPlace()
{
    model::ProjectEdit edit(stage(3).files);
    QVERIFY(edit.insertItem(
        {"primary/12-virtual-service.yaml", 0, -1}, "spec.http", 0,
        "match:\n- gateways: [mesh]\n  uri: {prefix: /special}\nroute:\n- destination:\n"
        "    host: istio-egressgateway.istio-system.svc.cluster.local\n    port: {number: 80}\n"));
    const model::Project before = projectOf(edit.files());
    DesignedRoute route;
    made(before, guide(before), &route);
    QCOMPARE(changedLines(route, "primary/12-virtual-service.yaml"),
             std::string("-          number: 80\n+          number: 443\n"));
}

void TestDesignRoute::aGatewayForOtherHostsGetsASubset()
{
    const model::Project before = withResource(
        stage(2), "primary/30-other.yaml",
        "apiVersion: networking.istio.io/v1\nkind: Gateway\n"
        "metadata: {name: other, namespace: default}\nspec:\n  selector: {istio: egressgateway}\n"
        "  servers:\n  - port: {number: 80, name: https, protocol: HTTPS}\n    hosts:\n    - other.com\n"
        "    tls: {mode: ISTIO_MUTUAL}\n---\n"
        "apiVersion: networking.istio.io/v1\nkind: DestinationRule\n"
        "metadata: {name: other, namespace: istio-system}\nspec:\n  host: " +
            gatewayHost +
            "\n  subsets:\n  - name: other\n    trafficPolicy:\n      portLevelSettings:\n"
            "      - port: {number: 80}\n        tls: {mode: ISTIO_MUTUAL, sni: other.com}\n");
    DesignedRoute route;
    const model::Project after = made(before, guide(before), &route);
    QVERIFY2(route.notes.empty(), route.notes.empty() ? "" : route.notes.front().c_str());
    QCOMPARE(find(route, "Gateway")->change, Change::Changed);
    const fixture::Mesh mesh = meshOf(after);
    QCOMPARE(mesh.complaints(), std::string());
    const std::string cluster = fixture::outbound(mesh.proxy("default/sleep"), fromSleep()).cluster;
    QCOMPARE(cluster, "outbound|80|test-com|" + gatewayHost);
    const dataplane::Cluster *first = fixture::findCluster(mesh.proxy("default/sleep"), cluster);
    QVERIFY(first && first->transport.tls);
    QCOMPARE(first->transport.tls->sni, host);
    fixture::Call call = atGateway();
    call.sni = host;
    QCOMPARE(fixture::inbound(mesh.proxy("istio-system/istio-egressgateway"), call).cluster,
             std::string("outbound|443||test.com"));
    const Result<DesignedRoute> again = designRoute(after, guide(after));
    QVERIFY(again && again->changes.empty());
}

void TestDesignRoute::anEntryWithOtherPortsAndAddresses()
{
    RouteDesign design = guide(stage(2));
    design.externalPort = 8443;
    design.addresses = {"203.0.113.20", "203.0.113.21"};
    DesignedRoute route;
    const model::Project after = made(stage(2), design, &route);
    QCOMPARE(find(route, "ServiceEntry")->change, Change::Changed);
    const model::ServiceEntry &entry = after.findMesh("primary")->serviceEntries.front();
    QCOMPARE(entry.ports.size(), std::size_t(3));
    QCOMPARE(entry.ports.back().name, std::string("https-8443"));
    QCOMPARE(entry.endpoints.size(), std::size_t(2));
    QCOMPARE(entry.endpoints.front().address, std::string("203.0.113.20"));
    const fixture::Mesh mesh = meshOf(after);
    QCOMPARE(mesh.complaints(), std::string());
    QCOMPARE(fixture::inbound(mesh.proxy("istio-system/istio-egressgateway"), atGateway()).cluster,
             std::string("outbound|8443||test.com"));

    design.addresses = {"lb.example.org"};
    const model::Project byName = made(after, design);
    QCOMPARE(byName.findMesh("primary")->serviceEntries.front().resolution,
             model::ServiceEntry::Resolution::Dns);
}

void TestDesignRoute::anEntryThatIsNotExported()
{
    model::ProjectEdit edit(stage(2).files);
    QVERIFY(edit.setBlock({"primary/10-service-entry.yaml", 0, -1}, "spec.exportTo", "- '.'\n"));
    const model::Project before = projectOf(edit.files());
    DesignedRoute route;
    const model::Project after = made(before, guide(before), &route);
    QVERIFY(route.notes.empty());
    QCOMPARE(after.findMesh("primary")->serviceEntries.front().exportTo,
             (std::vector<std::string>{".", "istio-system"}));
    QCOMPARE(fixture::inbound(meshOf(after).proxy("istio-system/istio-egressgateway"), atGateway()).cluster,
             std::string("outbound|443||test.com"));
}

void TestDesignRoute::aWiderRuleOfTheClientsNamespace()
{
    const model::Project before =
        withResource(stage(1), "primary/30-wide.yaml",
                     "apiVersion: networking.istio.io/v1\nkind: DestinationRule\n"
                     "metadata: {name: wide, namespace: default}\nspec:\n  host: '*.local'\n"
                     "  trafficPolicy: {tls: {mode: DISABLE}}\n");
    DesignedRoute route;
    const model::Project after = made(before, guide(before), &route);
    QVERIFY2(route.notes.empty(), route.notes.empty() ? "" : route.notes.front().c_str());
    const fixture::Mesh mesh = meshOf(after);
    const dataplane::Cluster *first = fixture::findCluster(mesh.proxy("default/sleep"), toGateway);
    QVERIFY(first && first->transport.tls);
}

void TestDesignRoute::withoutEncryption()
{
    RouteDesign design = guide(stage(1));
    design.encryption = Encryption::None;
    design.externalPort = 80;
    const model::Project plain = made(stage(1), design);
    const fixture::Mesh mesh = meshOf(plain);
    const compile::CompiledProxy &gateway = mesh.proxy("istio-system/istio-egressgateway");
    QCOMPARE(fixture::inbound(gateway, atGateway()).cluster, std::string("outbound|80||test.com"));
    QVERIFY(!fixture::findCluster(gateway, "outbound|80||test.com")->transport.tls);

    // Stage 4 turned back on its TLS port: the rule stays and says so.
    RouteDesign back = guide(stage(4));
    back.encryption = Encryption::None;
    const fixture::Mesh open = meshOf(made(stage(4), back));
    QVERIFY(!fixture::findCluster(open.proxy("istio-system/istio-egressgateway"), "outbound|443||test.com")
                 ->transport.tls);
}

void TestDesignRoute::anotherRuleInTheWayIsSaid()
{
    const model::Project before = withResource(stage(1), "primary/30-sidecar.yaml",
                                               "apiVersion: networking.istio.io/v1\nkind: Sidecar\n"
                                               "metadata: {name: narrow, namespace: default}\nspec:\n"
                                               "  egress:\n  - hosts: ['istio-system/*']\n");
    DesignedRoute route;
    made(before, guide(before), &route);
    QVERIFY(!route.notes.empty());
    QVERIFY(route.notes.front().find("Sidecar default/narrow hides test.com") != std::string::npos);
}

void TestDesignRoute::changesAreOneStepBack()
{
    const model::Project before = stage(3);
    const Result<DesignedRoute> route = designRoute(before, guide(before));
    QVERIFY(route);
    const Result<std::vector<model::SourceFile>> after = model::applied(before.files, route->changes);
    QVERIFY(after);
    QVERIFY(*after != before.files);
    const Result<std::vector<model::SourceFile>> back =
        model::applied(*after, model::reverted(route->changes));
    QVERIFY(back);
    QCOMPARE(*back, before.files);
}

QTEST_GUILESS_MAIN(TestDesignRoute)
#include "test_design_route.moc"
