// SPDX-License-Identifier: GPL-3.0-or-later
// Heads that are larger than they look, or never end.
#include "tests/e2e/hardness/attacked_gateway.h"
#include "tests/e2e/hardness/good_client.h"
#include "tests/e2e/hardness/http2_outcome.h"
#include "tests/e2e/hardness/odd_upstream.h"

using namespace http2_bytes;

class TestHeaderBombs : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { SALLYPORT_NEEDS_ENGINE(); }

    void http1_data()
    {
        QTest::addColumn<QByteArray>("piece");
        QTest::addColumn<int>("pieces");
        QTest::newRow("one large field") << QByteArray("x: ").append(QByteArray(65536, 'x')) << 1;
        QTest::newRow("a field without end") << QByteArray(65536, 'x') << 400;
        QTest::newRow("many fields") << QByteArray("x: y\r\n").repeated(4096) << 1;
        QTest::newRow("fields without end") << QByteArray("x: y\r\n").repeated(4096) << 400;
    }
    void http1()
    {
        QFETCH(QByteArray, piece);
        QFETCH(int, pieces);
        OddUpstream upstream;
        // Nobody waits for whoever was refused.
        AttackedGateway gateway(upstream.port(), httpManager(R"("delayed_close_timeout": "0.05s")"));
        GoodClient good(gateway.port);
        constexpr int Clients = 8;
        for (int i = 0; i < Clients; ++i) {
            Client client(gateway.port);
            client.send("GET / HTTP/1.1\r\nhost: h\r\n");
            for (int j = 0; j < pieces && client.sendsAll(piece.toStdString()); ++j) {
            }
            client.send("\r\n\r\n");
            const QByteArray answer = QByteArray::fromStdString(client.readAll());
            QVERIFY2(client.wasReset || answer.startsWith("HTTP/1.1 431 "), answer.left(60).constData());
        }
        QVERIFY(upstream.seen().isEmpty());
        QCOMPARE(gateway.stat("http.in.downstream_cx_protocol_error"), Clients);
        QVERIFY(good.isServed());
        QVERIFY(gateway.growth("heads of HTTP/1") < 32 * MiB);
    }

    /// A field of 4000 bytes in the table, then one byte each time it is meant.
    void compressed()
    {
        OddUpstream upstream;
        AttackedGateway gateway(upstream.port());
        GoodClient good(gateway.port);
        std::string field("\x40\x01x\x7f\xa1\x1e", 6);
        field += std::string(4000, 'y');
        for (int i = 0; i < 20; ++i) {
            Client client(gateway.port);
            client.send(preface());
            client.send(
                frame(Headers, EndHeaders | EndStream, 1, head() + field + std::string(12000, '\xbe')));
            QCOMPARE(becomes(client), QByteArray("reset"));
        }
        QVERIFY(upstream.seen().isEmpty());
        QVERIFY(gateway.isRunning());
        QVERIFY(good.isServed());
        // 20 times 48 MB, as fields.
        QVERIFY(gateway.growth("compressed heads") < 32 * MiB);
    }
};

QTEST_GUILESS_MAIN(TestHeaderBombs)
#include "test_header_bombs.moc"
