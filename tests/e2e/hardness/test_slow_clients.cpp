// SPDX-License-Identifier: GPL-3.0-or-later
// Clients that take their time: with the handshake, with the head, with the body, with reading.
#include "tests/e2e/hardness/attacked_gateway.h"
#include "tests/e2e/hardness/good_client.h"
#include "tests/e2e/hardness/http2_bytes.h"
#include "tests/e2e/hardness/odd_upstream.h"
#include "tests/proxy/net/test_pki.h"

class TestSlowClients : public QObject
{
    Q_OBJECT

    static constexpr int Clients = 300;

    static OddUpstream::Odd largeAnswer()
    {
        return [](int fd, const std::string &) {
            Peer::sendAll(fd, "HTTP/1.1 200 OK\r\ncontent-length: 33554432\r\n\r\n");
            const std::string block(1024 * 1024, 'x');
            for (int i = 0; i < 32; ++i)
                Peer::sendAll(fd, block);
        };
    }

private Q_SLOTS:
    void initTestCase() { SALLYPORT_NEEDS_ENGINE(); }

    void unfinishedHandshakesEnd_data()
    {
        QTest::addColumn<QString>("fields");
        QTest::addColumn<QByteArray>("counter");
        QTest::newRow("listener filter")
            << QStringLiteral(R"("listener_filters_timeout": "1s", "listener_filters": [%1])")
                   .arg(bootstrap_text::listenerFilter("tls_inspector", "TlsInspector"))
            << QByteArray("downstream_pre_cx_timeout");
        QTest::newRow("handshake") << QString()
                                   << QByteArray("downstream_cx_transport_socket_connect_timeout");
    }
    void unfinishedHandshakesEnd()
    {
        QFETCH(QString, fields);
        QFETCH(QByteArray, counter);
        using namespace bootstrap_text;
        const TestPki pki;
        OddUpstream upstream;
        // Two listeners: one for those who cannot begin, one for the others.
        const quint16 tls = freePort();
        AttackedGateway gateway([&](quint16 port) {
            return bootstrap(
                listener("main", port, chain(httpManager())) + ',' +
                    listener("tls", tls,
                             chain(httpManager(), serverTls(pki.path("server.pem"), pki.path("server.key")) +
                                                      R"(, "transport_socket_connect_timeout": "1s")"),
                             fields),
                cluster("up", {upstream.port()}));
        });
        GoodClient good(gateway.port);
        std::vector<std::unique_ptr<Client>> slow;
        for (int i = 0; i < Clients; ++i) {
            slow.push_back(std::make_unique<Client>(tls));
            slow.back()->send(std::string_view("\x16\x03\x01\x02\x00\x01\x00\x01", 8));
        }
        QVERIFY(good.isServed());
        for (const auto &client : slow) {
            QCOMPARE(client->readAll(), std::string());
            QVERIFY(!client->stillOpen);
        }
        QTRY_COMPARE(gateway.stat("listener.127.0.0.1_" + QByteArray::number(tls) + '.' + counter), Clients);
        QVERIFY(good.isServed());
        QVERIFY(gateway.growth("unfinished handshakes") < 48 * MiB);
    }

    void unfinishedRequestsEnd_data()
    {
        QTest::addColumn<QByteArray>("begin");
        QTest::addColumn<QByteArray>("counter");
        QTest::newRow("head") << QByteArray("GET / HTTP/1.1\r\nhost: h\r\nx-slow: ")
                              << QByteArray("http.in.downstream_rq_header_timeout");
        QTest::newRow("body") << QByteArray(
                                     "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 1000000\r\n\r\nabc")
                              << QByteArray("http.in.downstream_rq_idle_timeout");
    }
    void unfinishedRequestsEnd()
    {
        QFETCH(QByteArray, begin);
        QFETCH(QByteArray, counter);
        OddUpstream upstream([](int fd, const std::string &) {
            char byte = 0;
            while (::recv(fd, &byte, 1, 0) > 0) {
            }
        });
        AttackedGateway gateway(
            upstream.port(), httpManager(R"("request_headers_timeout": "1s", "stream_idle_timeout": "2s")"));
        GoodClient good(gateway.port);
        std::vector<std::unique_ptr<Client>> slow;
        for (int i = 0; i < Clients; ++i) {
            slow.push_back(std::make_unique<Client>(gateway.port));
            slow.back()->send(begin.toStdString());
        }
        QVERIFY(good.isServed());
        for (const auto &client : slow)
            QCOMPARE(QByteArray::fromStdString(client->readAll()).left(12), QByteArray("HTTP/1.1 408"));
        QCOMPARE(gateway.stat(counter), Clients);
        QVERIFY(good.isServed());
        QVERIFY(gateway.growth("slow requests") < 48 * MiB);
    }

    /// What nobody reads waits at the upstream, not here.
    void unreadAnswersAreNotKept()
    {
        OddUpstream upstream(largeAnswer());
        AttackedGateway gateway(upstream.port(), httpManager(),
                                R"("per_connection_buffer_limit_bytes": 32768)");
        GoodClient good(gateway.port);
        std::vector<std::unique_ptr<Client>> readers;
        for (int i = 0; i < 40; ++i) {
            readers.push_back(std::make_unique<Client>(gateway.port));
            readers.back()->setReceiveBuffer(4096);
            readers.back()->send("GET /large HTTP/1.1\r\nhost: h\r\n\r\n");
        }
        for (const auto &reader : readers)
            QCOMPARE(reader->read(12), std::string("HTTP/1.1 200"));
        QVERIFY(good.isServed(200));
        // 40 of 32 MiB were asked for.
        QVERIFY(gateway.growth("unread answers") < 160 * MiB);
        readers.clear();
        // The good one's own may be under way.
        QTRY_VERIFY_WITH_TIMEOUT(gateway.stat("cluster.up.upstream_rq_active") <= 1, 20000);
        QVERIFY(good.isServed());
    }

    /// The same where one connection asks for all of them and opens no window.
    void unreadStreamsAreNotKept()
    {
        using namespace http2_bytes;
        constexpr int Streams = 40;
        OddUpstream upstream(largeAnswer());
        AttackedGateway gateway(
            upstream.port(),
            httpManager(R"("http2_protocol_options": {"initial_stream_window_size": 65535})"),
            R"("per_connection_buffer_limit_bytes": 32768)");
        GoodClient good(gateway.port);
        // SETTINGS_INITIAL_WINDOW_SIZE 0
        Client reader(gateway.port);
        reader.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" +
                    frame(Settings, 0, 0, std::string_view("\0\x4\0\0\0\0", 6)));
        for (int i = 0; i < Streams; ++i)
            reader.send(
                frame(Headers, EndHeaders | EndStream, static_cast<std::uint32_t>(2 * i + 1), head()));
        QTRY_COMPARE_WITH_TIMEOUT(upstream.seen().size(), Streams, 20000);
        QVERIFY(good.isServed(200));
        QVERIFY(gateway.stat("http.in.downstream_rq_active") >= Streams);
        QVERIFY(gateway.growth("unread streams") < 64 * MiB);
        reader.close();
        QTRY_VERIFY_WITH_TIMEOUT(gateway.stat("cluster.up.upstream_rq_active") <= 1, 20000);
        QVERIFY(good.isServed());
    }
};

QTEST_GUILESS_MAIN(TestSlowClients)
#include "test_slow_clients.moc"
