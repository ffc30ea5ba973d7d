// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/stats.h"

#include <QtTest>
#include <thread>

using namespace sallyport::telemetry;

/// Statistics go with what they are about (Envoy's scopes), and their names may come back.
class TestStatsScope : public QObject
{
    Q_OBJECT

    static QStringList names(const StatsStore &store)
    {
        QStringList all;
        for (const Counter *counter : store.counters())
            all.append(QString::fromStdString(counter->name()));
        for (const Gauge *gauge : store.gauges())
            all.append(QString::fromStdString(gauge->name()));
        for (const Histogram *histogram : store.histograms())
            all.append(QString::fromStdString(histogram->name()));
        return all;
    }

private Q_SLOTS:
    void whatNobodyHoldsGoes()
    {
        StatsStore store(2);
        store.counter("server.live");
        std::shared_ptr<const void> scope = store.scope("cluster.a.");
        store.counter("cluster.a.total").add(3);
        store.gauge("cluster.a.active").set(2);
        store.histogram("cluster.a.time").record(5);
        store.dropUnused();
        QCOMPARE(names(store).size(), 4);
        scope.reset();
        QCOMPARE(names(store).size(), 4); // not before the lists are nobody's
        store.dropUnused();
        QCOMPARE(names(store), QStringList{"server.live"});
    }

    /// `cluster.a.` is not `cluster.a.b.`, though its name begins so.
    void longerPrefixesAreOthers()
    {
        StatsStore store(1);
        std::shared_ptr<const void> inner = store.scope("cluster.a.b.");
        std::shared_ptr<const void> outer = store.scope("cluster.a.");
        store.counter("cluster.a.total");
        store.counter("cluster.a.b.total");
        store.counter("cluster.ab.total");
        outer.reset();
        store.dropUnused();
        QCOMPARE(names(store), (QStringList{"cluster.a.b.total", "cluster.ab.total"}));
        inner.reset();
        store.dropUnused();
        QCOMPARE(names(store), QStringList{"cluster.ab.total"});
    }

    /// The next configuration's cluster of the same name goes on counting.
    void heldAnewInTime()
    {
        StatsStore store(1);
        std::shared_ptr<const void> before = store.scope("cluster.a.");
        Counter &counter = store.counter("cluster.a.total");
        counter.add(3);
        std::shared_ptr<const void> next = store.scope("cluster.a.");
        before.reset();
        store.dropUnused();
        QCOMPARE(counter.value(), 3U);
        // Let go and taken again before anybody looked.
        next.reset();
        next = store.scope("cluster.a.");
        store.dropUnused();
        QCOMPARE(&store.counter("cluster.a.total"), &counter);
    }

    void aNameThatComesBackBeginsAtZero()
    {
        StatsStore store(2);
        QSet<std::uint64_t> ids;
        for (int i = 0; i < 300; ++i) {
            store.dropUnused();
            const std::shared_ptr<const void> scope = store.scope("cluster.a.");
            Counter &counter = store.counter("cluster.a.total");
            Gauge &gauge = store.gauge("cluster.a.active");
            QCOMPARE(counter.value(), 0U);
            QCOMPARE(gauge.value(), 0);
            QVERIFY(!counter.used() && !gauge.used());
            QVERIFY(!ids.contains(counter.id()) && !ids.contains(gauge.id()));
            ids << counter.id() << gauge.id();
            counter.inc();
            gauge.set(7);
            std::thread([&] {
                setWorkerIndex(1);
                counter.inc();
            }).join();
            QCOMPARE(counter.value(), 2U);
            store.dropUnused();
            QCOMPARE(counter.value(), 2U);
        }
        store.dropUnused();
        QVERIFY(names(store).isEmpty());
    }

    /// Whoever lets go last may do so on any thread, and after the store.
    void lettingGo()
    {
        std::shared_ptr<const void> scope;
        {
            StatsStore store(1);
            scope = store.scope("cluster.a.");
            store.counter("cluster.a.total");
            std::shared_ptr<const void> other = store.scope("cluster.b.");
            store.counter("cluster.b.total");
            std::thread([&other] { other.reset(); }).join();
            store.dropUnused();
            QCOMPARE(names(store), QStringList{"cluster.a.total"});
        }
        scope.reset();
    }

    void touchedIsUsed()
    {
        StatsStore store(1);
        Counter &counter = store.counter("server.wip_protos");
        QVERIFY(!counter.used());
        counter.touch();
        QVERIFY(counter.used());
        QCOMPARE(counter.value(), 0U);
    }
};

QTEST_GUILESS_MAIN(TestStatsScope)
#include "test_stats_scope.moc"
