// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/lab/kept_lab.h"

#include <QDirIterator>
#include <QJsonArray>

using namespace e2e;

namespace {

/// Copies a folder's files over another's; `expectations.yaml` are the project's checks.
void overlay(const QString &from, const QString &onto)
{
    QDirIterator files(from, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const QString file = files.next();
        const QString name = QDir(from).relativeFilePath(file);
        const QString target =
            onto + (name == QLatin1String("expectations.yaml") ? "/.sallyport/" : "/") + name;
        QFile::remove(target);
        QVERIFY2(QFile::copy(file, target), qPrintable(target));
    }
}

} // namespace

/// Features of Istio that no recorded project has, on top of a stage of the guide. `projects/<name>` is what
/// a project says beside that stage, with checks whose answers real Envoy gave; they hold on both engines.
class TestIstioFeatures : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        if (!hasEngine())
            QSKIP("there is no Envoy here: name it with SALLYPORT_ENVOY");
    }
    void answersAsEnvoyDid_data();
    void answersAsEnvoyDid();
};

void TestIstioFeatures::answersAsEnvoyDid_data()
{
    QTest::addColumn<int>("stage");
    QTest::newRow("claims-choose-routes") << 3;
    QTest::newRow("custom-authorization") << 3;
    QTest::newRow("custom-authorization-denies") << 3;
    QTest::newRow("fault-delay-and-abort") << 2;
    QTest::newRow("hash-of-cookie-maglev") << 2;
    QTest::newRow("hash-of-header") << 2;
    QTest::newRow("hash-of-parameter") << 2;
    QTest::newRow("outlier-detection") << 2;
    QTest::newRow("proxy-protocol") << 2;
    QTest::newRow("strict-server") << 3;
    QTest::newRow("tls-versions-and-ciphers") << 4;
    QTest::newRow("tokens") << 3;
}

void TestIstioFeatures::answersAsEnvoyDid()
{
    QFETCH(int, stage);
    const GuideProject project(stage);
    overlay(QStringLiteral(SALLYPORT_SOURCE_DIR "/tests/e2e/lab/projects/") +
                QLatin1String(QTest::currentDataTag()),
            project.folder());
    if (QTest::currentTestFailed())
        return;
    const Ran ran = ctl({"lab", project.folder(), "--verify", "--format", "json"});
    const QJsonArray rows = ran.json()["rows"].toArray();
    QVERIFY2(!rows.isEmpty(), ran.err.constData());
    for (const QJsonValue &row : rows)
        QVERIFY2(row["passed"].toBool(), QJsonDocument(row.toObject()).toJson().constData());
    QVERIFY2(ran.exitCode == 0, ran.err.constData());
}

QTEST_GUILESS_MAIN(TestIstioFeatures)
#include "test_istio_features.moc"
