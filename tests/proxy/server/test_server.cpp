// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/net/test_names.h"
#include "tests/proxy/net/test_pki.h"
#include "tests/proxy/server/running_server.h"

using namespace bootstrap_text;

namespace {

QString secretText(const QString &name, const TestPki &pki, const QString &certificate)
{
    return QStringLiteral(R"({"name": "%1", "tls_certificate": {"certificate_chain": {"filename": "%2"},
        "private_key": {"filename": "%3"}}})")
        .arg(name, pki.path(certificate + ".pem"), pki.path(certificate + ".key"));
}

QByteArray subjectOf(quint16 port)
{
    ChildProgram openssl({"openssl", "s_client", "-connect", QString("127.0.0.1:%1").arg(port), "-brief"});
    openssl.finish();
    for (const QByteArray &line : openssl.err.split('\n')) {
        if (line.startsWith("Peer certificate: "))
            return line.mid(18);
    }
    return {};
}

} // namespace

class TestServer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void unchangedPartsAreLeftAlone()
    {
        Peer up(Peer::echo);
        const QString kept = listener("kept", freePort(), chain(tcpProxy()));
        RunningServer gateway(bootstrap(kept, cluster("up", {up.port})));
        QTRY_VERIFY(gateway.live);
        const auto before = gateway.server.clusters()->find("up");
        Client client(gateway.port("kept"));
        client.send("a");
        QCOMPARE(client.read(1), std::string("a"));
        const quint16 added = freePort();
        QVERIFY(gateway.apply(bootstrap(kept + ',' + listener("added", added, chain(directResponse("new"))),
                                        cluster("up", {up.port}) + ',' + cluster("more", {up.port}))));
        Client fresh(added);
        QCOMPARE(fresh.readAll(), std::string("new"));
        client.send("b");
        QCOMPARE(client.read(1), std::string("b"));
        QCOMPARE(gateway.server.clusters()->find("up"), before);
        QCOMPARE(gateway.counter("listener_manager.listener_added"), 2U);
        QCOMPARE(gateway.counter("listener_manager.listener_modified"), 0U);
        QCOMPARE(gateway.counter("cluster_manager.cluster_added"), 2U);
        QCOMPARE(gateway.gauge("listener_manager.total_listeners_active"), 2);
    }

    void clustersAreCounted_data()
    {
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("after");
        QTest::addColumn<QList<int>>("counts"); ///< added (with the first), modified, removed
        const QString one = cluster("one", {1});
        const QString two = cluster("two", {1});
        const QString changed = cluster("one", {1}, R"("per_connection_buffer_limit_bytes": 9)");
        QTest::newRow("the same") << one << one << QList<int>{1, 0, 0};
        QTest::newRow("one more") << one << one + ',' + two << QList<int>{2, 0, 0};
        QTest::newRow("another order") << one + ',' + two << two + ',' + one << QList<int>{2, 0, 0};
        QTest::newRow("one is another") << one << changed << QList<int>{1, 1, 0};
        QTest::newRow("one is gone") << one + ',' + two << two << QList<int>{2, 0, 1};
        QTest::newRow("all at once") << one + ',' + two << changed + ',' + cluster("three", {1})
                                     << QList<int>{3, 1, 1};
    }
    void clustersAreCounted()
    {
        QFETCH(QString, before);
        QFETCH(QString, after);
        QFETCH(QList<int>, counts);
        RunningServer gateway(bootstrap({}, before));
        QTRY_VERIFY(gateway.live);
        QVERIFY(gateway.apply(bootstrap({}, after)));
        const QList<int> counted{static_cast<int>(gateway.counter("cluster_manager.cluster_added")),
                                 static_cast<int>(gateway.counter("cluster_manager.cluster_modified")),
                                 static_cast<int>(gateway.counter("cluster_manager.cluster_removed"))};
        QCOMPARE(counted, counts);
    }

    void takenAddressIsCounted()
    {
        const Peer other(Peer::echo);
        RunningServer gateway(bootstrap({}, {}));
        QTRY_VERIFY(gateway.live);
        const auto refused =
            gateway.apply(bootstrap(listener("in", other.port, chain(directResponse("x"))), {}));
        QVERIFY(!refused);
        QCOMPARE(QString::fromStdString(refused.error().where.file), "static_resources.listeners[0].address");
        QCOMPARE(gateway.counter("listener_manager.listener_create_failure"), 1U);
        QCOMPARE(gateway.counter("listener_manager.listener_create_success"), 0U);
    }

    void newConnectionsUseTheNewConfiguration()
    {
        const quint16 port = freePort();
        RunningServer gateway(bootstrap(listener("in", port, chain(directResponse("old"))), {}));
        QTRY_VERIFY(gateway.live);
        QCOMPARE(Client(port).readAll(), std::string("old"));
        QVERIFY(gateway.apply(bootstrap(listener("in", port, chain(directResponse("new"))), {})));
        // The socket stayed: there is no moment at which a connection is refused.
        QCOMPARE(Client(port).readAll(), std::string("new"));
        QCOMPARE(gateway.counter("listener_manager.listener_modified"), 1U);
    }

    void removedListenerRefuses()
    {
        const quint16 port = freePort();
        const QString other = listener("other", freePort(), chain(directResponse("x")));
        RunningServer gateway(bootstrap(listener("in", port, chain(directResponse("x"))) + ',' + other, {}));
        QTRY_VERIFY(gateway.live);
        QCOMPARE(Client(port).readAll(), std::string("x"));
        QVERIFY(gateway.apply(bootstrap(other, {})));
        QTRY_VERIFY(!Client(port).connected);
        QCOMPARE(gateway.counter("listener_manager.listener_removed"), 1U);
        // The address is free again, for a listener of another name as well.
        QVERIFY(
            gateway.apply(bootstrap(other + ',' + listener("again", port, chain(directResponse("y"))), {})));
        QCOMPARE(Client(port).readAll(), std::string("y"));
    }

    void renamedListenerKeepsItsSocket()
    {
        const quint16 port = freePort();
        RunningServer gateway(bootstrap(listener("before", port, chain(directResponse("x"))), {}));
        QTRY_VERIFY(gateway.live);
        QVERIFY(gateway.apply(bootstrap(listener("after", port, chain(directResponse("y"))), {})));
        QCOMPARE(Client(port).readAll(), std::string("y"));
    }

    void refusedBootstrapChangesNothing_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("path");
        const quint16 port = freePort();
        QTest::newRow("unknown field")
            << QString::fromUtf8(
                   bootstrap(listener("in", 1, chain(directResponse("x")), R"("nmae": "x")"), {}))
            << "static_resources.listeners[0].nmae";
        QTest::newRow("no JSON") << "{"
                                 << "";
        QTest::newRow("address in use")
            << QString::fromUtf8(bootstrap(listener("a", port, chain(directResponse("x"))) + ',' +
                                               listener("b", port, chain(directResponse("y"))),
                                           {}))
            << "static_resources.listeners[1].address";
    }
    void refusedBootstrapChangesNothing()
    {
        QFETCH(QString, text);
        QFETCH(QString, path);
        RunningServer gateway(bootstrap(listener("in", 0, chain(directResponse("old"))), {}));
        QTRY_VERIFY(gateway.live);
        const auto refused = gateway.apply(text.toUtf8());
        QVERIFY(!refused);
        QCOMPARE(QString::fromStdString(refused.error().where.file), path);
        QCOMPARE(Client(gateway.port("in")).readAll(), std::string("old"));
        QCOMPARE(gateway.server.listeners().size(), 1U);
    }

    void changedSecretsOfTheBootstrapChangeCertificates()
    {
        const TestPki pki;
        const auto text = [&](const QString &certificate) {
            const QString tls =
                QStringLiteral(
                    R"("transport_socket": {"name": "tls", "typed_config": {%1, "common_tls_context":
                    {"tls_certificate_sds_secret_configs": [{"name": "s"}]}}})")
                    .arg(type("envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"));
            return QStringLiteral(R"({"static_resources": {"listeners": [%1], "secrets": [%2]}})")
                .arg(listener("in", 0, chain(directResponse("x"), tls)), secretText("s", pki, certificate))
                .toUtf8();
        };
        RunningServer gateway(text("server"));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        const quint16 port = gateway.port("in");
        QCOMPARE(subjectOf(port), QByteArray("O = Tests, CN = server"));
        QVERIFY(gateway.apply(text("second")));
        QCOMPARE(subjectOf(port), QByteArray("O = Tests, CN = second"));
        QCOMPARE(gateway.counter("listener_manager.listener_modified"), 0U);
        QCOMPARE(gateway.counter("listener.127.0.0.1_0.server_ssl_socket_factory.ssl_context_update_by_sds"),
                 1U);
    }

    /// Live once every name was answered or has failed; names of clusters that stay are not asked again.
    void waitsForNames()
    {
        Peer up(Peer::saying("named"));
        TestNames names;
        names.set("127.0.0.1 svc.test");
        const auto named = [&](const QString &name, const QString &host) {
            return cluster(name, {up.port}, R"("type": "STRICT_DNS", "dns_refresh_rate": "3600s")")
                .replace(QStringLiteral("\"127.0.0.1\""), QStringLiteral("\"%1\"").arg(host));
        };
        const QString in = listener("in", 0, chain(tcpProxy()));
        RunningServer gateway(
            names.added(bootstrap(in, named("up", "svc.test") + ',' + named("gone", "no.test"))));
        QVERIFY(gateway.started);
        QTRY_VERIFY(gateway.live);
        QCOMPARE(Client(gateway.port("in")).read(5), std::string("named"));
        QCOMPARE(gateway.counter("cluster.up.update_success"), 1U);
        // A name that is none is an answer: there are no hosts.
        QCOMPARE(gateway.counter("cluster.gone.update_success"), 1U);
        QCOMPARE(gateway.counter("cluster.gone.update_failure"), 0U);
        QCOMPARE(gateway.gauge("cluster.gone.membership_total"), 0);
        QVERIFY(gateway.apply(names.added(bootstrap(
            in + ',' + listener("more", 0, chain(tcpProxy(R"("cluster": "more")")), {}, "127.0.0.2"),
            named("up", "svc.test") + ',' + named("more", "svc.test")))));
        Client more(gateway.port("more"), nullptr, "127.0.0.2");
        QCOMPARE(more.read(5), std::string("named"));
        QCOMPARE(gateway.counter("cluster.up.update_attempt"), 1U);
        QCOMPARE(Client(gateway.port("in")).read(5), std::string("named"));
    }

    /// Reloads that keep inventing clusters do not keep their statistics.
    void statisticsGoWithTheirClusters()
    {
        const auto text = [](int i) {
            return bootstrap(listener("in", 0, chain(directResponse("x"))),
                             cluster(QStringLiteral("made-%1").arg(i), {9}))
                       .chopped(1) +
                   R"(, "stats_flush_interval": "0.01s"})";
        };
        RunningServer gateway(text(0));
        QTRY_VERIFY(gateway.live);
        const auto names = [&gateway] {
            QStringList clusters;
            for (const auto *counter : gateway.server.stats().counters()) {
                const QString name = QString::fromStdString(counter->name());
                if (name.startsWith("cluster.made-") && name.endsWith(".upstream_cx_total"))
                    clusters.append(name);
            }
            return clusters;
        };
        QCOMPARE(names(), QStringList{"cluster.made-0.upstream_cx_total"});
        for (int i = 1; i < 20; ++i)
            QVERIFY(gateway.apply(text(i)));
        QTRY_COMPARE(names(), QStringList{"cluster.made-19.upstream_cx_total"});
    }

    /// Thousands of changes leave nothing behind.
    void manyReloadsUnderConnections()
    {
        Peer up(Peer::echo);
        const quint16 port = freePort();
        const auto text = [&](int i) {
            return bootstrap(listener("in", port, chain(directResponse(QString::number(i)))),
                             cluster("up", {up.port}));
        };
        RunningServer gateway(text(0));
        QTRY_VERIFY(gateway.live);
        std::atomic<bool> end{false};
        std::atomic<int> failed{0};
        std::atomic<int> served{0};
        std::thread clients([&] {
            while (!end) {
                Client client(port);
                const std::string answer = client.readAll();
                (answer.empty() ? failed : served)++;
            }
        });
        for (int i = 1; i <= 200; ++i) {
            QVERIFY(gateway.apply(text(i)));
        }
        end = true;
        clients.join();
        QCOMPARE(failed.load(), 0);
        QVERIFY(served > 0);
        QCOMPARE(Client(port).readAll(), std::string("200"));
    }

    /// Whoever connects under one configuration, asks first under another one and goes on under a third is
    /// served by the rules of each: what the codec was made with lives as long as the codec.
    void requestsUnderLaterConfigurations()
    {
        const quint16 port = freePort();
        const auto text = [port](int i) {
            const QString manager =
                filter("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                       QStringLiteral(
                           R"("stat_prefix": "in", "http_filters": [{"name": "router", "typed_config": {%1}}],
                    "route_config": {"virtual_hosts": [{"name": "v", "domains": ["*"], "routes": [{"match":
                    {"prefix": "/"}, "direct_response": {"status": 200, "body": {"inline_string": "from %2"}}}]}]})")
                           .arg(type("envoy.extensions.filters.http.router.v3.Router"))
                           .arg(i));
            return bootstrap(listener("in", port, chain(manager)), {});
        };
        RunningServer gateway(text(0), 1);
        QTRY_VERIFY(gateway.live);
        Client client(port);
        QTRY_COMPARE(gateway.gauge("http.in.downstream_cx_active"), 1);
        for (int i = 1; i <= 10; ++i) {
            QVERIFY(gateway.apply(text(i)));
            client.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n");
            const std::string body = "from " + std::to_string(i);
            const std::string answer = client.readUntil(body);
            QVERIFY2(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with(body), answer.c_str());
        }
    }

    void validateRefusesWhatStartRefuses()
    {
        using sallyport::server::Server;
        QVERIFY(Server::validate(bootstrap(listener("in", 1, chain(directResponse("x"))), {}),
                                 RunningServer::options(1)));
        const auto refused = Server::validate(
            bootstrap(
                listener("in", 1,
                         chain(tcpProxy(R"("cluster": "up", )" + accessLog("/nonexistent/folder/log", "x")))),
                cluster("up", {})),
            RunningServer::options(1));
        QVERIFY(!refused);
        QCOMPARE(QString::fromStdString(refused.error().where.file),
                 QStringLiteral("static_resources.listeners[0].filter_chains[0].filters[0]"));
    }
};

SALLYPORT_EPOLL_MAIN(TestServer)
#include "test_server.moc"
