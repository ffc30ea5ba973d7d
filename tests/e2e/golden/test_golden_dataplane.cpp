// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/golden/player.h"
#include "tests/e2e/golden/side_by_side.h"
#include "tests/e2e/golden/vector.h"

#include "proxy/control/supervisor.h"

#include <QTemporaryDir>
#include <QtTest>
#include <csignal>

/// Every vector of tests/golden/dataplane, recorded from Envoy, against our gateway, or against Envoy itself
/// if SALLYPORT_ENGINE=envoy says so. Several are played side by side.
class TestGoldenDataplane : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void answersAsRecorded_data();
    void answersAsRecorded();

private:
    QTemporaryDir m_pki;
    std::map<QString, QStringList> m_played;
};

void TestGoldenDataplane::initTestCase()
{
    // A peer that is gone shows by what a write returns.
    std::signal(SIGPIPE, SIG_IGN);
    // One worker, as recorded: connections are pooled and balancers count by worker.
    golden::GatewayCommand gateway{QString(SALLYPORT_BIN_DIR) + "/sallyport-gateway", {"--concurrency", "1"}};
    if (qEnvironmentVariable("SALLYPORT_ENGINE") == "envoy") {
        gateway = {sallyport::control::Programs::findEnvoy(),
                   {"--use-dynamic-base-id", "--concurrency", "1", "-l", "error"}};
        if (gateway.program.isEmpty())
            QSKIP("there is no Envoy here: name it with SALLYPORT_ENVOY");
    }
    // That a connection has ended shows in the access log.
    gateway.arguments += QStringList{"--file-flush-interval-msec", "20"};
    QVERIFY(golden::writeTestPki(m_pki.path()));
    const QStringList all = golden::vectors();
    QVERIFY(all.size() > 200);
    m_played = golden::playSideBySide(golden::chosen(all), 6, [&](const QString &name) {
        return golden::playVector(name, gateway, m_pki.path());
    });
}

void TestGoldenDataplane::answersAsRecorded_data()
{
    QTest::addColumn<QString>("name");
    for (const auto &[name, differences] : m_played)
        QTest::newRow(qPrintable(name)) << name;
}

void TestGoldenDataplane::answersAsRecorded()
{
    QFETCH(QString, name);
    const QStringList &differences = m_played.at(name);
    QVERIFY2(differences.isEmpty(), qPrintable("\n    " + differences.join("\n    ")));
}

QTEST_GUILESS_MAIN(TestGoldenDataplane)
#include "test_golden_dataplane.moc"
