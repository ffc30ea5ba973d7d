// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/golden/player.h"
#include "tests/e2e/golden/vector.h"

#include "proxy/control/supervisor.h"

#include <QTemporaryDir>
#include <QtTest>
#include <atomic>
#include <csignal>
#include <map>
#include <mutex>
#include <thread>

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
    QVERIFY(golden::writeTestPki(m_pki.path()));
    QStringList wanted = golden::vectors();
    QVERIFY(wanted.size() > 200);
    // `test_golden_dataplane answersAsRecorded:NAME` plays only that one.
    for (const QString &argument : QCoreApplication::arguments().mid(1)) {
        if (const qsizetype colon = argument.indexOf(':'); colon > 0)
            wanted = {argument.mid(colon + 1)};
    }
    std::atomic<qsizetype> next{0};
    std::mutex mutex;
    const auto work = [&] {
        for (qsizetype i = next++; i < wanted.size(); i = next++) {
            QStringList differences = golden::playVector(wanted[i], gateway, m_pki.path());
            const std::scoped_lock lock(mutex);
            m_played.emplace(wanted[i], std::move(differences));
        }
    };
    std::vector<std::thread> workers;
    // A vector spends most of its time waiting for ends that must not come.
    for (unsigned i = 0; i < std::max(2U, std::thread::hardware_concurrency()) * 2; ++i)
        workers.emplace_back(work);
    for (std::thread &worker : workers)
        worker.join();
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
