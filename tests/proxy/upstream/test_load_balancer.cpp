// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/edf_scheduler.h"
#include "proxy/upstream/lb_stats.h"
#include "proxy/upstream/load_balancer.h"
#include "proxy/upstream/priority_picker.h"
#include "proxy/upstream/subset_picker.h"

#include <QtTest>

#include <numeric>
#include <set>

using namespace sallyport;
using namespace sallyport::upstream;

namespace {

HostPtr makeHost(std::uint16_t port, const QJsonObject &labels = {}, std::uint32_t weight = 1,
                 const std::string &zone = {}, std::uint32_t priority = 0)
{
    dataplane::LbEndpoint endpoint;
    endpoint.weight = weight;
    if (!labels.isEmpty())
        endpoint.metadata.filters.insert(QStringLiteral("envoy.lb"), labels);
    dataplane::Locality locality;
    locality.zone = zone;
    return std::make_shared<Host>(endpoint, locality, priority, *net::Address::parseIp("127.0.0.1", port));
}

std::vector<std::uint16_t> picks(LoadBalancer &balancer, const LbContext &context, int count)
{
    std::vector<std::uint16_t> ports;
    for (int i = 0; i < count; ++i) {
        const HostPtr host = balancer.choose(context);
        ports.push_back(host ? host->address().port() : 0);
    }
    return ports;
}

QJsonObject label(const char *key, const char *value)
{
    return {{QLatin1String(key), QLatin1String(value)}};
}

} // namespace

/// envoy-behaviour.md 4.8 and 4.9. Figures of the priorities: Envoy's documentation of priority levels
/// (intro/arch_overview/upstream/load_balancing/priority), which has them as tables.
class TestLoadBalancer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void priorityLoad_data()
    {
        QTest::addColumn<QList<QList<int>>>("members"); // all, healthy, degraded
        QTest::addColumn<QList<QList<int>>>("load");    // healthy, degraded, panic
        const auto row = [](const char *name, const QList<QList<int>> &members,
                            const QList<QList<int>> &load) { QTest::newRow(name) << members << load; };
        using Rows = QList<QList<int>>;
        const Rows first{{100, 0, 0}, {0, 0, 0}};
        row("4.9 all healthy", {{100, 100, 0}, {100, 100, 0}}, first);
        row("4.9 72 % is enough", {{100, 72, 0}, {100, 72, 0}}, first);
        row("4.9 71 %", {{100, 71, 0}, {100, 71, 0}}, {{99, 0, 0}, {1, 0, 0}});
        row("4.9 50 %", {{100, 50, 0}, {100, 100, 0}}, {{70, 0, 0}, {30, 0, 0}});
        row("4.9 25 %", {{100, 25, 0}, {100, 100, 0}}, {{35, 0, 0}, {65, 0, 0}});
        row("4.9 none of the first", {{100, 0, 0}, {100, 100, 0}}, {{0, 0, 0}, {100, 0, 0}});
        row("4.9 less than 100 % in all", {{100, 25, 0}, {100, 25, 0}}, {{50, 0, 1}, {50, 0, 1}});
        row("4.9 three priorities", {{100, 25, 0}, {100, 25, 0}, {100, 25, 0}},
            {{35, 0, 0}, {35, 0, 0}, {30, 0, 0}});
        row("4.9 degraded after healthy", {{100, 0, 100}, {100, 50, 0}}, {{0, 30, 0}, {70, 0, 0}});
        row("4.9 one priority in panic", {{100, 20, 0}, {100, 50, 0}}, {{29, 0, 1}, {71, 0, 0}});
        row("4.9 total panic goes by hosts", {{3, 0, 0}, {1, 0, 0}}, {{75, 0, 1}, {25, 0, 1}});
        row("4.9 no hosts", {{0, 0, 0}}, {{100, 0, 1}});
        // all, healthy, degraded, excluded, and what the first three weigh
        row("4.9 those that drain are not missing", {{2, 1, 0, 8}, {1, 1, 0}}, {{70, 0, 0}, {30, 0, 0}});
        row("4.9 nor panic for them", {{2, 1, 0, 8}}, {{100, 0, 0}});
        row("4.9 but in total panic they count", {{1, 0, 0, 2}, {1, 0, 0}}, {{75, 0, 1}, {25, 0, 1}});
        row("4.9 health by weight", {{2, 1, 0, 0, 10, 9, 0}, {2, 2, 0, 0, 2, 2, 0}}, first);
        row("4.9 degraded by weight", {{2, 1, 1, 0, 10, 5, 5}, {2, 2, 0, 0, 2, 2, 0}},
            {{70, 0, 0}, {30, 0, 0}});
        row("4.9 panic is by number", {{3, 1, 0, 0, 100, 98, 0}}, {{100, 0, 0}});
        row("4.9 panic is by number, though little weighs so", {{3, 2, 0, 0, 100, 2, 0}}, {{100, 0, 0}});
    }
    void priorityLoad()
    {
        QFETCH(QList<QList<int>>, members);
        QFETCH(QList<QList<int>>, load);
        std::vector<PriorityLoad::Members> priorities;
        for (const QList<int> &each : std::as_const(members))
            priorities.push_back({static_cast<std::size_t>(each[0]), static_cast<std::size_t>(each[1]),
                                  static_cast<std::size_t>(each[2]), static_cast<std::size_t>(each.value(3)),
                                  static_cast<std::uint64_t>(each.value(4)),
                                  static_cast<std::uint64_t>(each.value(5)),
                                  static_cast<std::uint64_t>(each.value(6))});
        const PriorityLoad computed = PriorityLoad::of(priorities, 140, 50);
        QList<QList<int>> seen;
        for (const PriorityLoad::Level &level : computed.levels)
            seen.push_back(
                {static_cast<int>(level.healthy), static_cast<int>(level.degraded), level.panic ? 1 : 0});
        QCOMPARE(seen, load);
    }

    /// A threshold of 0 turns panic off: without a healthy host there is none.
    void noPanicAtZero()
    {
        const PriorityLoad load = PriorityLoad::of({{2, 0, 0}}, 140, 0);
        QVERIFY(!load.levels.front().panic);
        QCOMPARE(load.levels.front().healthy, 100U);
    }

    void panicIsCounted()
    {
        telemetry::StatsStore store(1);
        dataplane::Cluster cluster;
        cluster.outlierDetection.emplace(); // what ejects hosts
        LbStats stats(store, "cluster.c.", cluster);
        const std::vector<HostPtr> hosts{makeHost(1), makeHost(2), makeHost(3)};
        const auto balancer = makeLoadBalancer(cluster, hosts, stats);
        picks(*balancer, {}, 3);
        QCOMPARE(stats.healthyPanic.value(), 0U);
        hosts[0]->ejected = true;
        hosts[1]->ejected = true;
        const std::vector<std::uint16_t> ports = picks(*balancer, {}, 3);
        QCOMPARE(std::set<std::uint16_t>(ports.begin(), ports.end()).size(), std::size_t(3));
        QCOMPARE(stats.healthyPanic.value(), 3U);
    }

    /// 4.8: the ring's points, and the next point for each pick that a retry rejects.
    void ringHash()
    {
        telemetry::StatsStore store(1);
        dataplane::Cluster cluster;
        cluster.lbPolicy = dataplane::Cluster::LbPolicy::RingHash;
        cluster.ringMinimum = 8;
        LbStats stats(store, "cluster.c.", cluster);
        const auto balancer = makeLoadBalancer(cluster, {makeHost(1), makeHost(2, {}, 3)}, stats);
        QCOMPARE(store.gauge("cluster.c.ring_hash_lb.size").value(), 8);
        QCOMPARE(store.gauge("cluster.c.ring_hash_lb.min_hashes_per_host").value(), 2);
        QCOMPARE(store.gauge("cluster.c.ring_hash_lb.max_hashes_per_host").value(), 6);
        LbContext context;
        context.hash = 1;
        const std::uint16_t first = picks(*balancer, context, 1).front();
        QCOMPARE(picks(*balancer, context, 4), std::vector<std::uint16_t>(4, first));
        context.retryPicks = 8;
        context.shouldRetry = [first](const Host &host) { return host.address().port() == first; };
        QVERIFY(picks(*balancer, context, 1).front() != first);
    }

    /// 4.8: hosts take turns in the order of their keys, so the configured order does not matter.
    void maglevIgnoresOrder()
    {
        telemetry::StatsStore store(1);
        dataplane::Cluster cluster;
        cluster.lbPolicy = dataplane::Cluster::LbPolicy::Maglev;
        cluster.maglevTableSize = 11;
        LbStats stats(store, "cluster.c.", cluster);
        const auto one = makeLoadBalancer(cluster, {makeHost(1), makeHost(2), makeHost(3)}, stats);
        const auto other = makeLoadBalancer(cluster, {makeHost(3), makeHost(1), makeHost(2)}, stats);
        for (std::uint64_t hash = 0; hash < 11; ++hash) {
            LbContext context;
            context.hash = hash;
            QCOMPARE(picks(*one, context, 1), picks(*other, context, 1));
        }
        QCOMPARE(store.gauge("cluster.c.maglev_lb.min_entries_per_host").value(), 3);
        QCOMPARE(store.gauge("cluster.c.maglev_lb.max_entries_per_host").value(), 4);
    }

    void subsets()
    {
        telemetry::StatsStore store(1);
        dataplane::Cluster cluster;
        using Fallback = dataplane::LbSubsetConfig::Fallback;
        cluster.subsets.emplace();
        cluster.subsets->selectors = {{{"version"}, Fallback::NotDefined, {}, false},
                                      {{"stage", "version"}, Fallback::KeysSubset, {"version"}, false},
                                      {{"stage"}, Fallback::AnyEndpoint, {}, false}};
        LbStats stats(store, "cluster.c.", cluster);
        const QJsonObject v2{{QStringLiteral("version"), QStringLiteral("v2")},
                             {QStringLiteral("stage"), QStringLiteral("canary")}};
        const std::vector<HostPtr> hosts{makeHost(1, label("version", "v1")), makeHost(2, v2)};
        QCOMPARE(countSubsets(*cluster.subsets, hosts), std::size_t(4));
        {
            const auto balancer = makeLoadBalancer(cluster, hosts, stats);
            QCOMPARE(stats.subsetsActive.value(), 4);
            const auto pick = [&](const QJsonObject &criteria) {
                LbContext context;
                context.metadataMatch = &criteria;
                return picks(*balancer, context, 1).front();
            };
            QCOMPARE(pick(label("version", "v1")), 1);
            QCOMPARE(pick(v2), 2);
            QCOMPARE(stats.subsetsSelected.value(), 2U);
            // No such pair: its selector says that the version alone decides.
            QJsonObject pair = v2;
            pair.insert(QStringLiteral("stage"), QStringLiteral("none"));
            QCOMPARE(pick(pair), 2);
            QCOMPARE(stats.subsetsSelected.value(), 3U);
            QVERIFY(pick(label("stage", "none")) != 0);
            // No selector has this key, and the cluster has no fallback.
            QCOMPARE(pick(label("zone", "a")), 0);
            QCOMPARE(pick({}), 0);
            QCOMPARE(stats.subsetsFallback.value(), 0U);
        }
        QCOMPARE(stats.subsetsActive.value(), 0);
        QCOMPARE(stats.subsetsRemoved.value(), 4U);
        cluster.subsets->fallback = Fallback::DefaultSubset;
        cluster.subsets->defaultSubset = label("version", "v1");
        const auto balancer = makeLoadBalancer(cluster, hosts, stats);
        QCOMPARE(picks(*balancer, {}, 2), (std::vector<std::uint16_t>{1, 1}));
        QCOMPARE(stats.subsetsFallback.value(), 2U);
    }

    /// 4.8: the first host of a subset is the only one.
    void singleHostSubsets()
    {
        telemetry::StatsStore store(1);
        dataplane::Cluster cluster;
        cluster.subsets.emplace();
        cluster.subsets->selectors = {
            {{"version"}, dataplane::LbSubsetConfig::Fallback::NotDefined, {}, true}};
        LbStats stats(store, "cluster.c.", cluster);
        const auto balancer =
            makeLoadBalancer(cluster,
                             {makeHost(1, label("version", "v1")), makeHost(2, label("version", "v2")),
                              makeHost(3, label("version", "v2")), makeHost(4, label("version", "v2"))},
                             stats);
        const QJsonObject criteria = label("version", "v2");
        LbContext context;
        context.metadataMatch = &criteria;
        QCOMPARE(picks(*balancer, context, 4), (std::vector<std::uint16_t>{2, 2, 2, 2}));
        QCOMPARE(store.gauge("cluster.c.lb_subsets_single_host_per_subset_duplicate").value(), 2);
    }

    /// 4.8: wherever a weighted round robin begins, it goes on as one that began with the first host.
    void weightedRoundRobin_data()
    {
        QTest::addColumn<QList<int>>("weights");
        QTest::newRow("4.8 one to four") << QList<int>{1, 2, 3, 4};
        QTest::newRow("4.8 a quarter and three") << QList<int>{25, 75};
        QTest::newRow("4.8 primes") << QList<int>{2, 3, 5, 7, 11};
    }
    void weightedRoundRobin()
    {
        QFETCH(QList<int>, weights);
        std::vector<double> given(weights.begin(), weights.end());
        const int sum = std::accumulate(weights.begin(), weights.end(), 0);
        for (std::uint64_t begin = 0; begin < 40; ++begin) {
            EdfScheduler scheduler = EdfScheduler::withPicks(given, begin);
            QList<int> seen(weights.size(), 0);
            for (int i = 0; i < 10 * sum; ++i)
                ++seen[static_cast<qsizetype>(
                    scheduler.next([&](std::size_t entry) { return given[entry]; }))];
            for (qsizetype i = 0; i < weights.size(); ++i)
                QVERIFY(std::abs(seen[i] - 10 * weights[i]) <= 1);
        }
    }

    /// 4.8, hash_balance_factor: where Envoy 1.40 sent nine requests of one key, each before the one before
    /// was answered.
    void boundedLoad_data()
    {
        QTest::addColumn<int>("policy");
        QTest::addColumn<QList<int>>("weights");
        QTest::addColumn<int>("factor");
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("order");
        using Policy = dataplane::Cluster::LbPolicy;
        const auto row = [](Policy policy, const QList<int> &weights, int factor, const char *key,
                            const char *order) {
            QTest::addRow("4.8 %s of %d hosts, the last of weight %d, %d %%, key %s",
                          policy == Policy::Maglev ? "Maglev" : "a ring", static_cast<int>(weights.size()),
                          weights.back(), factor, key)
                << static_cast<int>(policy) << weights << factor << QString(key) << QString(order);
        };
        row(Policy::RingHash, {1, 1, 1}, 100, "a", "110100102");
        row(Policy::RingHash, {1, 1, 1}, 100, "b", "220200201");
        row(Policy::RingHash, {1, 1, 1}, 120, "a", "111001010");
        row(Policy::RingHash, {1, 1, 1}, 200, "b", "222220220");
        row(Policy::RingHash, {1, 1, 2}, 100, "a", "222121212");
        row(Policy::RingHash, {1, 1, 2}, 120, "b", "222202202");
        row(Policy::RingHash, {1, 1, 2}, 200, "a", "222222222");
        row(Policy::RingHash, {1, 1, 1, 1, 1}, 100, "a", "332203200");
        row(Policy::RingHash, {1, 1, 1, 1, 1}, 120, "b", "221121002");
        row(Policy::RingHash, {1, 1, 1, 1, 1}, 200, "a", "333223232");
        row(Policy::Maglev, {1, 1, 1}, 100, "a", "221211210");
        row(Policy::Maglev, {1, 1, 1}, 120, "a", "222112121");
        row(Policy::Maglev, {1, 1, 2}, 120, "b", "222202202");
        row(Policy::Maglev, {1, 1, 1, 1, 1}, 100, "a", "442204200");
        row(Policy::Maglev, {1, 1, 1, 1, 1}, 200, "b", "333113131");
    }
    void boundedLoad()
    {
        QFETCH(int, policy);
        QFETCH(QList<int>, weights);
        QFETCH(int, factor);
        QFETCH(QString, key);
        QFETCH(QString, order);
        telemetry::StatsStore store(1);
        dataplane::Cluster cluster;
        cluster.lbPolicy = static_cast<dataplane::Cluster::LbPolicy>(policy);
        cluster.hashBalanceFactor = static_cast<std::uint32_t>(factor);
        LbStats stats(store, "cluster.c.", cluster);
        std::vector<HostPtr> hosts;
        for (qsizetype i = 0; i < weights.size(); ++i) {
            dataplane::LbEndpoint endpoint;
            endpoint.weight = static_cast<std::uint32_t>(weights[i]);
            const std::string address = "127.0.61." + std::to_string(i + 1);
            hosts.push_back(std::make_shared<Host>(
                endpoint, dataplane::Locality(), 0,
                *net::Address::parseIp(address, static_cast<std::uint16_t>(17001 + i))));
        }
        const auto balancer = makeLoadBalancer(cluster, hosts, stats);
        LbContext context;
        context.hash = hashText(key.toStdString());
        QString seen;
        for (qsizetype i = 0; i < order.size(); ++i) {
            const HostPtr host = balancer->choose(context);
            seen += QString::number(host->address().port() - 17001);
            host->requestsActive.fetch_add(1);
            stats.requestsActive.inc();
        }
        QCOMPARE(seen, order);
    }

    /// 4.8: with FULL_SCAN always one of those with the fewest requests, and each of them in time.
    void fewestOfAll()
    {
        telemetry::StatsStore store(1);
        dataplane::Cluster cluster;
        cluster.lbPolicy = dataplane::Cluster::LbPolicy::LeastRequest;
        cluster.leastRequestFullScan = true;
        LbStats stats(store, "cluster.c.", cluster);
        const std::vector<HostPtr> hosts{makeHost(1), makeHost(2), makeHost(3), makeHost(4)};
        hosts[0]->requestsActive = 1;
        hosts[2]->requestsActive = 2;
        const auto balancer = makeLoadBalancer(cluster, hosts, stats);
        const std::vector<std::uint16_t> ports = picks(*balancer, {}, 200);
        QCOMPARE((std::set<std::uint16_t>(ports.begin(), ports.end())), (std::set<std::uint16_t>{2, 4}));
    }

    /// 4.8: weight / (requests + 1)^bias.
    void biasOfLeastRequest_data()
    {
        QTest::addColumn<double>("bias");
        QTest::addColumn<int>("ofFirst");
        QTest::newRow("4.8 requests do not matter") << 0.0 << 60;
        QTest::newRow("4.8 the default") << 1.0 << 34;
        QTest::newRow("4.8 twice as much") << 2.0 << 13;
        QTest::newRow("4.8 half as much") << 0.5 << 48;
        QTest::newRow("4.8 none is negative") << -2.0 << 34;
    }
    void biasOfLeastRequest()
    {
        QFETCH(double, bias);
        QFETCH(int, ofFirst);
        telemetry::StatsStore store(1);
        dataplane::Cluster cluster;
        cluster.lbPolicy = dataplane::Cluster::LbPolicy::LeastRequest;
        cluster.leastRequestBias = dataplane::RuntimeDouble{bias, {}};
        LbStats stats(store, "cluster.c.", cluster);
        const std::vector<HostPtr> hosts{makeHost(1, {}, 6), makeHost(2, {}, 2)};
        hosts[0]->requestsActive = 3;
        const auto balancer = makeLoadBalancer(cluster, hosts, stats);
        const std::vector<std::uint16_t> ports = picks(*balancer, {}, 80);
        QVERIFY(std::abs(static_cast<int>(std::count(ports.begin(), ports.end(), 1)) - ofFirst) <= 2);
    }

    /// 4.9: the localities by their weights; one without a weight gets nothing.
    void localities()
    {
        telemetry::StatsStore store(1);
        dataplane::Cluster cluster;
        cluster.localityWeighted = true;
        cluster.loadAssignment.emplace();
        for (const char *zone : {"a", "b", "c"}) {
            dataplane::LocalityLbEndpoints locality;
            locality.locality.zone = zone;
            if (*zone != 'c')
                locality.weight = *zone == 'a' ? 3U : 1U;
            cluster.loadAssignment->endpoints.push_back(locality);
        }
        LbStats stats(store, "cluster.c.", cluster);
        const std::vector<HostPtr> hosts{makeHost(1, {}, 1, "a"), makeHost(2, {}, 1, "b"),
                                         makeHost(3, {}, 1, "c")};
        const auto balancer = makeLoadBalancer(cluster, hosts, stats);
        const std::vector<std::uint16_t> ports = picks(*balancer, {}, 40);
        QCOMPARE(std::count(ports.begin(), ports.end(), 1), 30);
        QCOMPARE(std::count(ports.begin(), ports.end(), 2), 10);
    }
};

QTEST_GUILESS_MAIN(TestLoadBalancer)
#include "test_load_balancer.moc"
