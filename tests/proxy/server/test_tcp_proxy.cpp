// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/net/test_pki.h"
#include "tests/proxy/server/running_server.h"

#include <QElapsedTimer>
#include <QScopeGuard>
#include <QThread>
#include <thread>

using namespace bootstrap_text;

namespace {

const QString LogFormat =
    QStringLiteral("%RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %UPSTREAM_CLUSTER_RAW% %UPSTREAM_HOST% "
                   "%UPSTREAM_TRANSPORT_FAILURE_REASON% %CONNECTION_TERMINATION_DETAILS%");

/// Hands out what has been read so far, one connection.
class Collector
{
public:
    void serve(int fd)
    {
        char buffer[65536];
        ssize_t got = 0;
        while ((got = ::recv(fd, buffer, sizeof buffer, 0)) > 0) {
            const std::lock_guard lock(m_mutex);
            m_bytes.append(buffer, static_cast<std::size_t>(got));
        }
        const std::lock_guard lock(m_mutex);
        m_reset = got < 0 && errno == ECONNRESET;
        m_ended = true;
    }
    std::string bytes()
    {
        const std::lock_guard lock(m_mutex);
        return m_bytes;
    }
    bool ended()
    {
        const std::lock_guard lock(m_mutex);
        return m_ended;
    }
    bool wasReset()
    {
        const std::lock_guard lock(m_mutex);
        return m_reset;
    }

private:
    std::mutex m_mutex;
    std::string m_bytes;
    bool m_ended = false;
    bool m_reset = false;
};

} // namespace

class TestTcpProxy : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    QString logPath() const { return m_folder.filePath("log"); }
    QString logged(const QString &more) const
    {
        return tcpProxy(more + ", " + accessLog(logPath(), LogFormat));
    }
    QByteArray simple(const QString &more, const QString &clusters) const
    {
        return bootstrap(listener("in", 0, chain(logged(more))), clusters);
    }
    void compareLog(RunningServer &gateway, const QList<QByteArray> &expected)
    {
        QTRY_COMPARE(gateway.log(logPath()).size(), expected.size());
        QCOMPARE(gateway.log(logPath()), expected);
    }

private Q_SLOTS:
    void init() { QFile::remove(logPath()); }

    void carriesBytesBothWaysAndHalfClose()
    {
        Peer up(Peer::echo);
        RunningServer gateway(simple(R"("cluster": "up")", cluster("up", {up.port})));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        client.send("hello");
        QCOMPARE(client.read(5), std::string("hello"));
        client.finish();
        QCOMPARE(client.readAll(), std::string("|end"));
        QVERIFY(!client.wasReset);
        compareLog(gateway, {QStringLiteral("- 5 9 up 127.0.0.1:%1 - -").arg(up.port).toUtf8()});
        QCOMPARE(gateway.counter("tcp.tcp.downstream_cx_total"), 1U);
        QCOMPARE(gateway.counter("tcp.tcp.downstream_cx_rx_bytes_total"), 5U);
        QCOMPARE(gateway.counter("tcp.tcp.downstream_cx_tx_bytes_total"), 9U);
        QCOMPARE(gateway.counter("cluster.up.upstream_cx_rx_bytes_total"), 9U);
        QCOMPARE(gateway.counter("cluster.up.upstream_cx_tx_bytes_total"), 5U);
        QTRY_COMPARE(gateway.gauge("cluster.up.upstream_cx_active"), 0);
    }

    void serverSpeaksFirst()
    {
        Peer up(Peer::saying("220 ready"));
        RunningServer gateway(simple(R"("cluster": "up")", cluster("up", {up.port})));
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        QCOMPARE(client.read(9), std::string("220 ready"));
    }

    /// A slow reader stops its sender instead of filling the gateway's memory.
    void slowReaderStopsTheSender()
    {
        constexpr std::size_t Total = 64U << 20U;
        std::atomic<std::size_t> sent{0};
        Peer up([&](int fd) {
            const std::string block(64 * 1024, 'x');
            while (sent < Total) {
                const ssize_t n = ::send(fd, block.data(), block.size(), MSG_NOSIGNAL);
                if (n <= 0)
                    return;
                sent += static_cast<std::size_t>(n);
            }
        });
        RunningServer gateway(
            bootstrap(listener("in", 0, chain(tcpProxy()), R"("per_connection_buffer_limit_bytes": 65536)"),
                      cluster("up", {up.port}, R"("per_connection_buffer_limit_bytes": 65536)")));
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        QCOMPARE(client.read(1), std::string("x"));
        // Nothing more is read: the sender comes to rest long before the end.
        std::size_t before = 0;
        for (int quiet = 0; quiet < 5; quiet = sent == before ? quiet + 1 : 0) {
            before = sent;
            QTest::qWait(100);
        }
        QVERIFY2(sent < Total, qPrintable(QString::number(sent)));
        const std::string flow = "cluster.up.upstream_flow_control_";
        QTRY_COMPARE(gateway.counter(flow + "paused_reading_total"),
                     gateway.counter(flow + "resumed_reading_total") + 1);
        QTRY_VERIFY(gateway.gauge("tcp.tcp.downstream_cx_tx_bytes_buffered") > 0);
        QVERIFY(gateway.gauge("cluster.up.upstream_cx_rx_bytes_buffered") > 0);
        QCOMPARE(gateway.gauge("cluster.up.upstream_cx_tx_bytes_buffered"), 0);
        std::size_t received = 1;
        for (std::string piece = client.read(1 << 20); !piece.empty(); piece = client.read(1 << 20))
            received += piece.size();
        QVERIFY(received >= Total);
        QCOMPARE(received, sent.load());
        QTRY_COMPARE(gateway.counter(flow + "paused_reading_total"),
                     gateway.counter(flow + "resumed_reading_total"));
        QCOMPARE(gateway.counter("tcp.tcp.downstream_flow_control_paused_reading_total"), 0U);
        client.close();
        for (const char *gauge :
             {"tcp.tcp.downstream_cx_tx_bytes_buffered", "cluster.up.upstream_cx_rx_bytes_buffered"})
            QTRY_COMPARE(gateway.gauge(gauge), 0);
    }

    /// And a slow host its client (envoy-behaviour.md 9.3).
    void slowHostStopsTheClient()
    {
        std::atomic<bool> reads{false};
        std::atomic<std::size_t> received{0};
        Peer up([&](int fd) {
            while (!reads)
                QThread::msleep(1);
            std::string block(64 * 1024, '\0');
            for (ssize_t n = 0; (n = ::recv(fd, block.data(), block.size(), 0)) > 0;)
                received += static_cast<std::size_t>(n);
        });
        RunningServer gateway(
            bootstrap(listener("in", 0, chain(tcpProxy()), R"("per_connection_buffer_limit_bytes": 65536)"),
                      cluster("up", {up.port}, R"("per_connection_buffer_limit_bytes": 65536)")));
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        std::atomic<std::size_t> sent{0};
        std::atomic<bool> ends{false};
        std::jthread sender([&] {
            const std::string block(64 * 1024, 'x');
            while (!ends) {
                const ssize_t n = ::send(client.fd(), block.data(), block.size(), MSG_NOSIGNAL);
                if (n <= 0)
                    break;
                sent += static_cast<std::size_t>(n);
            }
            ::shutdown(client.fd(), SHUT_WR);
        });
        const auto release = qScopeGuard([&] { ends = reads = true; });
        const std::string flow = "tcp.tcp.downstream_flow_control_";
        std::size_t before = 0;
        for (int quiet = 0; quiet < 5; quiet = sent == before ? quiet + 1 : 0) {
            before = sent;
            QTest::qWait(100);
        }
        QTRY_VERIFY(gateway.counter(flow + "paused_reading_total") > 0);
        QTRY_COMPARE(gateway.counter(flow + "paused_reading_total"),
                     gateway.counter(flow + "resumed_reading_total") + 1);
        QTRY_VERIFY(gateway.gauge("cluster.up.upstream_cx_tx_bytes_buffered") > 0);
        QVERIFY(gateway.gauge("tcp.tcp.downstream_cx_rx_bytes_buffered") > 0);
        QCOMPARE(gateway.gauge("tcp.tcp.downstream_cx_tx_bytes_buffered"), 0);
        ends = true;
        reads = true;
        sender.join();
        QTRY_COMPARE(received.load(), sent.load());
        QTRY_COMPARE(gateway.counter(flow + "paused_reading_total"),
                     gateway.counter(flow + "resumed_reading_total"));
        QCOMPARE(gateway.counter("cluster.up.upstream_flow_control_paused_reading_total"), 0U);
        // With the connections their shares go.
        for (const char *gauge :
             {"cluster.up.upstream_cx_tx_bytes_buffered", "tcp.tcp.downstream_cx_rx_bytes_buffered"})
            QTRY_COMPARE(gateway.gauge(gauge), 0);
    }

    void refusedConnectionIsTriedAgain()
    {
        RunningServer gateway(
            simple(R"("cluster": "up", "max_connect_attempts": 3)", cluster("up", {freePort()})));
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        QCOMPARE(client.readAll(), std::string());
        QTRY_COMPARE(gateway.log(logPath()).size(), 1);
        QVERIFY(gateway.log(logPath())[0].startsWith("UF,URX 0 0 up 127.0.0.1:"));
        QVERIFY(gateway.log(logPath())[0].contains("delayed_connect_error:_Connection_refused"));
        QCOMPARE(gateway.counter("cluster.up.upstream_cx_connect_fail"), 3U);
        QCOMPARE(gateway.counter("cluster.up.upstream_cx_connect_attempts_exceeded"), 1U);
        QCOMPARE(gateway.counter("cluster.up.upstream_rq_pending_failure_eject"), 3U);
        QCOMPARE(gateway.gauge("cluster.up.upstream_rq_pending_active"), 0);
    }

    void saysWhyThereIsNoUpstream_data()
    {
        QTest::addColumn<QString>("proxy");
        QTest::addColumn<QString>("clusters");
        QTest::addColumn<QByteArray>("line");
        QTest::newRow("unknown cluster") << R"("cluster": "gone")"
                                         << "" << QByteArray("NC 0 0 - - - -");
        QTest::newRow("no host") << R"("cluster": "up")" << cluster("up", {})
                                 << QByteArray("UH 0 0 up - - -");
        QTest::newRow("breaker") << R"("cluster": "up")"
                                 << cluster("up", {1}, R"("circuit_breakers": {"thresholds": [
                                        {"max_connections": 0}]})")
                                 << QByteArray("UO 0 0 up - - -");
    }
    void saysWhyThereIsNoUpstream()
    {
        QFETCH(QString, proxy);
        QFETCH(QString, clusters);
        QFETCH(QByteArray, line);
        RunningServer gateway(simple(proxy, clusters));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        QCOMPARE(client.readAll(), std::string());
        compareLog(gateway, {line});
    }

    void resetGoesOnAsReset()
    {
        Peer up([](int fd) {
            char byte = 0;
            ::recv(fd, &byte, 1, 0);
            Peer::reset(fd);
        });
        RunningServer gateway(simple(R"("cluster": "up")", cluster("up", {up.port})));
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        client.send("x");
        QCOMPARE(client.readAll(), std::string());
        QVERIFY(client.wasReset);
        compareLog(gateway, {QStringLiteral("UR 1 0 up 127.0.0.1:%1 - -").arg(up.port).toUtf8()});

        Collector collector;
        Peer second([&](int fd) { collector.serve(fd); });
        RunningServer other(simple(R"("cluster": "up")", cluster("up", {second.port})));
        QTRY_VERIFY(other.live);
        Client leaving(other.port("in"));
        leaving.send("x");
        QTRY_COMPARE(collector.bytes(), std::string("x"));
        leaving.reset();
        QTRY_VERIFY(collector.ended());
        QVERIFY(collector.wasReset());
    }

    /// A host that ended, and then refuses what still comes for it, has not reset anything: only ECONNRESET
    /// is UR (measured, 1.40).
    void anEndedHostThatTakesNoMoreIsNoReset()
    {
        Peer up([](int fd) {
            char byte = 0;
            ::recv(fd, &byte, 1, 0);
            ::send(fd, "bye", 3, MSG_NOSIGNAL);
        });
        RunningServer gateway(simple(R"("cluster": "up")", cluster("up", {up.port})));
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        client.send("x");
        QCOMPARE(client.readAll(), std::string("bye"));
        QVERIFY(!client.wasReset);
        client.send("one");
        QTRY_COMPARE(gateway.counter("cluster.up.upstream_cx_tx_bytes_total"), 4U);
        client.send("two");
        compareLog(gateway, {QStringLiteral("- 7 3 up 127.0.0.1:%1 - -").arg(up.port).toUtf8()});
    }

    /// What a client sent before it went away still reaches the host.
    void lastBytesArriveAfterTheClientIsGone()
    {
        constexpr std::size_t Total = 8U << 20U;
        std::atomic<bool> go{false};
        Collector collector;
        Peer up([&](int fd) {
            while (!go)
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            collector.serve(fd);
        });
        RunningServer gateway(simple(R"("cluster": "up")", cluster("up", {up.port})));
        QTRY_VERIFY(gateway.live);
        {
            Client client(gateway.port("in"));
            std::jthread sender([&] {
                client.send(std::string(Total, 'y'));
                client.close();
            });
            QTest::qWait(50);
            go = true;
            sender.join();
        }
        QTRY_VERIFY_WITH_TIMEOUT(collector.ended(), 20000);
        QCOMPARE(collector.bytes().size(), Total);
        QTRY_COMPARE(gateway.gauge("tcp.tcp.upstream_flush_active"), 0);
    }

    void idleConnectionEnds()
    {
        Peer up(Peer::echo);
        RunningServer gateway(simple(R"("cluster": "up", "idle_timeout": "0.2s")", cluster("up", {up.port})));
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        client.send("x");
        QCOMPARE(client.read(1), std::string("x"));
        QCOMPARE(client.readAll(), std::string());
        QVERIFY(!client.stillOpen);
        QTRY_COMPARE(gateway.counter("tcp.tcp.idle_timeout"), 1U);
        compareLog(gateway, {QStringLiteral("- 1 1 up 127.0.0.1:%1 - -").arg(up.port).toUtf8()});
    }

    void longConnectionEnds()
    {
        Peer up(Peer::echo);
        RunningServer gateway(simple(R"("cluster": "up", "max_downstream_connection_duration": "0.2s")",
                                     cluster("up", {up.port})));
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        QCOMPARE(client.readAll(), std::string());
        QVERIFY(!client.stillOpen);
        compareLog(gateway, {QStringLiteral("DT 0 0 up 127.0.0.1:%1 - -").arg(up.port).toUtf8()});
        QCOMPARE(gateway.counter("tcp.tcp.max_downstream_connection_duration"), 1U);
    }

    void weightsDivideConnections()
    {
        Peer a(Peer::saying("a"));
        Peer b(Peer::saying("b"));
        RunningServer gateway(simple(R"("weighted_clusters": {"clusters": [{"name": "a", "weight": 1},
                      {"name": "b", "weight": 3}]})",
                                     cluster("a", {a.port}) + ',' + cluster("b", {b.port})));
        QTRY_VERIFY(gateway.live);
        int seenA = 0;
        for (int i = 0; i < 200; ++i) {
            Client client(gateway.port("in"));
            seenA += client.read(1) == "a" ? 1 : 0;
        }
        // 50 expected; six standard deviations.
        QVERIFY2(seenA > 13 && seenA < 87, qPrintable(QString::number(seenA)));
    }

    void sniNamesTheCluster()
    {
        const TestPki pki;
        Peer one(Peer::saying("one"));
        const QString sniCluster = filter("envoy.extensions.filters.network.sni_cluster.v3.SniCluster", {});
        RunningServer gateway(
            bootstrap(listener("in", 0, chain(sniCluster + ',' + tcpProxy(R"("cluster": "other")")),
                               listenerFilters(listenerFilter("tls_inspector", "TlsInspector"))),
                      cluster("test.com", {one.port}) + ',' + cluster("other", {freePort()})));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        ChildProgram openssl({"openssl", "s_client", "-connect",
                              QString("127.0.0.1:%1").arg(gateway.port("in")), "-servername", "test.com"});
        QTRY_COMPARE(one.connections.load(), 1);
    }

    void tellsTheHostWhoComes()
    {
        Collector collector;
        Peer up([&](int fd) { collector.serve(fd); });
        RunningServer gateway(
            simple(R"("cluster": "up")",
                   cluster("up", {up.port},
                           QStringLiteral(R"("transport_socket": {"name": "p", "typed_config": {%1,
                        "config": {"version": "V1"}, "transport_socket": {"name": "raw", "typed_config": {%2}}}})")
                               .arg(type("envoy.extensions.transport_sockets.proxy_protocol.v3."
                                         "ProxyProtocolUpstreamTransport"),
                                    type("envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer")))));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        const QString header = QStringLiteral("PROXY TCP4 127.0.0.1 127.0.0.1 %1 %2\r\nhi")
                                   .arg(client.localPort())
                                   .arg(gateway.port("in"));
        client.send("hi");
        QTRY_COMPARE(QString::fromStdString(collector.bytes()), header);
    }

    void originalDestinationComesFromTheProxyHeader()
    {
        Peer up(Peer::saying("wanted"));
        RunningServer gateway(bootstrap(
            listener("in", 0, chain(logged(R"("cluster": "orig")")), listenerFilters(proxyProtocolFilter())),
            QStringLiteral(R"({"name": "orig", "type": "ORIGINAL_DST", "lb_policy": "CLUSTER_PROVIDED",
                             "connect_timeout": "1s"})")));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        client.send(QStringLiteral("PROXY TCP4 10.1.2.3 127.0.0.1 1234 %1\r\n").arg(up.port).toStdString());
        QCOMPARE(client.read(6), std::string("wanted"));
        client.close();
        compareLog(gateway, {QStringLiteral("- 0 6 orig 127.0.0.1:%1 - -").arg(up.port).toUtf8()});
    }

    void speaksTlsToTheHost()
    {
        const TestPki pki;
        const quint16 port = freePort();
        const ChildProgram server({"openssl", "s_server", "-accept", QString("127.0.0.1:%1").arg(port),
                                   "-cert", pki.path("server.pem"), "-key", pki.path("server.key"), "-Verify",
                                   "1", "-CAfile", pki.path("ca.pem"), "-rev", "-quiet"});
        QTRY_VERIFY(Client(port).connected);
        const auto tls = [&](const QString &name) {
            return cluster(
                "up", {port},
                QStringLiteral(R"("transport_socket": {"name": "tls", "typed_config": {%1, "sni": "test.com",
                    "common_tls_context": {"tls_certificates": [{"certificate_chain": {"filename": "%2"},
                    "private_key": {"filename": "%3"}}], "validation_context": {"trusted_ca": {"filename": "%4"},
                    "match_typed_subject_alt_names": [{"san_type": "DNS", "matcher": {"exact": "%5"}}]}}}})")
                    .arg(type("envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"),
                         pki.path("client.pem"), pki.path("client.key"), pki.path("ca.pem"), name));
        };
        {
            RunningServer gateway(simple(R"("cluster": "up")", tls("test.com")));
            QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
            QTRY_VERIFY(gateway.live);
            Client client(gateway.port("in"));
            client.send("hello\n");
            QCOMPARE(client.read(6), std::string("olleh\n"));
            QTRY_COMPARE(gateway.counter("cluster.up.ssl.handshake"), 1U);
        }
        QFile::remove(logPath());
        RunningServer gateway(simple(R"("cluster": "up")", tls("wrong.com")));
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        QCOMPARE(client.readAll(), std::string());
        QTRY_COMPARE(gateway.log(logPath()).size(), 1);
        QVERIFY(gateway.log(logPath())[0].startsWith("UF,URX 0 0 up"));
        QVERIFY(gateway.log(logPath())[0].contains("CERTIFICATE_VERIFY_FAILED"));
    }
};

SALLYPORT_EPOLL_MAIN(TestTcpProxy)
#include "test_tcp_proxy.moc"
