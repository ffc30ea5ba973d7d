// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/net/test_names.h"
#include "tests/proxy/upstream/checked_host.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::upstream;
using namespace std::chrono_literals;

/// What active health checks make of what hosts answer (envoy-behaviour.md 4.7). Every row is what Envoy 1.40
/// did with the same answers.
class TestHealthChecks : public QObject
{
    Q_OBJECT

    /// As `/clusters` names them, without the words that all have.
    static QString flags(const Host &host)
    {
        QStringList names;
        for (const auto &[name, flag] : {std::pair{"failed", HealthFlag::FailedActiveHc},
                                         {"degraded", HealthFlag::DegradedActiveHc},
                                         {"excluded", HealthFlag::ExcludedViaImmediateHcFail},
                                         {"timeout", HealthFlag::ActiveHcTimeout}}) {
            if (host.has(flag))
                names.append(QLatin1String(name));
        }
        return names.join(' ');
    }

    static QByteArray answerFor(const QByteArray &word)
    {
        if (word == "close")
            return {};
        QByteArray headers;
        if (word == "degraded")
            headers = "x-envoy-degraded: \r\n";
        if (word.startsWith("imm"))
            headers = "x-envoy-immediate-health-check-fail: \r\n";
        const QByteArray status = word == "degraded" || word == "imm200" ? QByteArray("200")
                                  : word == "imm"                        ? QByteArray("503")
                                                                         : word;
        return "HTTP/1.1 " + status + " X\r\n" + headers + "content-length: 0\r\n\r\n";
    }

private Q_SLOTS:
    void rows_data()
    {
        QTest::addColumn<QString>("expectedFlags");
        QTest::addColumn<QString>("expectedCounts");
        const auto row = [](const char *answers, const char *flags, int passed, int failed, int network,
                            int healthy, int degraded = 0) {
            QTest::newRow(answers) << QString(flags)
                                   << QStringLiteral(
                                          "%1 passed, %2 failed, %3 of the network; %4 healthy, %5 degraded")
                                          .arg(passed)
                                          .arg(failed)
                                          .arg(network)
                                          .arg(healthy)
                                          .arg(degraded);
        };
        // The first result counts at once; 500 is retriable here, other statuses are final.
        row("200", "", 1, 0, 0, 1);
        row("503", "failed", 0, 1, 0, 0);
        row("200 503", "failed", 1, 1, 0, 0);
        row("200 204", "failed", 1, 1, 0, 0);
        row("200 500 500", "", 1, 2, 0, 1);
        row("200 500 500 500", "failed", 1, 3, 0, 0);
        row("200 close close", "", 1, 2, 2, 1);
        row("200 close close close", "failed", 1, 3, 3, 0);
        row("200 close 200 close close", "", 2, 3, 3, 1);
        row("503 200", "failed", 1, 1, 0, 0);
        row("500 200", "failed", 1, 1, 0, 0);
        row("close 200 200", "failed", 2, 1, 1, 0);
        row("503 200 200", "failed", 2, 1, 0, 0);
        row("503 200 200 200", "", 3, 1, 0, 1);
        row("503 200 503 200 200", "failed", 3, 2, 0, 0);
        // The gauge of degraded hosts only falls with them.
        row("200 degraded", "degraded", 2, 0, 0, 1, 1);
        row("200 degraded 200", "", 3, 0, 0, 1, 1);
        row("degraded 503", "failed degraded", 1, 1, 0, 0, 1);
        row("200 degraded 503 200 200 200", "", 5, 1, 0, 1, 1);
        row("200 degraded 503 degraded degraded degraded", "degraded", 5, 1, 0, 1, 1);
        row("200 imm", "failed excluded", 1, 1, 0, 0);
        row("200 imm 200 200 200", "", 4, 1, 0, 1);
        row("200 imm 503 200 200 200", "", 4, 2, 0, 1);
        row("imm200 200", "", 2, 0, 0, 1);
    }
    void rows()
    {
        QFETCH(QString, expectedFlags);
        QFETCH(QString, expectedCounts);
        QList<QByteArray> answers;
        for (const QByteArray &word : QByteArray(QTest::currentDataTag()).split(' '))
            answers.append(answerFor(word));
        const ScriptedHost server(answers);
        dataplane::HealthCheck configured = quickCheck();
        dataplane::HttpHealthCheck http;
        http.path = "/";
        http.retriableStatuses = {{500, 501}};
        configured.probe = http;
        CheckedHost run(configured, server);
        const HostPtr host = run.info->hosts().front();
        // Nobody is well before being asked.
        QCOMPARE(flags(*host), QString("failed"));
        QTRY_COMPARE(server.asked(), static_cast<int>(answers.size()) + 1);
        QVERIFY(run.ready);
        QCOMPARE(flags(*host), expectedFlags);
        QCOMPARE(counts(run.info->healthChecks().front()->stats()), expectedCounts);
        QCOMPARE(host->isHealthy(), expectedFlags.isEmpty());
        QCOMPARE(run.store.gauge("cluster.c.membership_healthy").value(), expectedFlags.isEmpty() ? 1 : 0);
        QCOMPARE(run.store.gauge("cluster.c.membership_excluded").value(),
                 expectedFlags.contains("excluded") ? 1 : 0);
    }

    void pauses_data()
    {
        QTest::addColumn<bool>("traffic");
        QTest::addColumn<bool>("passed");
        QTest::addColumn<int>("transition");
        QTest::addColumn<int>("milliseconds");
        const auto row = [](const char *what, bool traffic, bool passed, HealthTransition transition,
                            int ms) {
            QTest::newRow(what) << traffic << passed << static_cast<int>(transition) << ms;
        };
        using enum HealthTransition;
        row("well", true, true, Unchanged, 200);
        row("well again", true, true, Changed, 200);
        row("on the way to well", true, true, Pending, 150);
        row("not well", true, false, Unchanged, 300);
        row("not well since now", true, false, Changed, 300);
        row("on the way to not well", true, false, Pending, 100);
        row("no traffic, well", false, true, Unchanged, 400);
        row("no traffic, on the way to well", false, true, Pending, 600);
        row("no traffic, not well", false, false, Unchanged, 600);
        row("no traffic, on the way to not well", false, false, Pending, 600);
    }
    void pauses()
    {
        QFETCH(bool, traffic);
        QFETCH(bool, passed);
        QFETCH(int, transition);
        QFETCH(int, milliseconds);
        dataplane::HealthCheck configured;
        configured.interval = 200ms;
        configured.noTrafficInterval = 600ms;
        configured.noTrafficHealthyInterval = 400ms;
        configured.unhealthyInterval = 300ms;
        configured.unhealthyEdgeInterval = 100ms;
        configured.healthyEdgeInterval = 150ms;
        const auto pause = [&] {
            return static_cast<int>(
                healthCheckPause(configured, passed, static_cast<HealthTransition>(transition), traffic)
                    .count());
        };
        QCOMPARE(pause(), milliseconds);
        // What is not set is what the others are.
        configured.noTrafficHealthyInterval.reset();
        configured.unhealthyInterval.reset();
        configured.unhealthyEdgeInterval.reset();
        configured.healthyEdgeInterval.reset();
        QCOMPARE(pause(), traffic ? 200 : 600);
    }

    /// A cluster is ready when there are as many results as it has hosts; until then nobody waits in vain for
    /// one that does not answer: another's second result counts as well.
    void readyWithTheFirstResults()
    {
        const ScriptedHost silent({});
        const ScriptedHost well({answerFor("200"), answerFor("200")});
        dataplane::HealthCheck configured = quickCheck();
        dataplane::HttpHealthCheck http;
        http.path = "/";
        configured.probe = http;
        telemetry::StatsStore store(1);
        net::SecretStore secrets;
        const auto set =
            ClusterSet::create({checkedCluster(configured, {silent.serverPort(), well.serverPort()})}, store,
                               secrets, {}, nullptr);
        QVERIFY(set);
        int health = 0;
        HostResolution resolution(net::EpollDispatcher::current(), store,
                                  [&](const std::string &name, HostResolution::Change change) {
                                      health += name == "c" && change == HostResolution::Change::Health;
                                  });
        bool ready = false;
        resolution.start(*set, [&] { ready = true; });
        QVERIFY(!ready);
        QTRY_VERIFY(ready);
        QCOMPARE((*set)->find("c")->healthChecks().front()->stats().success.value(), 2U);
        QCOMPARE(health, 1);
        // A configuration that keeps the cluster does not wait again, nor asks anew.
        ready = false;
        resolution.start(*set, [&] { ready = true; });
        QVERIFY(ready);
        QTRY_COMPARE(well.asked(), 3);
        QCOMPARE((*set)->find("c")->healthChecks().front()->stats().attempt.value(), 4U);
    }

    /// A host that passes stays though its name does not stand for it any more, unless the cluster says
    /// ignore_health_on_host_removal; a new one does not count as missing before its first result, where
    /// ignore_new_hosts_until_first_hc says so.
    void namesAndHealth_data()
    {
        QTest::addColumn<bool>("ignoreHealth");
        QTest::newRow("passing hosts stay") << false;
        QTest::newRow("ignore_health_on_host_removal") << true;
    }
    void namesAndHealth()
    {
        QFETCH(bool, ignoreHealth);
        TestNames dns;
        dns.set("127.0.0.1 a");
        const ScriptedHost silent({});
        dataplane::HealthCheck configured = quickCheck();
        configured.probe = dataplane::TcpHealthCheck();
        dataplane::Cluster names = checkedCluster(configured, {silent.serverPort()});
        names.type = dataplane::Cluster::Type::StrictDns;
        names.dnsFamily = dataplane::Cluster::DnsFamily::V4Only;
        names.dnsRefreshRate = 5ms;
        names.dnsResolver = dns.resolver();
        names.ignoreHealthOnHostRemoval = ignoreHealth;
        names.ignoreNewHostsUntilFirstHc = true;
        names.loadAssignment->endpoints.front().endpoints.front().address.address = "a";
        telemetry::StatsStore store(1);
        net::SecretStore secrets;
        const auto set = ClusterSet::create({names}, store, secrets, {}, nullptr);
        QVERIFY(set);
        const ClusterInfoPtr info = (*set)->find("c");
        HostResolution resolution(net::EpollDispatcher::current(), store,
                                  [](const std::string &, HostResolution::Change) {});
        resolution.start(*set, {});
        QTRY_COMPARE(store.gauge("cluster.c.membership_healthy").value(), 1);
        const HostPtr first = info->hosts().front();
        QVERIFY(!first->has(HealthFlag::PendingActiveHc));
        // Nobody listens there.
        dns.set("127.0.0.9 a");
        QTRY_VERIFY(info->hosts().front() != first);
        const std::vector<HostPtr> hosts = info->hosts();
        QCOMPARE(hosts.size(), ignoreHealth ? std::size_t(1) : std::size_t(2));
        QCOMPARE(first->has(HealthFlag::PendingDynamicRemoval), !ignoreHealth);
        QTRY_VERIFY(!hosts.front()->has(HealthFlag::PendingActiveHc));
        QVERIFY(hosts.front()->has(HealthFlag::FailedActiveHc));
        QCOMPARE(store.gauge("cluster.c.membership_healthy").value(), ignoreHealth ? 0 : 1);
        dns.set("127.0.0.1 a");
        QTRY_COMPARE(info->hosts().size(), std::size_t(1));
        QCOMPARE(info->hosts().front() == first, !ignoreHealth);
        QVERIFY(!info->hosts().front()->has(HealthFlag::PendingDynamicRemoval));
    }
};

SALLYPORT_EPOLL_MAIN(TestHealthChecks)
#include "test_health_checks.moc"
