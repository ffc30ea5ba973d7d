// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/golden/side_by_side.h"
#include "tests/e2e/mesh/player.h"
#include "tests/e2e/mesh/recorded_project.h"

#include "proxy/control/supervisor.h"

#include <QtTest>

/// Every project of tests/golden/mesh, as istiod and Envoy answered it, through the lab's own processes; the
/// engine is the one that SALLYPORT_ENGINE names. Several labs run side by side.
class TestGoldenMesh : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void answersAsRecorded_data();
    void answersAsRecorded();

private:
    std::map<QString, golden::Played> m_played;
};

void TestGoldenMesh::initTestCase()
{
    using sallyport::control::Programs;
    if (qEnvironmentVariable("SALLYPORT_ENGINE") == "envoy" && Programs::findEnvoy().isEmpty())
        QSKIP("there is no Envoy here: name it with SALLYPORT_ENVOY");
    const QStringList all = golden::projects();
    QVERIFY(all.size() > 100);
    m_played = golden::playSideBySide(golden::chosen(all), 2, golden::play);
}

void TestGoldenMesh::answersAsRecorded_data()
{
    QTest::addColumn<QString>("name");
    for (const auto &[name, played] : m_played)
        QTest::newRow(qPrintable(name)) << name;
}

void TestGoldenMesh::answersAsRecorded()
{
    QFETCH(QString, name);
    const golden::Played &played = m_played.at(name);
    QVERIFY2(played.failure.isEmpty(), qPrintable(played.failure));
    const QJsonArray exchanges = golden::answersOf(name)["exchanges"].toArray();
    QCOMPARE(played.differences.size(), static_cast<std::size_t>(exchanges.size()));
    QString report;
    for (qsizetype i = 0; i < exchanges.size(); ++i) {
        const QStringList &differences = played.differences[static_cast<std::size_t>(i)];
        if (differences.isEmpty())
            continue;
        const QJsonObject request = exchanges[i]["request"].toObject();
        report +=
            QString("\n[%1] %2 %3\n    %4")
                .arg(i)
                .arg(request["method"].toString(), request["url"].toString(), differences.join("\n    "));
    }
    QVERIFY2(report.isEmpty(), qPrintable(report));
}

QTEST_GUILESS_MAIN(TestGoldenMesh)
#include "test_golden_mesh.moc"
