// SPDX-License-Identifier: GPL-3.0-or-later
// Upstreams that hang, break off, send what is not HTTP or without end: their clients get Envoy's answer, the
// others theirs.
#include "tests/e2e/hardness/attacked_gateway.h"
#include "tests/e2e/hardness/good_client.h"
#include "tests/e2e/hardness/odd_upstream.h"

#include <QThread>

Q_DECLARE_METATYPE(OddUpstream::Odd)

class TestBrokenUpstreams : public QObject
{
    Q_OBJECT

    /// Until the gateway has had enough.
    static void sendForEver(int fd, const std::string &bytes)
    {
        while (::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0) {
        }
    }

private Q_SLOTS:
    void initTestCase() { SALLYPORT_NEEDS_ENGINE(); }

    void answers_data()
    {
        QTest::addColumn<OddUpstream::Odd>("odd");
        QTest::addColumn<QByteArray>("status");
        QTest::addColumn<QByteArray>("counter");
        using Odd = OddUpstream::Odd;
        const auto row = [](const char *name, const Odd &odd, const char *status, const char *counter) {
            QTest::newRow(name) << odd << QByteArray(status) << QByteArray(counter);
        };
        const auto waitForEnd = [](int fd) {
            char bytes[4096];
            while (::recv(fd, bytes, sizeof bytes, 0) > 0) {
            }
        };
        row(
            "hangs", [waitForEnd](int fd, const std::string &) { waitForEnd(fd); }, "504",
            "cluster.up.upstream_rq_timeout");
        row(
            "hangs within its head",
            [waitForEnd](int fd, const std::string &) {
                Peer::sendAll(fd, "HTTP/1.1 200 OK\r\nx: ");
                waitForEnd(fd);
            },
            "504", "cluster.up.upstream_rq_timeout");
        row(
            "closes", [](int, const std::string &) {}, "503",
            "cluster.up.upstream_cx_destroy_remote_with_active_rq");
        row(
            "resets", [](int fd, const std::string &) { Peer::reset(fd); }, "503",
            "cluster.up.upstream_cx_destroy_remote_with_active_rq");
        row(
            "garbage",
            [](int fd, const std::string &) { Peer::sendAll(fd, "\x16\x03\x01 this is not HTTP\r\n\r\n"); },
            "502", "cluster.up.upstream_cx_protocol_error");
        row(
            "a head without end",
            [](int fd, const std::string &) {
                Peer::sendAll(fd, "HTTP/1.1 200 OK\r\n");
                sendForEver(fd, "x: " + std::string(8000, 'x') + "\r\n");
            },
            "502", "cluster.up.upstream_cx_protocol_error");
        row(
            "a field without end",
            [](int fd, const std::string &) {
                Peer::sendAll(fd, "HTTP/1.1 200 OK\r\nx: ");
                sendForEver(fd, std::string(65536, 'x'));
            },
            "502", "cluster.up.upstream_cx_protocol_error");
        row(
            "interim answers without end",
            [](int fd, const std::string &) {
                std::string many;
                for (int i = 0; i < 1000; ++i)
                    many += "HTTP/1.1 100 Continue\r\n\r\n";
                sendForEver(fd, many);
            },
            "504", "cluster.up.upstream_rq_timeout");
        row(
            "a body cut short",
            [](int fd, const std::string &) {
                Peer::sendAll(fd, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n123456789");
            },
            "200", "cluster.up.upstream_cx_protocol_error");
        row(
            "a body reset",
            [](int fd, const std::string &) {
                Peer::sendAll(fd, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n123456789");
                // What has come before a reset is read if the gateway has time for it.
                QThread::msleep(200);
                Peer::reset(fd);
            },
            "200", "cluster.up.upstream_cx_protocol_error");
        row(
            "a chunk cut short",
            [](int fd, const std::string &) {
                Peer::sendAll(fd, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n123456789");
            },
            "200", "cluster.up.upstream_cx_protocol_error");
    }
    void answers()
    {
        QFETCH(OddUpstream::Odd, odd);
        QFETCH(QByteArray, status);
        QFETCH(QByteArray, counter);
        OddUpstream upstream(std::move(odd));
        AttackedGateway gateway(
            upstream.port(),
            httpManager({},
                        R"({"match": {"prefix": "/odd"}, "route": {"cluster": "up", "timeout": "0.5s"}})"));
        GoodClient good(gateway.port);
        constexpr int Clients = 20;
        std::vector<std::unique_ptr<Client>> clients;
        for (int i = 0; i < Clients; ++i) {
            clients.push_back(std::make_unique<Client>(gateway.port));
            clients.back()->send("GET /odd HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
        }
        QVERIFY(good.isServed());
        for (const auto &client : clients) {
            const QByteArray answer = QByteArray::fromStdString(client->readAll());
            QVERIFY2(answer.startsWith("HTTP/1.1 " + status), answer.left(80).constData());
            QVERIFY(!client->stillOpen);
            if (status == "200")
                QVERIFY(answer.contains("123456789") && !answer.endsWith("0\r\n\r\n"));
        }
        QTRY_COMPARE(gateway.stat(counter), Clients);
        QTRY_COMPARE(gateway.stat("http.in.downstream_rq_active") <= 1, true);
        QVERIFY(good.isServed());
        QVERIFY(gateway.growth("broken upstream") < 64 * MiB);
    }
};

QTEST_GUILESS_MAIN(TestBrokenUpstreams)
#include "test_broken_upstreams.moc"
