// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/control/control_client.h"
#include "proxy/control/control_server.h"
#include "proxy/telemetry/stats.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

using namespace sallyport;
using namespace sallyport::control;

namespace {

std::map<QString, qint64> valuesOf(const StatsSnapshot &snapshot)
{
    std::map<QString, qint64> values;
    for (const StatValue &value : snapshot.values)
        values.emplace(value.name, value.value);
    return values;
}

} // namespace

/// What a gateway tells its supervisors of its statistics, over a real socket.
class TestControlStatistics : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void statisticsAreToldOnceAndThenByChange();
    void eachSupervisorGetsItsOwnFirstSnapshot();
    void histogramsTellTheirQuantiles();

private:
    std::unique_ptr<ControlClient> connected(bool owner)
    {
        auto client = std::make_unique<ControlClient>(m_place->filePath("control/gateway"), owner);
        client->open();
        return client;
    }

    std::unique_ptr<QTemporaryDir> m_place;
    std::unique_ptr<telemetry::StatsStore> m_stats;
    std::unique_ptr<ControlServer> m_server;
};

void TestControlStatistics::init()
{
    m_place = std::make_unique<QTemporaryDir>();
    m_stats = std::make_unique<telemetry::StatsStore>();
    m_server = std::make_unique<ControlServer>();
    m_server->setStats(m_stats.get());
    const auto listening = m_server->listen(m_place->filePath("control/gateway"));
    QVERIFY2(listening, listening ? "" : listening.error().toString().c_str());
}

void TestControlStatistics::cleanup()
{
    m_server.reset();
}

void TestControlStatistics::statisticsAreToldOnceAndThenByChange()
{
    telemetry::Counter &requests = m_stats->counter("cluster.outbound|443||test.com.upstream_rq_total");
    m_stats->counter("cluster.never.used");
    telemetry::Gauge &active = m_stats->gauge("server.live");
    requests.add(3);
    active.set(1);
    const auto client = connected(true);
    QTRY_VERIFY(client->isConnected());
    StatsSnapshot snapshot;
    int count = 0;
    connect(client.get(), &ProcessLink::stats, this, [&](const StatsSnapshot &told) {
        snapshot = told;
        ++count;
    });
    client->askStats();
    QTRY_COMPARE(count, 1);
    QVERIFY(snapshot.first);
    QVERIFY(snapshot.timeUs > 0);
    using Values = std::map<QString, qint64>;
    QCOMPARE(valuesOf(snapshot),
             (Values{{"cluster.outbound|443||test.com.upstream_rq_total", 3}, {"server.live", 1}}));
    requests.inc();
    client->askStats();
    QTRY_COMPARE(count, 2);
    QVERIFY(!snapshot.first);
    QCOMPARE(valuesOf(snapshot), (Values{{"cluster.outbound|443||test.com.upstream_rq_total", 4}}));
    active.set(0);
    client->askStats();
    QTRY_COMPARE(count, 3);
    QCOMPARE(valuesOf(snapshot), (Values{{"server.live", 0}}));
    client->askStats();
    QTRY_COMPARE(count, 4);
    QVERIFY(snapshot.values.empty());
}

void TestControlStatistics::eachSupervisorGetsItsOwnFirstSnapshot()
{
    m_stats->counter("a").inc();
    for (int i = 0; i < 2; ++i) {
        const auto client = connected(false);
        QTRY_VERIFY(client->isConnected());
        QSignalSpy stats(client.get(), &ProcessLink::stats);
        client->askStats();
        QTRY_COMPARE(stats.size(), 1);
        const auto snapshot = stats[0][0].value<StatsSnapshot>();
        QVERIFY(snapshot.first);
        QCOMPARE(snapshot.values.size(), 1U);
    }
}

void TestControlStatistics::histogramsTellTheirQuantiles()
{
    telemetry::Histogram &latency = m_stats->histogram("cluster.a.upstream_rq_time");
    for (std::uint64_t i = 1; i <= 100; ++i)
        latency.record(i);
    const auto client = connected(true);
    QTRY_VERIFY(client->isConnected());
    QList<StatsSnapshot> told;
    connect(client.get(), &ProcessLink::stats, this,
            [&](const StatsSnapshot &snapshot) { told.append(snapshot); });
    const auto ask = [&] {
        const auto before = told.size();
        client->askStats();
        return QTest::qWaitFor([&] { return told.size() > before; });
    };
    QVERIFY(ask());
    QCOMPARE(told[0].histograms.size(), 1U);
    const HistogramValue first = told[0].histograms[0];
    QCOMPARE(first.name, QString("cluster.a.upstream_rq_time"));
    QCOMPARE(first.count, 100U);
    QVERIFY(std::isnan(first.interval.p50));
    QVERIFY(first.cumulative.p50 > 45 && first.cumulative.p50 < 55);
    QVERIFY(first.cumulative.p99 > 95 && first.cumulative.p99 <= 101);
    QVERIFY(ask());
    QVERIFY(told[1].histograms.empty());
    m_stats->flush();
    QVERIFY(ask());
    QCOMPARE(told[2].histograms.size(), 1U);
    QVERIFY(!std::isnan(told[2].histograms[0].interval.p50));
    // An interval without samples is told too.
    m_stats->flush();
    QVERIFY(ask());
    QCOMPARE(told[3].histograms.size(), 1U);
    QVERIFY(std::isnan(told[3].histograms[0].interval.p50));
    QCOMPARE(told[3].histograms[0].count, 100U);
}

QTEST_GUILESS_MAIN(TestControlStatistics)
#include "test_control_statistics.moc"
