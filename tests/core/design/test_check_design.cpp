// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/mesh_choices.h"
#include "core/lab/project_template.h"

#include <QtTest>
#include <algorithm>
#include <functional>

using namespace sallyport;
using namespace sallyport::design;

namespace {

model::Project stage(int number)
{
    std::vector<model::SourceFile> files = lab::stageFiles(number);
    std::map<std::string, std::vector<std::string>> hosts;
    std::erase_if(files, [&](const model::SourceFile &file) {
        if (file.path == ".sallyport/hosts")
            hosts = model::parseHosts(file.text);
        return file.path.starts_with('.');
    });
    return model::projectFromFiles("/project", files, hosts);
}

RouteDesign complete()
{
    RouteDesign design = proposedDesign(stage(1), "primary", "test.com");
    design.credentialName = "test.client";
    return design;
}

using Change = std::function<void(RouteDesign &)>;

} // namespace
Q_DECLARE_METATYPE(Change)

class TestCheckDesign : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void proposals();
    void whatAProjectHasIsTakenOver();
    void anEmptyProjectGetsAProposalAsWell();
    void findings_data();
    void findings();
    void aGatewayPortInUse();
    void aKnownCredential();
};

void TestCheckDesign::proposals()
{
    const RouteDesign design = proposedDesign(stage(1), "primary", "test.com");
    QCOMPARE(design.clients, std::vector<WorkloadName>({{"default", "sleep"}}));
    QCOMPARE(design.gateway.toString(), std::string("istio-system/istio-egressgateway"));
    QCOMPARE(design.addresses, std::vector<std::string>{"203.0.113.10"}); // .sallyport/hosts
    QCOMPARE(design.nameSpace, std::string("default"));
    QCOMPARE(design.sni, std::string("test.com"));
    QCOMPARE(design.subjectAltNames, std::vector<std::string>{"test.com"});
    QVERIFY(!design.registryOnly);

    const model::Project project = stage(2);
    const MeshChoices choices = choicesFor(*project.findMesh("primary"));
    QCOMPARE(choices.clients.at(0).principal, std::string("cluster.local/ns/default/sa/sleep"));
    QVERIFY(choices.clients.at(0).sidecar);
    QCOMPARE(choices.gateways.at(0).ports, (std::vector<std::uint32_t>{80, 443}));
    QCOMPARE(choices.hosts, std::vector<std::string>{"test.com"});
    QVERIFY(choices.registryOnly);
    // The external mesh's gateway takes requests from outside: no way out.
    QVERIFY(choicesFor(*project.findMesh("external")).gateways.at(0).external);
}

void TestCheckDesign::whatAProjectHasIsTakenOver()
{
    const RouteDesign design = proposedDesign(stage(4), "primary", "test.com");
    QCOMPARE(design.externalPort, 443U);
    QCOMPARE(design.credentialName, std::string("test.client"));
    QCOMPARE(design.encryption, Encryption::MutualTls);
    QCOMPARE(design.sni, std::string("test.com"));
    QVERIFY(design.subjectAltNames.empty()); // as the guide has it
    QCOMPARE(design.addresses, std::vector<std::string>{"203.0.113.10"});
}

void TestCheckDesign::anEmptyProjectGetsAProposalAsWell()
{
    const RouteDesign design = proposedDesign(model::projectFromFiles("/p", {}, {}), "primary", "test.com");
    QVERIFY(design.clients.empty());
    QVERIFY(!design.gateway.isSet());
}

void TestCheckDesign::findings_data()
{
    QTest::addColumn<Change>("change");
    QTest::addColumn<int>("field");
    QTest::addColumn<int>("severity");
    const auto row = [](const char *name, DesignField field, model::Severity severity, const Change &change) {
        QTest::newRow(name) << change << static_cast<int>(field) << static_cast<int>(severity);
    };
    const auto error = model::Severity::Error;
    const auto warning = model::Severity::Warning;
    row("no client", DesignField::Clients, error, [](RouteDesign &d) { d.clients.clear(); });
    row("a gateway as client", DesignField::Clients, error, [](RouteDesign &d) {
        d.clients = {{"istio-system", "istio-egressgateway"}};
    });
    row("no name for a new client", DesignField::Clients, error, [](RouteDesign &d) {
        d.clients = {{"default", "Sleep_2"}};
    });
    row("no host", DesignField::Host, error, [](RouteDesign &d) { d.host.clear(); });
    row("wildcard", DesignField::Host, error, [](RouteDesign &d) { d.host = "*.test.com"; });
    row("address", DesignField::Host, error, [](RouteDesign &d) { d.host = "203.0.113.10"; });
    row("upper case", DesignField::Host, error, [](RouteDesign &d) { d.host = "Test.com"; });
    row("one label", DesignField::Host, error, [](RouteDesign &d) { d.host = "test"; });
    row("a Service", DesignField::Host, error,
        [](RouteDesign &d) { d.host = "sleep.default.svc.cluster.local"; });
    row("no client port", DesignField::ClientPort, error, [](RouteDesign &d) { d.clientPort = 0; });
    row("port too large", DesignField::ExternalPort, error, [](RouteDesign &d) { d.externalPort = 70000; });
    row("no address", DesignField::Addresses, error,
        [](RouteDesign &d) { d.addresses = {"not an address"}; });
    row("mixed addresses", DesignField::Addresses, error, [](RouteDesign &d) {
        d.addresses = {"203.0.113.10", "a.test.com"};
    });
    row("unknown to DNS", DesignField::Addresses, warning, [](RouteDesign &d) {
        d.addresses.clear();
        d.host = "new.example.org";
    });
    row("no gateway", DesignField::Gateway, error, [](RouteDesign &d) { d.gateway = {}; });
    row("no gateway pod", DesignField::Gateway, error, [](RouteDesign &d) {
        d.gateway = {"default", "sleep"};
    });
    row("port not of its Service", DesignField::GatewayPort, error,
        [](RouteDesign &d) { d.gatewayPort = 8080; });
    row("plaintext", DesignField::Encryption, warning,
        [](RouteDesign &d) { d.encryption = Encryption::None; });
    row("no credential", DesignField::Credential, error, [](RouteDesign &d) { d.credentialName.clear(); });
    row("credential not imported", DesignField::Credential, warning, [](RouteDesign &) {});
    row("name not checked", DesignField::SubjectAltNames, warning,
        [](RouteDesign &d) { d.subjectAltNames.clear(); });
    row("bad server name", DesignField::Sni, error, [](RouteDesign &d) { d.sni = "a b"; });
    row("principal with scheme", DesignField::Allowed, error,
        [](RouteDesign &d) { d.allowed = {"spiffe://cluster.local/ns/default/sa/sleep"}; });
    row("no identity", DesignField::Allowed, warning, [](RouteDesign &d) { d.allowed = {"sleep"}; });
}

void TestCheckDesign::findings()
{
    QFETCH(Change, change);
    RouteDesign design = complete();
    change(design);
    const std::vector<DesignFinding> findings = checkDesign(stage(1), design);
    QFETCH(int, field);
    QFETCH(int, severity);
    const auto found = std::find_if(findings.begin(), findings.end(), [&](const DesignFinding &finding) {
        return static_cast<int>(finding.field) == field && static_cast<int>(finding.severity) == severity;
    });
    QVERIFY(found != findings.end());
    QVERIFY(!found->message.empty());
    const bool anyError = std::any_of(findings.begin(), findings.end(), [](const DesignFinding &finding) {
        return finding.severity == model::Severity::Error;
    });
    QCOMPARE(designRoute(stage(1), design).has_value(), !anyError);
}

void TestCheckDesign::aGatewayPortInUse()
{
    model::Project project = stage(1);
    std::vector<model::SourceFile> files = project.files;
    files.push_back(
        {"primary/30-plain.yaml",
         "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: plain, namespace: default}\n"
         "spec:\n  selector: {istio: egressgateway}\n  servers:\n"
         "  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}\n"});
    project = model::projectFromFiles("/project", files, project.hosts);
    RouteDesign design = complete();
    const Result<DesignedRoute> refused = designRoute(project, design);
    QVERIFY(!refused);
    QVERIFY(refused.error().hint.find("443") != std::string::npos);
    design.gatewayPort = 443;
    QVERIFY(designRoute(project, design));
}

void TestCheckDesign::aKnownCredential()
{
    model::Project project = stage(1);
    for (model::Mesh &mesh : project.meshes) {
        model::Secret &secret = mesh.secrets.emplace_back();
        secret.metadata.name = "test.client";
        secret.metadata.resourceNamespace = "istio-system";
    }
    for (const DesignFinding &finding : checkDesign(project, complete()))
        QVERIFY2(false, finding.message.c_str());
    QCOMPARE(credentialsIn(*project.findMesh("primary"), "istio-system"),
             std::vector<std::string>{"test.client"});
    QVERIFY(credentialsIn(*project.findMesh("primary"), "default").empty());
}

QTEST_GUILESS_MAIN(TestCheckDesign)
#include "test_check_design.moc"
