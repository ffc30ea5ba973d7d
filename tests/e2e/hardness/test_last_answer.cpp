// SPDX-License-Identifier: GPL-3.0-or-later
// After an answer that says `connection: close` there is none, though the next request came with the first.
#include "tests/e2e/hardness/attacked_gateway.h"
#include "tests/e2e/hardness/odd_upstream.h"

class TestLastAnswer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { SALLYPORT_NEEDS_ENGINE(); }

    void isTheLast_data()
    {
        QTest::addColumn<QByteArray>("first");
        QTest::addColumn<QByteArray>("status");
        QTest::newRow("no Host") << QByteArray("GET /d HTTP/1.1\r\n\r\n") << QByteArray("400");
        QTest::newRow("a fragment") << QByteArray("GET /d#a HTTP/1.1\r\nHost: h\r\n\r\n")
                                    << QByteArray("400");
        QTest::newRow("direct response")
            << QByteArray("GET /d HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n") << QByteArray("204");
        QTest::newRow("upstream") << QByteArray("GET /u HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                                  << QByteArray("200");
    }
    void isTheLast()
    {
        QFETCH(QByteArray, first);
        QFETCH(QByteArray, status);
        OddUpstream upstream;
        AttackedGateway gateway(
            upstream.port(),
            httpManager({}, R"({"match": {"path": "/d"}, "direct_response": {"status": 204}})"));
        for (const char *second : {"/d", "/smuggled"}) {
            Client client(gateway.port);
            client.send(first.toStdString() + "GET " + second + " HTTP/1.1\r\nHost: h\r\n\r\n");
            const QByteArray answer = QByteArray::fromStdString(client.readAll());
            QVERIFY2(answer.startsWith("HTTP/1.1 " + status), answer.left(60).constData());
            QCOMPARE(answer.count("HTTP/1.1 "), 1);
            QVERIFY(!client.stillOpen);
        }
        QVERIFY(!upstream.seen().contains("GET /smuggled HTTP/1.1"));
    }
};

QTEST_GUILESS_MAIN(TestLastAnswer)
#include "test_last_answer.moc"
