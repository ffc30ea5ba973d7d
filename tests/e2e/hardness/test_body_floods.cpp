// SPDX-License-Identifier: GPL-3.0-or-later
// Bodies that are larger than the memory should be.
#include "tests/e2e/hardness/attacked_gateway.h"
#include "tests/e2e/hardness/good_client.h"
#include "tests/e2e/hardness/odd_upstream.h"

class TestBodyFloods : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { SALLYPORT_NEEDS_ENGINE(); }

    /// An upstream that reads as it likes gets everything.
    void passThrough()
    {
        constexpr int Blocks = 256;
        std::atomic<qint64> received{0};
        OddUpstream upstream([&received](int fd, const std::string &) {
            std::vector<char> block(std::size_t(256) * 1024);
            while (received < qint64(Blocks) * MiB) {
                const ssize_t got = ::recv(fd, block.data(), block.size(), 0);
                if (got <= 0)
                    return;
                received += got;
            }
            Peer::sendAll(fd, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        });
        AttackedGateway gateway(upstream.port());
        GoodClient good(gateway.port);
        Client client(gateway.port);
        client.send("POST /upload HTTP/1.1\r\nhost: h\r\ncontent-length: " + std::to_string(Blocks * MiB) +
                    "\r\n\r\n");
        const std::string block(MiB, 'x');
        for (int i = 0; i < Blocks; ++i)
            client.send(block);
        QCOMPARE(client.read(12), std::string("HTTP/1.1 200"));
        QCOMPARE(received.load(), qint64(Blocks) * MiB);
        QVERIFY(good.isServed());
        QVERIFY(gateway.growth("256 MiB through") < 48 * MiB);
    }

    /// One that does not read stops its clients, and nobody else.
    void nobodyReads()
    {
        std::atomic<bool> over{false};
        OddUpstream upstream([&over](int, const std::string &) {
            while (!over)
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
        });
        AttackedGateway gateway(upstream.port());
        GoodClient good(gateway.port);
        const std::string block(MiB, 'x');
        std::vector<std::unique_ptr<Client>> clients;
        for (int i = 0; i < 20; ++i) {
            clients.push_back(std::make_unique<Client>(gateway.port));
            clients.back()->send("POST /upload HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n");
            clients.back()->setPatience(std::chrono::milliseconds(200));
            for (int j = 0; j < 64 && clients.back()->sendsAll("100000\r\n" + block + "\r\n"); ++j) {
            }
        }
        QVERIFY(good.isServed());
        // 20 of 64 MiB were offered; a connection's buffer takes one on each side.
        QVERIFY(gateway.growth("unread bodies") < 160 * MiB);
        over = true;
    }

    void answeredBeforeItIsRead()
    {
        OddUpstream upstream;
        AttackedGateway gateway(
            upstream.port(),
            httpManager({}, R"({"match": {"prefix": "/no"}, "direct_response": {"status": 403}})"));
        GoodClient good(gateway.port);
        const std::string block(MiB, 'x');
        for (int i = 0; i < 20; ++i) {
            Client client(gateway.port);
            client.send("POST /no HTTP/1.1\r\nhost: h\r\ncontent-length: 1000000000\r\n\r\n");
            for (int j = 0; j < 64 && client.sendsAll(block); ++j) {
            }
            client.readAll();
            QVERIFY(!client.stillOpen);
        }
        QCOMPARE(gateway.stat("http.in.downstream_rq_4xx"), 20);
        QVERIFY(good.isServed());
        QVERIFY(gateway.growth("refused bodies") < 32 * MiB);
    }
};

QTEST_GUILESS_MAIN(TestBodyFloods)
#include "test_body_floods.moc"
