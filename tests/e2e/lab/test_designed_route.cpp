// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/mesh_choices.h"
#include "core/lab/project_template.h"
#include "core/lab/stored_credentials.h"
#include "tests/e2e/lab/kept_lab.h"

#include <QJsonArray>

using namespace e2e;
using namespace sallyport;

namespace {

/// What stage 4 of the guide checks, in place of the checks that the project has.
void expectStageFour(const QString &folder)
{
    for (const model::SourceFile &file : lab::stageFiles(4)) {
        if (file.path != ".sallyport/expectations.yaml")
            continue;
        QFile out(folder + '/' + QString::fromStdString(file.path));
        QVERIFY(out.open(QIODevice::WriteOnly));
        out.write(QByteArray::fromStdString(file.text));
    }
}

} // namespace

/// Routes that the designer made carry requests as the guide's own YAML does: the same checks with the same
/// answers, hop by hop.
class TestDesignedRoute : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void theGuidesFourthStage_data();
    void theGuidesFourthStage();

private:
    QJsonArray m_guide; ///< the verdict on the template's stage 4
};

void TestDesignedRoute::initTestCase()
{
    if (!hasEngine())
        QSKIP("there is no Envoy here: name it with SALLYPORT_ENVOY");
    const GuideProject project(4);
    const Ran ran = ctl({"lab", project.folder(), "--verify", "--format", "json"});
    QVERIFY2(ran.exitCode == 0, ran.err.constData());
    m_guide = ran.json()["rows"].toArray();
    QVERIFY(m_guide.size() >= 15);
}

void TestDesignedRoute::theGuidesFourthStage_data()
{
    QTest::addColumn<bool>("clusterIsEmpty");
    QTest::addColumn<bool>("onlySleep");
    QTest::newRow("from stage 1") << false << false;
    QTest::newRow("from stage 1, for sleep only") << false << true;
    QTest::newRow("from nothing at all") << true << false;
}

void TestDesignedRoute::theGuidesFourthStage()
{
    QFETCH(bool, clusterIsEmpty);
    QFETCH(bool, onlySleep);
    const GuideProject guide(1);
    const QString folder = guide.folder();
    if (clusterIsEmpty)
        QVERIFY(QDir(folder + "/primary").removeRecursively());
    expectStageFour(folder);
    const auto partner = lab::preparePartner(folder.toStdString());
    QVERIFY(partner);
    const Ran imported =
        ctl({"cert", "import", folder, QString::fromStdString(partner->clientFiles.ca),
             QString::fromStdString(partner->clientFiles.key),
             QString::fromStdString(partner->clientFiles.certificate), "--name", "test.client"});
    QVERIFY2(imported.exitCode == 0, imported.err.constData());

    auto project = model::loadProject(folder.toStdString());
    QVERIFY(project);
    lab::addStoredCredentials(*project);
    design::RouteDesign design = design::proposedDesign(*project, "primary", "test.com");
    design.credentialName = "test.client";
    design.registryOnly = true;
    if (clusterIsEmpty) {
        design.clients = {{"default", "sleep"}};
        design.gateway = {"istio-system", "istio-egressgateway"};
        design.addresses = {"203.0.113.10"};
        design.sni = "test.com";
        design.subjectAltNames = {"test.com"};
    }
    if (onlySleep)
        design.allowed = {"cluster.local/ns/default/sa/sleep"};
    const auto route = design::designRoute(*project, design);
    QVERIFY2(route, route ? "" : route.error().toString().c_str());
    QVERIFY(route->notes.empty());
    const auto saved = model::saveChanges(folder.toStdString(), route->changes);
    QVERIFY2(saved, saved ? "" : saved.error().toString().c_str());

    const Ran ran = ctl({"lab", folder, "--verify", "--format", "json"});
    const QJsonArray rows = ran.json()["rows"].toArray();
    for (const QJsonValue &row : rows)
        QVERIFY2(row["passed"].toBool(), QJsonDocument(row.toObject()).toJson().constData());
    QVERIFY2(ran.exitCode == 0, ran.err.constData());
    QCOMPARE(rows, m_guide);
}

QTEST_GUILESS_MAIN(TestDesignedRoute)
#include "test_designed_route.moc"
