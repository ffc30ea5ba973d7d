// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/golden/side_by_side.h"
#include "tests/e2e/lab/kept_lab.h"
#include "tests/e2e/mesh/recorded_project.h"

#include <QCryptographicHash>
#include <QHostAddress>
#include <QJsonArray>
#include <QSet>

using namespace e2e;

namespace {

/// Bootstraps that were looked at: many projects have a node like another's.
class Seen
{
public:
    /// `place` is where its project stands, which is no difference.
    bool isNew(const QByteArray &bootstrap, const QString &place)
    {
        const QByteArray same = QByteArray(bootstrap).replace(place.toUtf8(), "");
        const std::scoped_lock lock(m_mutex);
        const qsizetype before = m_sums.size();
        m_sums.insert(QCryptographicHash::hash(same, QCryptographicHash::Sha256));
        return m_sums.size() > before;
    }

private:
    std::mutex m_mutex;
    QSet<QByteArray> m_sums;
};

} // namespace

/// What is compiled is a configuration that both engines take: every bootstrap of every template, and of
/// every recorded project.
class TestCompiledBootstraps : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void bothEnginesTakeThem_data();
    void bothEnginesTakeThem();
    void bothEnginesTakeRecordedProjects_data();
    void bothEnginesTakeRecordedProjects();
    void aBrokenOneIsRefusedByBoth();

private:
    static QString envoy() { return qEnvironmentVariable("SALLYPORT_ENVOY"); }
    static Ran validated(const QString &engine, const QString &bootstrap)
    {
        return run(engine, {"--mode", "validate", "-c", bootstrap});
    }
    Seen m_seen;
    const QString m_gateway = QStringLiteral(SALLYPORT_BIN_DIR "/sallyport-gateway");
};

namespace {

/// Where the admin interface listens: who reaches it rules the proxy.
QString adminAddress(const QByteArray &bootstrap)
{
    return QJsonDocument::fromJson(bootstrap)["admin"]["address"]["socket_address"]["address"].toString();
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

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
        QVERIFY(QHostAddress(adminAddress(contentOf(bootstrap))).isLoopback());
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

void TestCompiledBootstraps::bothEnginesTakeRecordedProjects_data()
{
    // Side by side, but not all of them in one row: QtTest gives a row a few minutes.
    constexpr qsizetype together = 18;
    const QStringList all = golden::projects();
    QVERIFY(all.size() > 100);
    QTest::addColumn<QStringList>("names");
    for (qsizetype i = 0; i < all.size(); i += together)
        QTest::addRow("from %s on", qPrintable(all[i])) << all.mid(i, together);
}

void TestCompiledBootstraps::bothEnginesTakeRecordedProjects()
{
    QFETCH(QStringList, names);
    const QTemporaryDir data;
    qputenv("XDG_DATA_HOME", data.path().toUtf8());
    const auto refusals = golden::playSideBySide(names, 1, [&](const QString &name) {
        const QTemporaryDir place;
        const QString project = place.filePath("project");
        if (!golden::writeProject(name, project))
            return QStringList{"it cannot be written"};
        const Ran compiled = ctl({"compile", project, "--out", place.filePath("out"), "--format", "json"});
        const QJsonArray written = compiled.json()["written"].toArray();
        if (compiled.exitCode != 0 || written.isEmpty())
            return QStringList{"it is not compiled: " + QString::fromUtf8(compiled.err)};
        QStringList refused;
        for (const QJsonValue &entry : written) {
            const QString bootstrap = entry["bootstrap"].toString();
            const QByteArray content = contentOf(bootstrap);
            if (!m_seen.isNew(content, place.path()))
                continue;
            if (const QString at = adminAddress(content); !QHostAddress(at).isLoopback())
                refused.append(bootstrap + ": the admin interface is at " + at);
            for (const QString &engine : {m_gateway, envoy()}) {
                if (engine.isEmpty())
                    continue;
                if (const Ran ran = validated(engine, bootstrap); ran.exitCode != 0)
                    refused.append(engine + ", " + bootstrap + ": " + QString::fromUtf8(ran.err));
            }
        }
        return refused;
    });
    for (const auto &[name, refused] : refusals)
        QVERIFY2(refused.isEmpty(), qPrintable(name + ": " + refused.join('\n')));
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
