// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/project_template.h"
#include "core/lab/stored_credentials.h"
#include "ui/topology/chain.h"

#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>

using namespace sallyport;
using namespace sallyport::topology;

namespace {

const QString sleepApp = QStringLiteral("primary:default/sleep");
const QString egress = QStringLiteral("primary:istio-system/istio-egressgateway");
const QString ingress = QStringLiteral("external:istio-system/istio-ingressgateway");
const QString httpbin = QStringLiteral("external:default/httpbin");
const QString www = QStringLiteral("external:internet/www");

Chain chainOf(const model::Project &project)
{
    const auto addresses =
        lab::planAddresses(project, lab::candidateBlocks(project.folder, project.meshes.size()).front(), 0);
    return topology::chainOf(project, compile::compileProject(project, addresses.placement), addresses);
}

QStringList flags(const ChainHop &hop)
{
    QStringList texts;
    for (const HopFlag &flag : hop.flags)
        texts.append(flag.text);
    return texts;
}

QString describe(const Chain &chain)
{
    QString text;
    for (const ChainHop &hop : chain.hops) {
        text += QString::number(hop.number) + ' ' + hop.from + " -> " + hop.to + ' ' + shortName(hop.kind) +
                ' ' + hop.cluster + ' ' + hop.hosts.join(',') + '\n';
        for (const HopFlag &flag : hop.flags)
            text += "    ! " + flag.text + '\n';
        for (const ResourceLink &link : hop.resources)
            text += "    " + link.title + '\n';
    }
    for (const ChainNode &node : chain.nodes)
        text += node.name + ' ' + node.identity + ' ' + node.places.join(',') + " refuses " +
                node.refusedHosts.join(", ") + (node.reached ? "" : " (not reached)") + '\n';
    return text;
}

} // namespace

class TestChain : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void theGuidesStages_data();
    void theGuidesStages();
    void whatMakesAHop();
    void statisticsByTheMeshsOwnNames();
    void namesThatAreVerifiedAreNoFinding();
    void withoutTheMeshRuleNothingPasses();
    void aMissingCredentialBreaksItsHop();
    void simpleTlsMeetsAServerThatDemandsMore();
    void strictPeersRefusePlaintext();
    void replicasAreOneCard();
    void anApplicationWithoutASidecarSpeaksForItself();
    void hostsBeyondTheProjectAreOutside();
    void aProjectWithoutWorkloadsIsEmpty();

private:
    model::Project stage(int stage, const std::function<void(model::ProjectEdit &)> &edit = {}) const;

    QTemporaryDir m_place;
    std::string m_folder;
};

void TestChain::initTestCase()
{
    qputenv("XDG_DATA_HOME", m_place.filePath("data").toUtf8());
    m_folder = m_place.filePath("project").toStdString();
    QVERIFY(lab::createFromTemplate(m_folder, 4, true));
}

model::Project TestChain::stage(int number, const std::function<void(model::ProjectEdit &)> &change) const
{
    std::vector<model::SourceFile> files;
    std::string hosts;
    for (const model::SourceFile &file : lab::stageFiles(number)) {
        if (file.path == ".sallyport/hosts")
            hosts = file.text;
        else if (file.path.front() != '.')
            files.push_back(file);
    }
    model::ProjectEdit edit(files);
    if (change)
        change(edit);
    model::Project project = model::projectFromFiles(m_folder, edit.files(), model::parseHosts(hosts));
    lab::addStoredCredentials(project);
    return project;
}

void TestChain::theGuidesStages_data()
{
    QTest::addColumn<int>("number");
    QTest::addColumn<QStringList>("hops");
    const QString mesh = "mesh mTLS";
    const QString last =
        ingress + " > " + httpbin + " mesh mTLS outbound|8000||httpbin.default.svc.cluster.local";
    const QString first = sleepApp + " > " + egress +
                          " mesh mTLS outbound|80||istio-egressgateway.istio-system.svc.cluster.local";
    QTest::addRow("stage 1: everything passes, in the clear")
        << 1
        << QStringList{sleepApp + " > " + www + " PLAINTEXT PassthroughCluster",
                       sleepApp + " > " + ingress + " PLAINTEXT PassthroughCluster", last};
    QTest::addRow("stage 2: only what is registered")
        << 2 << QStringList{sleepApp + " > " + ingress + " PLAINTEXT outbound|80||test.com", last};
    QTest::addRow("stage 3: through the egress gateway, plaintext behind it")
        << 3 << QStringList{first, egress + " > " + ingress + " PLAINTEXT outbound|80||test.com", last};
    for (const int stage : {4, 5})
        QTest::addRow("stage %d: mTLS is originated", stage)
            << stage << QStringList{first, egress + " > " + ingress + " mTLS outbound|443||test.com", last};
}

void TestChain::theGuidesStages()
{
    QFETCH(int, number);
    QFETCH(QStringList, hops);
    const Chain chain = chainOf(stage(number));
    QStringList seen;
    for (const ChainHop &hop : chain.hops) {
        QCOMPARE(hop.number, int(seen.size()) + 1);
        seen.append(hop.from + " > " + hop.to + ' ' + shortName(hop.kind) + ' ' + hop.cluster);
        QVERIFY(chain.findHop(hop.selection()));
    }
    QVERIFY2(seen == hops, qPrintable(describe(chain)));
    QCOMPARE(chain.nodes.size(), 5u);
    QCOMPARE(chain.nodes.front().name, sleepApp);
    QVERIFY(chain.nodes.front().client);
    QCOMPARE(chain.meshes.front().trustDomain, "cluster.local");
    const ChainNode *gateway = chain.findNode(egress);
    QCOMPARE(gateway->identity, "cluster.local/ns/istio-system/sa/istio-egressgateway-service-account");
    QCOMPARE(gateway->reached, number >= 3);
    QCOMPARE(gateway->policies.size(), number == 5 ? 1u : 0u);
    const ChainNode *partner = chain.findNode(ingress);
    QCOMPARE(partner->places, QStringList{"203.0.113.10"});
    QCOMPARE(partner->policies.size(), 1u);
    QCOMPARE(partner->policies.front().action, "DENY");
    QCOMPARE(partner->policies.front().name, "istio-system/restrict-test-client");
    QCOMPARE(partner->policies.front().resource.where.file, "external/05-policy.yaml");
    QCOMPARE(partner->certificates.size(), 1u);
    QCOMPARE(partner->certificates.front().credential, "test.com");
    QVERIFY(partner->certificates.front().notAfter > QDateTime::currentDateTimeUtc());
    QCOMPARE(chain.nodes.front().refusedHosts.contains("other.com: 502"), number >= 2);
}

void TestChain::whatMakesAHop()
{
    const Chain chain = chainOf(stage(4));
    const ChainHop &hop = chain.hops.at(1);
    QStringList titles;
    for (const ResourceLink &link : hop.resources)
        titles.append(link.title);
    QCOMPARE(titles,
             (QStringList{"DestinationRule originate-mtls-for-test-com", "VirtualService egressgateway-vs",
                          "ServiceEntry test-com", "Gateway external"}));
    QCOMPARE(hop.resources.front().where.file, "primary/14-originate-mtls.yaml");
    QCOMPARE(hop.sni, "test.com");
    QCOMPARE(hop.port, 443);
    QCOMPARE(hop.clientCredential, "test.client");
    QVERIFY(hop.clientNotAfter > QDateTime::currentDateTimeUtc());
    QCOMPARE(hop.statName, "outbound|443||test.com;");
    QVERIFY(hop.crossesMeshes);
    QCOMPARE(flags(hop), QStringList{"server name not verified"});
    QCOMPARE(chain.hops.front().verifiedNames,
             QStringList{"spiffe://cluster.local/ns/istio-system/sa/istio-egressgateway-service-account"});
    QVERIFY(chain.hops.front().flags.empty());
}

void TestChain::statisticsByTheMeshsOwnNames()
{
    const Chain chain = chainOf(stage(4, [](model::ProjectEdit &edit) {
        QVERIFY(edit.setMeshConfig({"primary/01-mesh.yaml", 0, -1}, "outboundClusterStatName",
                                   "%SERVICE%:%SERVICE_PORT%", yaml::ScalarType::String));
    }));
    QCOMPARE(chain.hops.at(1).cluster, "outbound|443||test.com");
    // Envoy writes no colons into names of statistics.
    QCOMPARE(chain.hops.at(1).statName, "test.com_443;");
}

void TestChain::namesThatAreVerifiedAreNoFinding()
{
    const Chain chain = chainOf(stage(4, [](model::ProjectEdit &edit) {
        QVERIFY(edit.setBlock({"primary/14-originate-mtls.yaml", 0, -1},
                              "spec.trafficPolicy.portLevelSettings[0].tls.subjectAltNames", "- test.com\n"));
    }));
    QVERIFY(chain.hops.at(1).flags.empty());
    QCOMPARE(chain.hops.at(1).verifiedNames, QStringList{"test.com"});
}

void TestChain::withoutTheMeshRuleNothingPasses()
{
    const Chain chain = chainOf(stage(4, [](model::ProjectEdit &edit) {
        QVERIFY(edit.removeResource({"primary/11-egress-gateway-rules.yaml", 1, -1}));
    }));
    const ChainHop &hop = chain.hops.front();
    QCOMPARE(hop.to, egress);
    QCOMPARE(shortName(hop.kind), "PLAINTEXT");
    QCOMPARE(flags(hop), QStringList{"plaintext meets TLS"});
    QVERIFY(hop.flags.front().broken);
    // Behind it nothing is reached.
    QCOMPARE(chain.hops.size(), 1u);
    QVERIFY(!chain.findNode(ingress)->reached);
}

void TestChain::aMissingCredentialBreaksItsHop()
{
    model::Project project = stage(4);
    auto &secrets = project.meshes.front().secrets;
    secrets.erase(
        std::remove_if(secrets.begin(), secrets.end(),
                       [](const model::Secret &secret) { return secret.metadata.name == "test.client"; }),
        secrets.end());
    const Chain chain = chainOf(project);
    const ChainHop &hop = chain.hops.at(1);
    QVERIFY2(flags(hop).contains("certificate missing"), qPrintable(describe(chain)));
    QVERIFY(!hop.clientNotAfter.isValid());
}

void TestChain::simpleTlsMeetsAServerThatDemandsMore()
{
    const Chain chain = chainOf(stage(4, [](model::ProjectEdit &edit) {
        QVERIFY(edit.setScalar({"primary/14-originate-mtls.yaml", 0, -1},
                               "spec.trafficPolicy.portLevelSettings[0].tls.mode", "SIMPLE"));
        QVERIFY(edit.remove({"primary/14-originate-mtls.yaml", 0, -1},
                            "spec.trafficPolicy.portLevelSettings[0].tls.credentialName"));
    }));
    const ChainHop &hop = chain.hops.at(1);
    QCOMPARE(shortName(hop.kind), "TLS");
    QCOMPARE(flags(hop).front(), "client certificate missing");
    QVERIFY(hop.flags.front().broken);
}

void TestChain::strictPeersRefusePlaintext()
{
    const Chain chain = chainOf(stage(4, [](model::ProjectEdit &edit) {
        edit.addResource("external/20-strict.yaml", "apiVersion: security.istio.io/v1beta1\n"
                                                    "kind: PeerAuthentication\n"
                                                    "metadata:\n  name: default\n  namespace: default\n"
                                                    "spec:\n  mtls:\n    mode: STRICT\n");
        edit.addResource("external/20-strict.yaml", "apiVersion: networking.istio.io/v1beta1\n"
                                                    "kind: DestinationRule\n"
                                                    "metadata:\n  name: plain\n  namespace: default\n"
                                                    "spec:\n  host: httpbin.default.svc.cluster.local\n"
                                                    "  trafficPolicy:\n    tls:\n      mode: DISABLE\n");
    }));
    const ChainHop &hop = chain.hops.at(2);
    QCOMPARE(shortName(hop.kind), "PLAINTEXT");
    QVERIFY2(flags(hop).contains("plaintext refused"), qPrintable(describe(chain)));
}

void TestChain::replicasAreOneCard()
{
    const Chain chain = chainOf(stage(4, [](model::ProjectEdit &edit) {
        QVERIFY(edit.setScalar({"external/02-httpbin.yaml", 1, -1}, "spec.replicas", "3"));
    }));
    QVERIFY2(chain.findNode(httpbin), qPrintable(describe(chain)));
    QCOMPARE(chain.findNode(httpbin)->replicas, 3);
    QCOMPARE(chain.hops.size(), 3u);
}

void TestChain::anApplicationWithoutASidecarSpeaksForItself()
{
    const Chain chain = chainOf(stage(4, [](model::ProjectEdit &edit) {
        QVERIFY(edit.setBlock({"primary/02-sleep.yaml", 1, -1}, "spec.template.metadata.annotations",
                              "sidecar.istio.io/inject: \"false\"\n"));
    }));
    QVERIFY2(chain.findNode(sleepApp)->role == NodeRole::Application, qPrintable(describe(chain)));
    const ChainHop &hop = chain.hops.front();
    QCOMPARE(hop.from, sleepApp);
    QCOMPARE(hop.to, ingress);
    QCOMPARE(hop.cluster, "-");
    QCOMPARE(shortName(hop.kind), "PLAINTEXT");
    QVERIFY(flags(hop).contains("unencrypted outside"));
}

void TestChain::hostsBeyondTheProjectAreOutside()
{
    const Chain chain = chainOf(stage(2, [](model::ProjectEdit &edit) {
        edit.addResource("primary/20-elsewhere.yaml",
                         "apiVersion: networking.istio.io/v1beta1\n"
                         "kind: ServiceEntry\n"
                         "metadata:\n  name: elsewhere\n  namespace: default\n"
                         "spec:\n  hosts:\n  - api.example.net\n  addresses:\n  - 198.51.100.7\n  "
                         "endpoints:\n  - address: 198.51.100.7\n"
                         "  location: MESH_EXTERNAL\n  resolution: STATIC\n"
                         "  ports:\n  - number: 80\n    name: http\n    protocol: HTTP\n");
    }));
    const ChainNode *node = chain.findNode("api.example.net");
    QVERIFY2(node, qPrintable(describe(chain)));
    QVERIFY(node->role == NodeRole::External);
    QVERIFY(node->reached);
    QVERIFY(node->mesh.isEmpty());
}

void TestChain::aProjectWithoutWorkloadsIsEmpty()
{
    const Chain chain = chainOf(model::projectFromFiles(m_folder, {}, {}));
    QVERIFY(chain.nodes.empty());
    QVERIFY(chain.hops.empty());
}

QTEST_GUILESS_MAIN(TestChain)
#include "test_chain.moc"
