// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/yaml/node.h"
#include "tests/core/model/project_text.h"

#include <QDirIterator>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>

using namespace sallyport;
using namespace sallyport::model;

namespace {

void write(const QString &path, const QByteArray &text)
{
    QVERIFY(QDir().mkpath(QFileInfo(path).path()));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(text), text.size());
}

} // namespace

class TestProject : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void goldenStages_data();
    void goldenStages();
    void problems_data();
    void problems();
    void keptAsTheyAre();
    void apiVersions_data();
    void apiVersions();
    void listsAndSeveralDocuments();
    void brokenFilesLeaveTheRest();
    void foldersAreMeshes();
    void hosts();
    void noFolder();
    void aLinkToAFolderAboveIsNotFollowed();
};

void TestProject::goldenStages_data()
{
    QTest::addColumn<int>("stage");
    for (int stage = 1; stage <= 5; ++stage)
        QTest::addRow("stage %d", stage) << stage;
}

void TestProject::goldenStages()
{
    QFETCH(int, stage);
    const QString folder =
        QStringLiteral(SALLYPORT_SOURCE_DIR "/tests/golden/mesh/guide-stage-%1/project").arg(stage);
    std::vector<SourceFile> files;
    QDirIterator entries(folder, {"*.yaml"}, QDir::Files, QDirIterator::Subdirectories);
    while (entries.hasNext()) {
        QFile file(entries.next());
        QVERIFY(file.open(QIODevice::ReadOnly));
        QByteArray text = file.readAll(); // placeholders stand for base64
        const QString filled = QString::fromUtf8(text).replace(
            QRegularExpression(QStringLiteral("@pki:[^@]*@")), QStringLiteral("cGtp"));
        text = filled.toUtf8();
        files.push_back({QDir(folder).relativeFilePath(file.fileName()).toStdString(), text.toStdString()});
    }
    const Project project = projectFromFiles(folder.toStdString(), files, {});
    // The guide's last policy is what Istio warns of: an HTTP rule that is wider on TCP ports.
    const bool onlyWarnings =
        std::all_of(project.problems.begin(), project.problems.end(), [](const Problem &p) {
            return p.code == "EGR0107" && p.resource.starts_with("AuthorizationPolicy");
        });
    QVERIFY2(onlyWarnings, listed(project.problems).constData());
    QCOMPARE(project.meshes.size(), std::size_t(2));
    const Mesh &primary = project.meshes.at(0);
    QCOMPARE(primary.name, std::string("primary"));
    QCOMPARE(project.meshes.at(1).name, std::string("external"));
    QCOMPARE(project.meshes.at(1).config.trustDomain, std::string("external.local"));
    QCOMPARE(primary.config.outboundMode, stage >= 2 ? OutboundMode::RegistryOnly : OutboundMode::AllowAny);
    QCOMPARE(primary.config.accessLogEncoding, MeshConfig::LogEncoding::Json);
    QCOMPARE(primary.serviceEntries.size(), std::size_t(stage >= 2 ? 1 : 0));
    QCOMPARE(primary.virtualServices.size(), std::size_t(stage >= 3 ? 1 : 0));
    QCOMPARE(primary.authorizationPolicies.size(), std::size_t(stage >= 5 ? 1 : 0));
    if (stage >= 4) {
        const VirtualService &service = primary.virtualServices.front();
        QCOMPARE(service.http.at(1).route.at(0).destination.port, 443U);
        const Place place = service.place("spec.http[1].route[0].destination.port.number");
        QCOMPARE(place.toString(), std::string("primary/12-virtual-service.yaml:31:19"));
        QVERIFY(primary.findSecret("istio-system", "test.client"));
    }
}

void TestProject::problems_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("code");
    QTest::addColumn<QByteArray>("place");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("says");

    const auto row = [](const char *name, const char *text, const char *code, const char *place,
                        const char *path, const char *says) {
        QTest::newRow(name) << QByteArray(text) << QByteArray(code) << QByteArray(place) << QByteArray(path)
                            << QByteArray(says);
    };
#define DR                                                                                                   \
    "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: a, namespace: b}\nspec:\n " \
    " host: a.b\n"
    row("unknown field", DR "  trafficPolcy: {}\n", "EGR0102", "6:3", "spec.trafficPolcy", "trafficPolicy");
    row("wrong level", DR "  tls: {mode: SIMPLE}\n", "EGR0102", "6:3", "spec.tls", "unknown field \"tls\"");
    row("snake case", DR "  traffic_policy: {}\n", "EGR0102", "6:3", "spec.traffic_policy", "trafficPolicy");
    row("unknown top-level field", DR "statos: {}\n", "EGR0102", "6:1", "statos", "status");
    row("list for a mapping", DR "  trafficPolicy: []\n", "EGR0102", "6:18", "spec.trafficPolicy",
        "must be a mapping");
    row("mapping for a list", DR "  subsets: {name: a}\n", "EGR0102", "6:12", "spec.subsets",
        "must be a list");
    row("text for a list", DR "  exportTo: .\n", "EGR0102", "6:13", "spec.exportTo", "must be a list");
    row("mapping for text", DR "  trafficPolicy: {tls: {sni: {}}}\n", "EGR0102", "6:30",
        "spec.trafficPolicy.tls.sni", "must be text");
    row("number for text", DR "  subsets: [{name: v1, labels: {version: 1.0}}]\n", "EGR0102", "6:42",
        "spec.subsets[0].labels.version", "in quotes");
    row("boolean for text", DR "  subsets: [{name: v1, labels: {canary: true}}]\n", "EGR0102", "6:41",
        "spec.subsets[0].labels.canary", "a boolean");
    row("text for a number", DR "  trafficPolicy: {connectionPool: {tcp: {maxConnections: '1'}}}\n",
        "EGR0102", "6:58", "spec.trafficPolicy.connectionPool.tcp.maxConnections", "without quotes");
    row("no number", DR "  trafficPolicy: {connectionPool: {tcp: {maxConnections: many}}}\n", "EGR0102",
        "6:58", "spec.trafficPolicy.connectionPool.tcp.maxConnections", "whole number");
    row("number out of range", DR "  trafficPolicy: {connectionPool: {tcp: {maxConnections: 3000000000}}}\n",
        "EGR0105", "6:58", "spec.trafficPolicy.connectionPool.tcp.maxConnections", "range");
    row("text for a boolean", DR "  trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: 'true'}}\n",
        "EGR0102", "6:59", "spec.trafficPolicy.tls.insecureSkipVerify", "without quotes");
    row("number for a duration", DR "  trafficPolicy: {connectionPool: {tcp: {connectTimeout: 5}}}\n",
        "EGR0102", "6:58", "spec.trafficPolicy.connectionPool.tcp.connectTimeout", "needs its unit");
    row("unknown word", DR "  trafficPolicy: {tls: {mode: MTLS}}\n", "EGR0105", "6:31",
        "spec.trafficPolicy.tls.mode", "ISTIO_MUTUAL");
#undef DR
    row("no namespace", "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n", "EGR0108", "3:1",
        "metadata.namespace", "namespace");
    row("no name", "apiVersion: v1\nkind: ServiceAccount\nmetadata: {namespace: a}\n", "EGR0103", "3:1",
        "metadata.name", "missing");
    row("no kind", "a: b\n", "EGR0103", "1:1", "kind", "no \"kind\"");
    row("no mapping", "- a\n", "EGR0103", "1:1", "kind", "no \"kind\"");
    row("defined twice",
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\napiVersion: v1\nkind: "
        "Namespace\nmetadata: {name: a}\n",
        "EGR0109", "7:18", "metadata.name", "a.yaml:1:1");
    row("key twice", "apiVersion: v1\nkind: Namespace\nkind: Namespace\nmetadata: {name: a}\n", "EGR0101",
        "3:1", "", "twice");
    row("no base64", "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\ndata: {x: 'a!'}\n",
        "EGR0105", "4:11", "data[\"x\"]", "base64");
    row("private key",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\nstringData: {tls.key: '-----BEGIN "
        "PRIVATE KEY-----'}\n",
        "EGR0521", "4:23", "stringData[\"tls.key\"]", "private key");
    row("no effect",
        "apiVersion: extensions.istio.io/v1alpha1\nkind: WasmPlugin\nmetadata: {name: a, namespace: "
        "b}\nspec: {any: thing}\n",
        "EGR0110", "1:1", "", "no effect");
}

void TestProject::problems()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, code);
    QFETCH(QByteArray, place);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, says);
    const Project project = projectOf(text.toStdString());
    QVERIFY2(project.problems.size() == 1, listed(project.problems).constData());
    const Problem &problem = project.problems.front();
    QCOMPARE(QByteArray::fromStdString(problem.code), code);
    QCOMPARE(QByteArray::fromStdString(problem.place.toString()), "primary/a.yaml:" + place);
    QCOMPARE(QByteArray::fromStdString(problem.fieldPath), path);
    QVERIFY2(listed(project.problems).contains(says), listed(project.problems).constData());
    QCOMPARE(problem.mesh, std::string("primary"));
}

void TestProject::keptAsTheyAre()
{
    const std::string text = "apiVersion: example.com/v7\nkind: Teapot\nmetadata: {name: a, namespace: "
                             "b}\nspec: {spout: [1, x]}\n";
    const Project project = projectOf(text);
    QVERIFY2(project.problems.empty(), listed(project.problems).constData());
    QCOMPARE(project.meshes.at(0).others.size(), std::size_t(1));
    QCOMPARE(project.meshes.at(0).others.at(0).title(), std::string("Teapot b/a"));
    QCOMPARE(project.files.at(0).text, text);
    QVERIFY(project.meshes.at(0).others.at(0).node->at("spec.spout"));
}

void TestProject::apiVersions_data()
{
    QTest::addColumn<QByteArray>("apiVersion");
    QTest::addColumn<QByteArray>("kind");
    QTest::addColumn<bool>("known");
    QTest::addColumn<bool>("refused");
    const auto row = [](const char *apiVersion, const char *kind, bool known, bool refused = false) {
        QTest::addRow("%s %s", apiVersion, kind)
            << QByteArray(apiVersion) << QByteArray(kind) << known << refused;
    };
    row("networking.istio.io/v1alpha3", "WorkloadEntry", true);
    row("networking.istio.io/v1beta1", "WorkloadEntry", true);
    row("networking.istio.io/v1", "WorkloadEntry", true);
    row("networking.istio.io/v2", "WorkloadEntry", true, true);
    row("gateway.networking.k8s.io/v1", "Gateway", false);
    row("security.istio.io/v1alpha3", "PeerAuthentication", true, true);
    row("telemetry.istio.io/v1alpha1", "Telemetry", true);
    row("serving.knative.dev/v1", "Service", false);
}

void TestProject::apiVersions()
{
    QFETCH(QByteArray, apiVersion);
    QFETCH(QByteArray, kind);
    QFETCH(bool, known);
    QFETCH(bool, refused);
    const Project project =
        projectOf("apiVersion: " + apiVersion.toStdString() + "\nkind: " + kind.toStdString() +
                  "\nmetadata: {name: a, namespace: b}\nspec: {address: 1.2.3.4}\n");
    const bool named =
        std::any_of(project.problems.begin(), project.problems.end(), [](const Problem &problem) {
            return problem.message.find("has no version") != std::string::npos &&
                   problem.fieldPath == "apiVersion";
        });
    QCOMPARE(named, refused);
    QCOMPARE(project.meshes.at(0).others.empty(), known);
}

void TestProject::listsAndSeveralDocuments()
{
    const Project project = projectOf("apiVersion: v1\nkind: List\nitems:\n"
                                      "- apiVersion: v1\n  kind: Namespace\n  metadata: {name: a}\n"
                                      "- &two\n  apiVersion: v1\n  kind: Namespace\n  metadata: {name: b}\n"
                                      "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: c}\n");
    QVERIFY2(project.problems.empty(), listed(project.problems).constData());
    const std::vector<Namespace> &namespaces = project.meshes.at(0).namespaces;
    QCOMPARE(namespaces.size(), std::size_t(3));
    QCOMPARE(namespaces.at(1).metadata.name, std::string("b"));
    QCOMPARE(namespaces.at(1).listItem, 1);
    QCOMPARE(namespaces.at(1).document, 0);
    QCOMPARE(namespaces.at(2).listItem, -1);
    QCOMPARE(namespaces.at(2).document, 1);
    QCOMPARE(namespaces.at(2).order, 2);
    QCOMPARE(namespaces.at(1).place("metadata.name").line, 10);
}

void TestProject::brokenFilesLeaveTheRest()
{
    const Project project = projectFromFiles(
        "/p",
        {{"primary/a.yaml", "apiVersion: v1\nkind: [\n"},
         {"primary/b.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: b}\n---\n\tx: y\n"}},
        {});
    QCOMPARE(project.problems.size(), std::size_t(2));
    QCOMPARE(project.problems.at(0).place.file, std::string("primary/a.yaml"));
    QCOMPARE(project.problems.at(1).place.file, std::string("primary/b.yaml"));
    QCOMPARE(project.problems.at(1).place.line, 5);
    QCOMPARE(project.meshes.at(0).namespaces.size(), std::size_t(1));
}

void TestProject::foldersAreMeshes()
{
    const QByteArray manifest = "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n";
    QTemporaryDir folder;
    write(folder.filePath("east/b.yml"), manifest);
    write(folder.filePath("east/deeper/c.yaml"), manifest);
    write(folder.filePath("primary/z.yaml"), manifest);
    write(folder.filePath("primary/notes.txt"), "no: yaml: at: all");
    write(folder.filePath(".sallyport/layout.yaml"), "not: ours to read");
    write(folder.filePath(".sallyport/hosts"), "10.0.0.1 test.com\n");
    Result<Project> project = loadProject(folder.path().toStdString());
    QVERIFY(project);
    QCOMPARE(project->meshes.size(), std::size_t(2));
    QCOMPARE(project->meshes.at(0).name, std::string("primary"));
    QCOMPARE(project->meshes.at(1).name, std::string("east"));
    QCOMPARE(project->meshes.at(1).namespaces.size(), std::size_t(2));
    QCOMPARE(project->hosts.at("test.com"), std::vector<std::string>{"10.0.0.1"});
    QVERIFY(project->findMesh("east") && !project->findMesh("west"));
    QVERIFY(project->findFile("east/deeper/c.yaml"));

    QTemporaryDir flat;
    write(flat.filePath("a.yaml"), manifest);
    project = loadProject(flat.path().toStdString());
    QVERIFY(project);
    QCOMPARE(project->meshes.size(), std::size_t(1));
    QCOMPARE(project->meshes.at(0).name, std::string("primary"));
}

void TestProject::hosts()
{
    const auto hosts =
        parseHosts("# names\n10.0.0.1 a.com www.a.com # alias\n\n::1\tb.com\n10.0.0.2 a.com\nlonely\n");
    QCOMPARE(hosts.size(), std::size_t(3));
    QCOMPARE(hosts.at("a.com"), (std::vector<std::string>{"10.0.0.1", "10.0.0.2"}));
    QCOMPARE(hosts.at("www.a.com"), std::vector<std::string>{"10.0.0.1"});
    QCOMPARE(hosts.at("b.com"), std::vector<std::string>{"::1"});
}

void TestProject::noFolder()
{
    const Result<Project> project = loadProject("/nowhere/at/all");
    QVERIFY(!project);
    QCOMPARE(project.error().where.file, std::string("/nowhere/at/all"));
    QVERIFY(!project.error().hint.empty());
}

void TestProject::aLinkToAFolderAboveIsNotFollowed()
{
    QTemporaryDir folder;
    write(folder.filePath("primary/a.yaml"), "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n");
    QVERIFY(QFile::link(folder.path(), folder.filePath("primary/loop")));
    const Result<Project> project = loadProject(folder.path().toStdString());
    QVERIFY(project);
    QCOMPARE(project->files.size(), std::size_t(1));
}

QTEST_GUILESS_MAIN(TestProject)
#include "test_project.moc"
