// SPDX-License-Identifier: GPL-3.0-or-later
// Two readers of the same bytes must see the same requests: whatever could be read in two ways is refused,
// with Envoy's status, and nothing of it reaches an upstream. What Envoy lets through is one request for
// everybody.
#include "tests/e2e/hardness/smuggling_target.h"

class TestRequestSmuggling : public QObject
{
    Q_OBJECT

    /// What a careless reader behind the gateway would take for a request of its own.
    static QByteArray smuggled() { return "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"; }

    std::unique_ptr<SmugglingTarget> m_target;

private Q_SLOTS:
    void initTestCase()
    {
        SALLYPORT_NEEDS_ENGINE();
        m_target = std::make_unique<SmugglingTarget>();
    }
    void cleanupTestCase() { m_target.reset(); }

    void refused_data()
    {
        QTest::addColumn<QByteArray>("request");
        QTest::addColumn<QByteArray>("status");
        const auto post = [](const QByteArray &fields, const QByteArray &body) {
            return "POST /first HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n" + body;
        };
        const auto row = [](const char *name, const QByteArray &request, const char *status = "400") {
            QTest::newRow(name) << request << QByteArray(status);
        };
        const QByteArray chunked = "Transfer-Encoding: chunked\r\n";
        const QByteArray end = "0\r\n\r\n";
        // Two lengths.
        row("CL.TE", post("Content-Length: 6\r\n" + chunked, end + "G"));
        row("TE.CL", post(chunked + "Content-Length: 4\r\n", "5c\r\n" + end));
        row("chunked and length 0", post(chunked + "Content-Length: 0\r\n", end));
        row("chunked and length 1", post(chunked + "Content-Length: 1\r\n", end));
        row("chunked and length 100", post(chunked + "Content-Length: 100\r\n", end));
        row("two equal lengths", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"));
        row("two different lengths", post("Content-Length: 3\r\nContent-Length: 4\r\n", "abc"));
        row("a list of lengths", post("Content-Length: 3, 3\r\n", "abc"));
        row("a signed length", post("Content-Length: +3\r\n", "abc"));
        row("a negative length", post("Content-Length: -1\r\n", "abc"));
        row("a hexadecimal length", post("Content-Length: 0x3\r\n", "abc"));
        row("a length with space within", post("Content-Length: 3 3\r\n", "abc"));
        row("a length of letters", post("Content-Length: abc\r\n", "abc"));
        row("a length beyond 64 bits", post("Content-Length: 18446744073709551619\r\n", "abc"));
        // Codings that only some readers know.
        row("TE.TE: identity", post("Transfer-Encoding: identity\r\n", end), "501");
        row("TE.TE: gzip", post("Transfer-Encoding: gzip\r\n", end), "501");
        row("TE.TE: list", post("Transfer-Encoding: identity, chunked\r\n", end), "501");
        row("TE.TE: list the other way", post("Transfer-Encoding: chunked, identity\r\n", end), "501");
        row("TE.TE: twice", post(chunked + chunked, end), "501");
        row("TE.TE: xchunked", post("Transfer-Encoding: xchunked\r\n", end), "501");
        row("TE.TE: quoted", post("Transfer-Encoding: \"chunked\"\r\n", end), "501");
        row("TE.TE: parameter", post("Transfer-Encoding: chunked;q=1\r\n", end), "501");
        row("TE.TE: control", post("Transfer-Encoding: \x0b"
                                   "chunked\r\n",
                                   end));
        row("TE.TE: length too", post("Transfer-Encoding: x\r\nContent-Length: 5\r\n", end));
        row("TE.TE: folded", post("Transfer-Encoding:\r\n identity\r\n", end), "501");
        row("TE.TE: space before the colon", post("Transfer-Encoding : chunked\r\n", end));
        row("TE.TE: tab before the colon", post("Transfer-Encoding\t: chunked\r\n", end));
        // Names and lines.
        row("a name with CR", post("fo\ro: bar\r\n", {}));
        row("a name with a space", post("fo o: bar\r\n", {}));
        row("a name with a bracket", post("fo[o: bar\r\n", {}));
        row("a name beyond ASCII", post("f\xc3\xb6o: bar\r\n", {}));
        row("no name", post(": bar\r\n", {}));
        row("no colon", post("foo\r\n", {}));
        row("NUL in a value", post(QByteArray("foo: b\0r\r\n", 10), {}));
        row("NUL in a name", post(QByteArray("f\0o: bar\r\n", 10), {}));
        row("control in a value", post("foo: b\x12r\r\n", {}));
        // Chunks.
        row("a chunk's size of letters", post(chunked, "xyz\r\nabc\r\n" + end));
        row("a signed chunk's size", post(chunked, "+3\r\nabc\r\n" + end));
        row("a chunk's size with 0x", post(chunked, "0x3\r\nabc\r\n" + end));
        row("a chunk's size beyond 64 bits", post(chunked, "10000000000000003\r\nabc\r\n" + end));
        row("a negative chunk's size", post(chunked, "-1\r\nabc\r\n" + end));
        row("CR in a chunk's extension", post(chunked, "3;\ra\r\nabc\r\n" + end));
        // Request lines.
        row("a space in the path", "GET /first b HTTP/1.1\r\nHost: h\r\n\r\n");
        row("HTTP/1.0", "GET /first HTTP/1.0\r\nHost: h\r\n\r\n", "426");
        row("no version", "GET /first\r\nHost: h\r\n\r\n", "426");
        row("a version beyond", "GET /first HTTP/1.01\r\nHost: h\r\n\r\n");
        row("another protocol", "GET /first HTTPS/1.1\r\nHost: h\r\n\r\n");
        row("an unknown method", "SMUGGLE /first HTTP/1.1\r\nHost: h\r\n\r\n");
        row("no Host", "GET /first HTTP/1.1\r\n\r\n");
        row("a Host with a path", "GET /first HTTP/1.1\r\nHost: h/x\r\n\r\n");
        row("a Host with a quote", "GET /first HTTP/1.1\r\nHost: h.\"com\r\n\r\n");
        row("a target without slash", "GET first HTTP/1.1\r\nHost: h\r\n\r\n");
        row("a fragment", "GET /first#/../smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
        row("Connection names x-forwarded-for", "GET /first HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: "
                                                "1.1.1.1\r\nConnection: close, x-forwarded-for\r\n\r\n");
        row("Connection names a pseudo header",
            "GET /first HTTP/1.1\r\nHost: h\r\nConnection: :path\r\n\r\n");
        row("Connection names too many",
            "GET /first HTTP/1.1\r\nHost: h\r\nConnection: a,b,c,d,e,f,g,h,i,j,k,l,m\r\n\r\n");
        // CONNECT.
        row("CONNECT with a length", "CONNECT h:80 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
        row("CONNECT, chunked", "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n" + chunked + "\r\n" + end, "501");
    }
    void refused()
    {
        QFETCH(QByteArray, request);
        QFETCH(QByteArray, status);
        const qsizetype before = m_target->upstream.seen().size();
        Client client(m_target->gateway.port);
        client.send((request + smuggled()).toStdString());
        const QByteArray answer = QByteArray::fromStdString(client.readAll());
        QVERIFY2(answer.startsWith("HTTP/1.1 " + status + ' '), answer.left(80).constData());
        // One answer, the end, and not a word to the upstream.
        QCOMPARE(answer.count("HTTP/1.1 "), 1);
        QVERIFY(!client.stillOpen);
        const QByteArrayList seen = m_target->upstream.seen().mid(before);
        for (const QByteArray &line : seen)
            QVERIFY2(!line.contains("smuggled"), line.constData());
    }

    void oneRequest_data()
    {
        QTest::addColumn<QByteArray>("request");
        const auto post = [](const QByteArray &fields, const QByteArray &body) {
            return "POST /first HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + fields + "\r\n" + body;
        };
        QTest::newRow("Chunked in another case") << post("Transfer-Encoding: Chunked\r\n", "0\r\n\r\n");
        QTest::newRow("a chunk's extension")
            << post("Transfer-Encoding: chunked\r\n", "3;a=b\r\nabc\r\n0\r\n\r\n");
        QTest::newRow("lines with LF only") << post("Content-Length: 3\r\n", "abc").replace("\r\n", "\n");
        QTest::newRow("a folded value") << post("A: \r\n  b\r\n", {});
        QTest::newRow("a folded coding")
            << post("Transfer-Encoding:\r\n chunked\r\n", "3\r\nabc\r\n0\r\n\r\n");
        QTest::newRow("space after a chunk's size")
            << post("Transfer-Encoding: chunked\r\n", "3  \r\nabc\r\n0\r\n\r\n");
        QTest::newRow("a length with zeros") << post("Content-Length: 003\r\n", "abc");
        QTest::newRow("two Hosts") << post("Host: i\r\n", {});
        QTest::newRow("no length, and bytes") << post({}, {});
    }
    /// The body belongs to it, and what follows is not looked at.
    void oneRequest()
    {
        QFETCH(QByteArray, request);
        const qsizetype before = m_target->upstream.seen().size();
        Client client(m_target->gateway.port);
        client.send((request + smuggled()).toStdString());
        const QByteArray answer = QByteArray::fromStdString(client.readAll());
        QVERIFY2(answer.startsWith("HTTP/1.1 200 "), answer.left(80).constData());
        QCOMPARE(answer.count("HTTP/1.1 "), 1);
        QCOMPARE(m_target->upstream.seen().mid(before), QByteArrayList{"POST /first HTTP/1.1"});
    }

    void answers_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("two lengths") << QByteArray(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok");
        QTest::newRow("chunked and a length") << QByteArray(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        QTest::newRow("204 with a length")
            << QByteArray("HTTP/1.1 204 No Content\r\nContent-Length: 20\r\n\r\n");
        QTest::newRow("204, chunked")
            << QByteArray("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n");
        QTest::newRow("a name with a space")
            << QByteArray("HTTP/1.1 200 OK\r\nfo o: bar\r\nContent-Length: 0\r\n\r\n");
        QTest::newRow("control in a value")
            << QByteArray("HTTP/1.1 200 OK\r\nfoo: \x12\r\nContent-Length: 0\r\n\r\n");
        QTest::newRow("a version beyond") << QByteArray("HTTP/1.01 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
    /// Answers that could be split in two are none.
    void answers()
    {
        QFETCH(QByteArray, bytes);
        OddUpstream hostile(
            [&bytes](int fd, const std::string &) { Peer::sendAll(fd, bytes.toStdString()); });
        AttackedGateway gateway(hostile.port());
        Client client(gateway.port);
        client.send("GET /odd HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        const QByteArray answer = QByteArray::fromStdString(client.readAll());
        QVERIFY2(answer.startsWith("HTTP/1.1 502 "), answer.left(80).constData());
        QCOMPARE(answer.count("HTTP/1.1 "), 1);
    }
};

QTEST_GUILESS_MAIN(TestRequestSmuggling)
#include "test_request_smuggling.moc"
