// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/cluster_manager.h"
#include "proxy/upstream/grpc_health_message.h"
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/net/test_names.h"
#include "tests/proxy/upstream/scripted_host.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::upstream;
using namespace std::chrono_literals;

/// What active health checks make of what hosts answer (envoy-behaviour.md 4.7). Every row is what Envoy 1.40
/// did with the same answers.
class TestHealthChecks : public QObject
{
    Q_OBJECT

    static dataplane::HealthCheck check()
    {
        dataplane::HealthCheck check;
        check.timeout = 60s;
        check.interval = check.noTrafficInterval = 1ms;
        check.unhealthyThreshold = check.healthyThreshold = 3;
        return check;
    }
    static dataplane::Cluster cluster(const dataplane::HealthCheck &check, const QList<quint16> &ports)
    {
        dataplane::Cluster cluster;
        cluster.name = "c";
        cluster.healthChecks = {check};
        cluster.loadAssignment.emplace().endpoints.emplace_back();
        for (const quint16 port : ports) {
            dataplane::LbEndpoint endpoint;
            endpoint.address.address = "127.0.0.1";
            endpoint.address.port = port;
            cluster.loadAssignment->endpoints.front().endpoints.push_back(endpoint);
        }
        return cluster;
    }
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
    static QString counts(HealthCheckStats &stats)
    {
        return QStringLiteral("%1 passed, %2 failed, %3 of the network; %4 healthy, %5 degraded")
            .arg(stats.success.value())
            .arg(stats.failure.value())
            .arg(stats.networkFailure.value())
            .arg(stats.healthy.value())
            .arg(stats.degraded.value());
    }

    /// A cluster of one host, which is asked until it is silent.
    struct Run
    {
        Run(const dataplane::HealthCheck &check, const ScriptedHost &host)
        {
            dataplane::Cluster configuration = cluster(check, {host.serverPort()});
            if (std::holds_alternative<dataplane::GrpcHealthCheck>(check.probe)) {
                configuration.http.emplace();
                configuration.http->protocol = dataplane::UpstreamHttpProtocolOptions::Protocol::Http2;
            }
            set = *ClusterSet::create({configuration}, store, secrets, {}, nullptr);
            info = set->find("c");
            resolution = std::make_unique<HostResolution>(net::EpollDispatcher::current(), store,
                                                          [](const std::string &, HostResolution::Change) {});
            resolution->start(set, [this] { ready = true; });
        }
        telemetry::StatsStore store{1};
        net::SecretStore secrets;
        std::shared_ptr<const ClusterSet> set;
        ClusterInfoPtr info;
        std::unique_ptr<HostResolution> resolution;
        bool ready = false;
    };

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
        dataplane::HealthCheck configured = check();
        dataplane::HttpHealthCheck http;
        http.path = "/";
        http.retriableStatuses = {{500, 501}};
        configured.probe = http;
        Run run(configured, server);
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

    void grpc_data()
    {
        QTest::addColumn<QByteArray>("answer"); ///< of each question but the first, which is answered well
        QTest::addColumn<QString>("expectedCounts");
        QTest::addColumn<int>("connections");
        // HEADERS of a gRPC answer, its trailers, messages.
        const QByteArray name = QByteArray("content-type").toHex();
        const QByteArray head = "0104"
                                "00073a737461747573"
                                "03323030"
                                "000c" +
                                name + "10" + QByteArray("application/grpc").toHex();
        const QByteArray status = "000b" + QByteArray("grpc-status").toHex();
        const QByteArray good = "0105" + status + "0130";
        const QByteArray bad = "0105" + status + "0135";
        const QByteArray serving = "0000"
                                   "0000000002"
                                   "0801";
        const auto row = [&](const char *what, const QByteArray &answer, int passed, int failed, int network,
                             int connections) {
            QTest::newRow(what) << answer
                                << QStringLiteral(
                                       "%1 passed, %2 failed, %3 of the network; %4 healthy, 0 degraded")
                                       .arg(passed)
                                       .arg(failed)
                                       .arg(network)
                                       .arg(failed > network ? 0 : 1)
                                << connections;
        };
        row("serving", head + '/' + serving + '/' + good, 3, 0, 0, 1);
        row("in two parts",
            head +
                "/0000"
                "00000000/0000"
                "020801/" +
                good,
            3, 0, 0, 1);
        row("among other fields",
            head +
                "/0000"
                "0000000007"
                "120161"
                "0801"
                "1800/" +
                good,
            3, 0, 0, 1);
        row("not serving",
            head +
                "/0000"
                "0000000002"
                "0802/" +
                good,
            1, 2, 0, 1);
        row("an empty message",
            head +
                "/0000"
                "0000000000/" +
                good,
            1, 2, 0, 1);
        row("no message", head + '/' + good, 1, 2, 0, 1);
        row("another status", head + '/' + serving + '/' + bad, 1, 2, 0, 1);
        row("two messages", head + '/' + serving + '/' + serving + '/' + good, 1, 2, 0, 1);
        row("no protobuf",
            head +
                "/0000"
                "0000000002"
                "ffff/" +
                good,
            1, 2, 0, 1);
        row("no message of gRPC's",
            head +
                "/0000"
                "0707070707/" +
                good,
            1, 2, 0, 1);
        row("an answer without trailers",
            head + "/0001"
                   "0000000002"
                   "0801",
            1, 2, 0, 1);
        row("a status alone",
            "0105"
            "00073a737461747573"
            "03353033",
            1, 2, 0, 1);
        row("the stream is reset",
            "0300"
            "00000002",
            1, 2, 2, 1);
        row("the server leaves, and answers",
            "0700"
            "00000003"
            "00000000/" +
                head + '/' + serving + '/' + good,
            3, 0, 0, 3);
        row("the server leaves in anger",
            "0700"
            "00000000"
            "00000002",
            1, 2, 2, 3);
        row("the connection ends", {}, 1, 2, 2, 3);
    }
    void grpc()
    {
        QFETCH(QByteArray, answer);
        QFETCH(QString, expectedCounts);
        QFETCH(int, connections);
        const QByteArray name = QByteArray("content-type").toHex();
        const QByteArray well = "0104"
                                "00073a737461747573"
                                "03323030"
                                "000c" +
                                name + "10" + QByteArray("application/grpc").toHex() +
                                "/0000"
                                "0000000002"
                                "0801/0105"
                                "000b" +
                                QByteArray("grpc-status").toHex() + "0130";
        const ScriptedHttp2Host server({well, answer, answer});
        dataplane::HealthCheck configured = check();
        configured.probe = dataplane::GrpcHealthCheck();
        Run run(configured, server);
        QTRY_COMPARE(server.asked(), 4);
        QCOMPARE(counts(run.info->healthChecks().front()->stats()), expectedCounts);
        QCOMPARE(server.connections(), connections);
    }

    void grpcRequests()
    {
        QCOMPARE(grpcHealthRequest({}), std::string(5, '\0'));
        QCOMPARE(grpcHealthRequest("my.Svc"), std::string("\0\0\0\0\x08\x0a\x06my.Svc", 13));
        const std::string longer = grpcHealthRequest(std::string(200, 'a'));
        QCOMPARE(longer.substr(0, 8), std::string("\0\0\0\0\xcb\x0a\xc8\x01", 8));
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
        dataplane::HealthCheck configured = check();
        dataplane::HttpHealthCheck http;
        http.path = "/";
        configured.probe = http;
        telemetry::StatsStore store(1);
        net::SecretStore secrets;
        const auto set = ClusterSet::create({cluster(configured, {silent.serverPort(), well.serverPort()})},
                                            store, secrets, {}, nullptr);
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
        dataplane::HealthCheck configured = check();
        configured.probe = dataplane::TcpHealthCheck();
        dataplane::Cluster names = cluster(configured, {silent.serverPort()});
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
