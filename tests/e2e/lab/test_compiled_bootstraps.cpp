// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/lab/kept_lab.h"

#include <QJsonArray>

using namespace e2e;

/// What is compiled is a configuration that both engines take: every bootstrap of every template.
class TestCompiledBootstraps : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void bothEnginesTakeThem_data();
    void bothEnginesTakeThem();
    void aBrokenOneIsRefusedByBoth();

private:
    static QString envoy() { return qEnvironmentVariable("SALLYPORT_ENVOY"); }
    static Ran validated(const QString &engine, const QString &bootstrap)
    {
        return run(engine, {"--mode", "validate", "-c", bootstrap});
    }
    const QString m_gateway = QStringLiteral(SALLYPORT_BIN_DIR "/sallyport-gateway");
};

void TestCompiledBootstraps::bothEnginesTakeThem_data()
{
    QTest::addColumn<int>("stage");
    for (int stage = 1; stage <= 5; ++stage)
        QTest::addRow("stage %d", stage) << stage;
}

void TestCompiledBootstraps::bothEnginesTakeThem()
{
    QFETCH(int, stage);
    const GuideProject project(stage);
    const Ran compiled =
        ctl({"compile", project.folder(), "--out", project.place() + "/out", "--format", "json"});
    QVERIFY2(compiled.exitCode == 0, compiled.err.constData());
    const QJsonArray written = compiled.json()["written"].toArray();
    // The client's sidecar, two gateways, the server's sidecar at least.
    QVERIFY(written.size() >= 4);
    for (const QJsonValue &entry : written) {
        const QString bootstrap = entry["bootstrap"].toString();
        const Ran ours = validated(m_gateway, bootstrap);
        QVERIFY2(ours.exitCode == 0, qPrintable(bootstrap + ": " + ours.err));
        if (envoy().isEmpty())
            continue;
        const Ran theirs = validated(envoy(), bootstrap);
        QVERIFY2(theirs.exitCode == 0, qPrintable(bootstrap + ": " + theirs.err));
    }
    if (envoy().isEmpty())
        QSKIP("there is no Envoy here: only our own gateway was asked");
}

void TestCompiledBootstraps::aBrokenOneIsRefusedByBoth()
{
    const GuideProject project(4);
    const Ran compiled =
        ctl({"compile", project.folder(), "--out", project.place() + "/out", "--format", "json"});
    const QString path = compiled.json()["written"][0]["bootstrap"].toString();
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    const QByteArray broken = file.readAll().replace("\"connect_timeout\"", "\"connect_timeuot\"");
    QVERIFY(file.resize(0) && file.seek(0) && file.write(broken) == broken.size());
    file.close();
    const Ran ours = validated(m_gateway, path);
    QVERIFY(ours.exitCode != 0);
    QVERIFY2(ours.err.contains("connect_timeuot"), ours.err.constData());
    if (!envoy().isEmpty())
        QVERIFY(validated(envoy(), path).exitCode != 0);
}

QTEST_GUILESS_MAIN(TestCompiledBootstraps)
#include "test_compiled_bootstraps.moc"
