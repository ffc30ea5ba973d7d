// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/chain_model.h"
#include "ui/topology/live_traffic.h"

#include <QtTest>
#include <limits>

using namespace sallyport;
using namespace sallyport::topology;

namespace {

const QString sleepApp = QStringLiteral("primary:default/sleep");
const QString cluster = QStringLiteral("outbound|443||test.com;");
constexpr double none = std::numeric_limits<double>::quiet_NaN();

control::StatsSnapshot snapshot(std::vector<control::StatValue> values, bool first = false,
                                const QString &proxy = sleepApp)
{
    control::StatsSnapshot made;
    made.process = QString(proxy).replace(':', '.').replace('/', '.').replace('#', '-');
    made.proxy = proxy;
    made.first = first;
    made.values = std::move(values);
    return made;
}

control::NodeStatus status(const QString &process, const QString &proxy, control::NodeState state,
                           const QString &reason = {})
{
    return {process, proxy, state, reason, 0};
}

constexpr qint64 second = 1'000'000;

} // namespace

class TestLiveTraffic : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void ratesAreOfTheLastSeconds();
    void whatWasCountedBeforeIsNoRate();
    void errorsAreASharedOfTheAnswers();
    void theAdminInterfaceIsNoTraffic();
    void replicasAddUp();
    void aProcessThatStartsAgainCountsFromNothing();
    void latencyIsOfTheLastInterval();
    void aWorkloadIsAsWellAsItsWorstProcess();
    void textsArePlain();
};

void TestLiveTraffic::ratesAreOfTheLastSeconds()
{
    LiveTraffic traffic;
    traffic.tick(0);
    qint64 count = 0;
    for (int i = 1; i <= 20; ++i) {
        count += 5;
        traffic.addStats({snapshot({{"cluster." + cluster + ".upstream_rq_total", count},
                                    {"http.outbound_0.0.0.0_80;.downstream_rq_total", count}},
                                   i == 1)});
        traffic.tick(i * second / 2);
    }
    QCOMPARE(traffic.atNode(sleepApp).requests, 100);
    QCOMPARE(traffic.atNode(sleepApp).perSecond, 10.0);
    QCOMPARE(traffic.atCluster(sleepApp, cluster).perSecond, 10.0);
    QCOMPARE(traffic.atCluster(sleepApp, "outbound|80||test.com;").requests, 0);
    for (int i = 21; i <= 40; ++i)
        traffic.tick(i * second / 2);
    QCOMPARE(traffic.atNode(sleepApp).perSecond, 0.0);
    QCOMPARE(traffic.atNode(sleepApp).requests, 100);
}

void TestLiveTraffic::whatWasCountedBeforeIsNoRate()
{
    LiveTraffic traffic;
    traffic.tick(10 * second);
    traffic.addStats({snapshot({{"http.x;.downstream_rq_total", 5000}}, true)});
    traffic.tick(11 * second);
    QCOMPARE(traffic.atNode(sleepApp).requests, 5000);
    QCOMPARE(traffic.atNode(sleepApp).perSecond, 0.0);
    // A counter that appears later began at nothing.
    traffic.addStats({snapshot({{"http.y;.downstream_rq_total", 8}})});
    traffic.tick(12 * second);
    QVERIFY(traffic.atNode(sleepApp).perSecond > 0);
}

void TestLiveTraffic::errorsAreASharedOfTheAnswers()
{
    LiveTraffic traffic;
    traffic.tick(0);
    QCOMPARE(traffic.atNode(sleepApp).errorShare, -1.0);
    traffic.addStats({snapshot({{"http.x;.downstream_rq_completed", 10},
                                {"http.x;.downstream_rq_4xx", 1},
                                {"http.x;.downstream_rq_5xx", 1},
                                {"http.x;.rbac.denied", 1}})});
    traffic.tick(second);
    const Flow flow = traffic.atNode(sleepApp);
    QCOMPARE(flow.errorShare, 0.2);
    QCOMPARE(flow.denied, 1);
}

void TestLiveTraffic::theAdminInterfaceIsNoTraffic()
{
    LiveTraffic traffic;
    traffic.tick(0);
    traffic.addStats({snapshot({{"http.admin.downstream_rq_total", 10}})});
    traffic.tick(second);
    QCOMPARE(traffic.atNode(sleepApp).requests, 0);
}

void TestLiveTraffic::replicasAddUp()
{
    LiveTraffic traffic;
    traffic.addStats({snapshot({{"http.x;.downstream_rq_total", 3}}, true),
                      snapshot({{"http.x;.downstream_rq_total", 4}}, true, sleepApp + "#1")});
    QCOMPARE(traffic.atNode(sleepApp).requests, 7);
}

void TestLiveTraffic::aProcessThatStartsAgainCountsFromNothing()
{
    LiveTraffic traffic;
    traffic.tick(0);
    traffic.addStats(
        {snapshot({{"http.x;.downstream_rq_total", 50}, {"http.old;.downstream_rq_total", 9}}, true)});
    traffic.tick(second);
    traffic.addStats({snapshot({{"http.x;.downstream_rq_total", 2}}, true)});
    traffic.tick(2 * second);
    QCOMPARE(traffic.atNode(sleepApp).requests, 2);
    QVERIFY(traffic.atNode(sleepApp).perSecond >= 0);
}

void TestLiveTraffic::latencyIsOfTheLastInterval()
{
    LiveTraffic traffic;
    QCOMPARE(traffic.atNode(sleepApp).p99Ms, -1.0);
    control::StatsSnapshot stats = snapshot({}, true);
    const control::HistogramValue::Quantiles recent{1, 2, 3, 4};
    const control::HistogramValue::Quantiles all{10, 20, 30, 40};
    stats.histograms.push_back({"cluster." + cluster + ".upstream_rq_time", 5, recent, all});
    traffic.addStats({stats});
    QCOMPARE(traffic.atCluster(sleepApp, cluster).p99Ms, 3.0);
    QCOMPARE(traffic.atCluster(sleepApp, cluster).p50Ms, 1.0);
    // Nothing in the last interval: what is known of all time.
    stats.first = false;
    stats.histograms[0].interval = {none, none, none, none};
    traffic.addStats({stats});
    QCOMPARE(traffic.atCluster(sleepApp, cluster).p99Ms, 30.0);
}

void TestLiveTraffic::aWorkloadIsAsWellAsItsWorstProcess()
{
    LiveTraffic traffic;
    QCOMPARE(traffic.lifeOf(sleepApp).processes, 0);
    traffic.setNode(status("a", sleepApp, control::NodeState::Ready));
    traffic.setNode(status("b", sleepApp + "#1", control::NodeState::Starting));
    QCOMPARE(traffic.lifeOf(sleepApp).state, control::NodeState::Starting);
    QCOMPARE(traffic.lifeOf(sleepApp).ready, 1);
    traffic.setNode(status("b", sleepApp + "#1", control::NodeState::Exited, "killed"));
    QCOMPARE(traffic.lifeOf(sleepApp).state, control::NodeState::Exited);
    QCOMPARE(traffic.lifeOf(sleepApp).reason, "killed");
    QCOMPARE(traffic.processesOf(sleepApp).size(), 2);
    traffic.forgetNode("b");
    QCOMPARE(traffic.lifeOf(sleepApp).state, control::NodeState::Ready);
}

void TestLiveTraffic::textsArePlain()
{
    QLocale::setDefault(QLocale::c());
    QCOMPARE(rateText(0), "");
    QCOMPARE(rateText(0.44), "0.4/s");
    QCOMPARE(rateText(42.3), "42/s");
    QCOMPARE(shareText(-1), "–");
    QCOMPARE(shareText(0), "0 %");
    QCOMPARE(shareText(0.048), "4.8 %");
    QCOMPARE(durationText(-1), "–");
    QCOMPARE(durationText(0.01), "< 0.1 ms");
    QCOMPARE(durationText(3.14), "3.1 ms");
    QCOMPARE(durationText(1234), "1.2 s");
    const QDateTime now = QDateTime::currentDateTimeUtc();
    QCOMPARE(remainingText(now.addSecs(-1)), "expired");
    QCOMPARE(remainingText(now.addSecs(90)), "1 min");
    QCOMPARE(remainingText(now.addSecs(23 * 3600 + 60)), "23 h");
    QCOMPARE(remainingText(now.addDays(71).addSecs(60)), "71 d");
}

QTEST_GUILESS_MAIN(TestLiveTraffic)
#include "test_live_traffic.moc"
