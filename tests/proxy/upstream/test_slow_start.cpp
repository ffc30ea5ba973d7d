// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/lb_stats.h"
#include "proxy/upstream/load_balancer.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::upstream;
using namespace std::chrono_literals;

namespace {

HostPtr makeHost(std::uint16_t port, std::chrono::steady_clock::duration age, std::uint32_t weight = 1)
{
    dataplane::LbEndpoint endpoint;
    endpoint.weight = weight;
    return std::make_shared<Host>(endpoint, dataplane::Locality(), 0,
                                  *net::Address::parseIp("127.0.0.1", port),
                                  std::chrono::steady_clock::now() - age);
}

} // namespace

/// Slow start (Envoy's documentation: intro/arch_overview/upstream/load_balancing/slow_start): the share of a
/// host that has just come. The windows are so long that a test's own time changes nothing.
class TestSlowStart : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void shares_data();
    void shares();
    void newHostsAmongThemselves();
};

void TestSlowStart::shares_data()
{
    using Policy = dataplane::Cluster::LbPolicy;
    QTest::addColumn<int>("policy");
    QTest::addColumn<double>("least");      ///< min_weight_percent
    QTest::addColumn<double>("aggression"); ///< 0: not given
    QTest::addColumn<int>("age");           ///< of the second host, in hours; the window is 1000
    QTest::addColumn<int>("weight");        ///< of the second host
    QTest::addColumn<int>("picks");
    QTest::addColumn<int>("expected"); ///< picks of the second host
    const auto row = [](const char *name, Policy policy, double least, double aggression, int age, int weight,
                        int picks, int expected) {
        QTest::newRow(name) << static_cast<int>(policy) << least << aggression << age << weight << picks
                            << expected;
    };
    row("least share", Policy::RoundRobin, 10, 0, 0, 1, 1100, 100);
    row("own least share", Policy::RoundRobin, 50, 0, 0, 1, 300, 100);
    row("half way", Policy::RoundRobin, 10, 0, 500, 1, 300, 100);
    row("half way, aggression 2", Policy::RoundRobin, 10, 2, 250, 1, 300, 100);
    row("an aggression of 0 is none", Policy::RoundRobin, 10, -1, 500, 1, 300, 100);
    row("after the window", Policy::RoundRobin, 10, 0, 1001, 1, 200, 100);
    row("of its weight", Policy::RoundRobin, 10, 0, 500, 4, 300, 200);
    row("least request", Policy::LeastRequest, 10, 0, 0, 1, 1100, 100);
    row("least request half way", Policy::LeastRequest, 10, 0, 500, 1, 300, 100);
}

void TestSlowStart::shares()
{
    QFETCH(int, policy);
    QFETCH(double, least);
    QFETCH(double, aggression);
    QFETCH(int, age);
    QFETCH(int, weight);
    QFETCH(int, picks);
    QFETCH(int, expected);
    telemetry::StatsStore store(1);
    dataplane::Cluster cluster;
    cluster.lbPolicy = static_cast<dataplane::Cluster::LbPolicy>(policy);
    cluster.slowStartWindow = 1000h;
    cluster.slowStartMinWeightPercent = least;
    if (aggression != 0)
        cluster.slowStartAggression = dataplane::RuntimeDouble{aggression, "key"};
    LbStats stats(store, "cluster.c.", cluster);
    const std::vector<HostPtr> hosts{
        makeHost(1, 2000h), makeHost(2, std::chrono::hours(age), static_cast<std::uint32_t>(weight))};
    const auto balancer = makeLoadBalancer(cluster, hosts, stats);
    int second = 0;
    for (int i = 0; i < picks; ++i)
        second += balancer->choose({})->address().port() == 2 ? 1 : 0;
    QVERIFY2(std::abs(second - expected) <= 1, qPrintable(QString::number(second)));
}

void TestSlowStart::newHostsAmongThemselves()
{
    telemetry::StatsStore store(1);
    dataplane::Cluster cluster;
    cluster.slowStartWindow = 1000h;
    LbStats stats(store, "cluster.c.", cluster);
    const auto balancer = makeLoadBalancer(cluster, {makeHost(1, 0h), makeHost(2, 0h)}, stats);
    int second = 0;
    for (int i = 0; i < 100; ++i)
        second += balancer->choose({})->address().port() == 2 ? 1 : 0;
    QVERIFY2(std::abs(second - 50) <= 1, qPrintable(QString::number(second)));
}

QTEST_GUILESS_MAIN(TestSlowStart)
#include "test_slow_start.moc"
