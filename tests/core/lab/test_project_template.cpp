// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/expectations.h"
#include "core/lab/project_template.h"
#include "core/lab/stored_credentials.h"
#include "core/pki/credential_store.h"

#include <QDirIterator>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>

using namespace sallyport;
using namespace sallyport::lab;

class TestProjectTemplate : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void everyStageIsAProjectWithoutErrors_data();
    void everyStageIsAProjectWithoutErrors();
    void resourcesAreTheGuides_data();
    void resourcesAreTheGuides();
    void noPrivateKeyInTheProject();
    void theClientCertificateMayBeLeftOut();
    void stagesChangeIntoEachOther();
    void anotherStageKeepsThePartner();
    void aFolderInUseIsLeftAlone();

private:
    std::string folder(const char *name) const
    {
        return m_place->filePath(QString::fromLatin1(name)).toStdString();
    }
    std::unique_ptr<QTemporaryDir> m_place;
};

void TestProjectTemplate::init()
{
    m_place = std::make_unique<QTemporaryDir>();
    qputenv("XDG_DATA_HOME", m_place->filePath("data").toUtf8());
}

void TestProjectTemplate::everyStageIsAProjectWithoutErrors_data()
{
    QTest::addColumn<int>("stage");
    for (int stage = firstStage; stage <= lastStage; ++stage)
        QTest::addRow("stage %d", stage) << stage;
}

void TestProjectTemplate::everyStageIsAProjectWithoutErrors()
{
    QFETCH(int, stage);
    const Result<NewProject> made = createFromTemplate(folder("p"), stage, true);
    QVERIFY2(made, made ? "" : made.error().toString().c_str());
    Result<model::Project> project = model::loadProject(folder("p"));
    QVERIFY(project);
    for (const model::Problem &problem : project->problems)
        QVERIFY2(problem.severity != model::Severity::Error, problem.message.c_str());
    QCOMPARE(project->hosts.at("test.com"), std::vector<std::string>{"203.0.113.10"});
    const auto checks = loadExpectations(folder("p"));
    QVERIFY2(checks, checks ? "" : checks.error().toString().c_str());
    QVERIFY(!checks->empty());
    QVERIFY(stageGuide(stage).starts_with("# Stage " + std::to_string(stage)));
    addStoredCredentials(*project);
    QVERIFY(project->findMesh("external")->findSecret("istio-system", "test.com"));
    QCOMPARE(project->findMesh("primary")->findSecret("istio-system", "test.client") != nullptr, stage >= 4);
}

void TestProjectTemplate::resourcesAreTheGuides_data()
{
    everyStageIsAProjectWithoutErrors_data();
}

/// The golden projects hold the guide's resources as real istiod took them.
void TestProjectTemplate::resourcesAreTheGuides()
{
    QFETCH(int, stage);
    const QString golden =
        QStringLiteral(SALLYPORT_SOURCE_DIR "/tests/golden/mesh/guide-stage-%1/project").arg(stage);
    const Result<model::Project> theirs = model::loadProject(golden.toStdString());
    QVERIFY(theirs);
    const model::Project ours = model::projectFromFiles("/", stageFiles(stage), {});
    for (const model::Mesh &mesh : theirs->meshes) {
        const model::Mesh *own = ours.findMesh(mesh.name);
        QVERIFY(own);
        QCOMPARE(own->serviceEntries.size(), mesh.serviceEntries.size());
        QCOMPARE(own->gateways.size(), mesh.gateways.size());
        QCOMPARE(own->workloads.size(), mesh.workloads.size());
        QCOMPARE(own->services.size(), mesh.services.size());
        QCOMPARE(own->authorizationPolicies.size(), mesh.authorizationPolicies.size());
        QCOMPARE(own->config.outboundMode, mesh.config.outboundMode);
        QCOMPARE(own->destinationRules.size(), mesh.destinationRules.size());
        for (std::size_t i = 0; i < mesh.destinationRules.size(); ++i) {
            QCOMPARE(own->destinationRules[i].title(), mesh.destinationRules[i].title());
            QVERIFY(own->destinationRules[i].trafficPolicy == mesh.destinationRules[i].trafficPolicy);
        }
        QCOMPARE(own->virtualServices.size(), mesh.virtualServices.size());
        for (std::size_t i = 0; i < mesh.virtualServices.size(); ++i) {
            QCOMPARE(own->virtualServices[i].title(), mesh.virtualServices[i].title());
            QCOMPARE(own->virtualServices[i].http.size(), mesh.virtualServices[i].http.size());
            for (std::size_t k = 0; k < mesh.virtualServices[i].http.size(); ++k) {
                QVERIFY(own->virtualServices[i].http[k].match == mesh.virtualServices[i].http[k].match);
                QVERIFY(own->virtualServices[i].http[k].route == mesh.virtualServices[i].http[k].route);
            }
        }
    }
}

void TestProjectTemplate::noPrivateKeyInTheProject()
{
    const Result<NewProject> made = createFromTemplate(folder("p"), lastStage, true);
    QVERIFY(made);
    QDirIterator files(m_place->filePath("p"), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    int count = 0;
    while (files.hasNext()) {
        QFile file(files.next());
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY2(!file.readAll().contains("PRIVATE KEY"), qPrintable(file.fileName()));
        ++count;
    }
    QCOMPARE(count, static_cast<int>(made->files.size()));
    const QFileInfo key(QString::fromStdString(made->partner.clientFiles.key));
    QCOMPARE(key.permissions() & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
    QVERIFY(!key.absoluteFilePath().startsWith(m_place->filePath("p/")));
}

void TestProjectTemplate::theClientCertificateMayBeLeftOut()
{
    const pki::CredentialId client{"primary", "istio-system", "test.client"};
    Result<NewProject> made = createFromTemplate(folder("p"), 4, true);
    QVERIFY(made && pki::CredentialStore::forProject(folder("p")).contains(client));
    QVERIFY(QDir(m_place->filePath("p")).removeRecursively());
    made = createFromTemplate(folder("p"), 4, false);
    QVERIFY(made && !pki::CredentialStore::forProject(folder("p")).contains(client));
    QVERIFY(importClientCredential(folder("p"), made->partner));
    QVERIFY(pki::CredentialStore::forProject(folder("p")).contains(client));
}

void TestProjectTemplate::stagesChangeIntoEachOther()
{
    std::vector<model::SourceFile> own{{"primary/99-mine.yaml", "kind: Mine\n"}};
    const auto withOwn = [&own](int stage) {
        std::vector<model::SourceFile> files = stageFiles(stage);
        std::erase_if(files, [](const auto &file) { return file.path.starts_with(".sallyport/"); });
        files.insert(files.end(), own.begin(), own.end());
        std::sort(files.begin(), files.end(), [](const auto &a, const auto &b) { return a.path < b.path; });
        return files;
    };
    for (int from = firstStage; from <= lastStage; ++from) {
        for (int to = firstStage; to <= lastStage; ++to) {
            const Result<std::vector<model::SourceFile>> files =
                model::applied(withOwn(from), changesToStage(withOwn(from), to));
            QVERIFY(files);
            QVERIFY(*files == withOwn(to));
        }
    }
}

void TestProjectTemplate::anotherStageKeepsThePartner()
{
    const Result<NewProject> made = createFromTemplate(folder("p"), 3, true);
    QVERIFY(made);
    const auto bytes = [](const std::string &path) {
        QFile file(QString::fromStdString(path));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    };
    const QByteArray before = bytes(made->partner.clientFiles.certificate);
    QVERIFY(!before.isEmpty());
    const Result<Partner> again = preparePartner(folder("p"));
    QVERIFY(again);
    QCOMPARE(bytes(again->clientFiles.certificate), before);
}

void TestProjectTemplate::aFolderInUseIsLeftAlone()
{
    QVERIFY(QDir(m_place->path()).mkpath("p"));
    QFile file(m_place->filePath("p/mine.txt"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    const Result<NewProject> made = createFromTemplate(folder("p"), 1, true);
    QVERIFY(!made);
    QVERIFY(made.error().what.find("not empty") != std::string::npos);
    QCOMPARE(QDir(m_place->filePath("p"))
                 .entryList(QDir::Files | QDir::Dirs | QDir::NoDotAndDotDot | QDir::Hidden),
             QStringList{"mine.txt"});
}

QTEST_GUILESS_MAIN(TestProjectTemplate)
#include "test_project_template.moc"
