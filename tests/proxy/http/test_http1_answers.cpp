// SPDX-License-Identifier: GPL-3.0-or-later
// What the server side of HTTP/1 writes (envoy-behaviour.md 3.9, whose numbers name the rows), and when it
// reads on.
#include "tests/proxy/http/http1_test_server.h"
#include "tests/proxy/net/epoll_main.h"

using namespace sallyport;
using namespace sallyport::http;

class TestHttp1Answers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void answers_data()
    {
        QTest::addColumn<QByteArray>("request");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("extra");
        QTest::addColumn<QStringList>("body"); // pieces; empty list: the head ends the answer
        QTest::addColumn<QByteArray>("wire");
        const QByteArray getting = "GET / HTTP/1.1\r\nhost: h\r\n\r\n";
        const QByteArray head = "HEAD / HTTP/1.1\r\nhost: h\r\n\r\n";
        const QByteArray old = "GET / HTTP/1.0\r\n\r\n";
        QTest::newRow("length") << getting << 200 << QByteArray("content-length: 3") << QStringList{"abc"}
                                << QByteArray("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc");
        QTest::newRow("chunked") << getting << 200 << QByteArray() << QStringList{"abc", "0123456789abcdefg"}
                                 << QByteArray(
                                        "HTTP/1.1 200 OK\r\ntransfer-encoding: "
                                        "chunked\r\n\r\n3\r\nabc\r\n11\r\n0123456789abcdefg\r\n0\r\n\r\n");
        QTest::newRow("head only") << getting << 200 << QByteArray() << QStringList()
                                   << QByteArray("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        QTest::newRow("204") << getting << 204 << QByteArray() << QStringList()
                             << QByteArray("HTTP/1.1 204 No Content\r\n\r\n");
        QTest::newRow("304") << getting << 304 << QByteArray("content-length: 10") << QStringList()
                             << QByteArray("HTTP/1.1 304 Not Modified\r\ncontent-length: 10\r\n\r\n");
        QTest::newRow("304 without length") << getting << 304 << QByteArray() << QStringList()
                                            << QByteArray("HTTP/1.1 304 Not Modified\r\n\r\n");
        QTest::newRow("HEAD without length")
            << head << 200 << QByteArray() << QStringList()
            << QByteArray("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        QTest::newRow("HEAD with length") << head << 200 << QByteArray("content-length: 3") << QStringList()
                                          << QByteArray("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n");
        QTest::newRow("HEAD writes no body")
            << head << 200 << QByteArray("content-length: 3") << QStringList{"abc"}
            << QByteArray("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n");
        QTest::newRow("1.0") << old << 200 << QByteArray() << QStringList{"abc"}
                             << QByteArray("HTTP/1.0 200 OK\r\n\r\nabc");
        QTest::newRow("unknown status") << getting << 418 << QByteArray() << QStringList()
                                        << QByteArray("HTTP/1.1 418 Unknown\r\ncontent-length: 0\r\n\r\n");
        QTest::newRow("76 upgrade")
            << QByteArray("GET / HTTP/1.1\r\nhost: h\r\nconnection: upgrade\r\nupgrade: foo\r\n\r\n") << 101
            << QByteArray("connection: upgrade\r\nupgrade: foo") << QStringList{"raw"}
            << QByteArray(
                   "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: foo\r\n\r\nraw");
        QTest::newRow("CONNECT") << QByteArray("CONNECT h:1 HTTP/1.1\r\n\r\n") << 200 << QByteArray()
                                 << QStringList{"raw"} << QByteArray("HTTP/1.1 200 OK\r\n\r\nraw");
        QTest::newRow("CONNECT refused")
            << QByteArray("CONNECT h:1 HTTP/1.1\r\n\r\n") << 403 << QByteArray() << QStringList{"no"}
            << QByteArray("HTTP/1.1 403 Forbidden\r\ntransfer-encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n");
        QTest::newRow("lines stay lines")
            << getting << 200 << QByteArray("set-cookie: a\r\nx: 1\r\nset-cookie: b\r\ncontent-length: 0")
            << QStringList()
            << QByteArray(
                   "HTTP/1.1 200 OK\r\nset-cookie: a\r\nx: 1\r\nset-cookie: b\r\ncontent-length: 0\r\n\r\n");
    }
    void answers()
    {
        QFETCH(QByteArray, request);
        QFETCH(int, status);
        QFETCH(QByteArray, extra);
        QFETCH(QStringList, body);
        QFETCH(QByteArray, wire);
        CodecSettings settings;
        settings.acceptHttp10 = true;
        Http1TestServer server(settings);
        server.feed(request.toStdString(), 10000);
        QVERIFY(!server.trace.requests.empty());
        auto headers = responseHeaders(static_cast<unsigned>(status));
        for (const QByteArray &line : extra.split('\n')) {
            const auto colon = line.indexOf(':');
            if (colon > 0)
                headers->addLine(line.left(colon).toStdString(), line.mid(colon + 1).trimmed().toStdString());
        }
        ResponseEncoder &encoder = server.trace.requests[0]->encoder;
        encoder.encodeHeaders(*headers, body.isEmpty());
        for (qsizetype i = 0; i < body.size(); ++i) {
            net::Buffer piece(body[i].toStdString());
            encoder.encodeData(piece, i + 1 == body.size());
        }
        std::string got;
        QTRY_COMPARE((got += server.pair.take()), wire.toStdString());
    }

    void trailersGoOutWhenEnabled()
    {
        for (const bool enabled : {false, true}) {
            CodecSettings settings;
            settings.enableTrailers = enabled;
            Http1TestServer server(settings);
            server.feed(get("a: b"), 1000);
            ResponseEncoder &encoder = server.trace.requests[0]->encoder;
            encoder.encodeHeaders(*responseHeaders(200), false);
            net::Buffer body(std::string_view("x"));
            encoder.encodeData(body, false);
            auto trailers = HeaderMap::create(HeaderMap::Kind::Trailers);
            trailers->add("x-sum", "1");
            encoder.encodeTrailers(*trailers);
            std::string got;
            QTRY_COMPARE((got += server.pair.take()),
                         "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n" +
                             std::string(enabled ? "x-sum: 1\r\n" : "") + "\r\n");
        }
    }

    void interimAnswers()
    {
        Http1TestServer server;
        server.feed(post("content-length: 3", ""), 1000);
        ResponseEncoder &encoder = server.trace.requests[0]->encoder;
        encoder.encodeInformational(*responseHeaders(100));
        server.feed("abc", 10);
        encoder.encodeHeaders(*responseHeaders(200), true);
        std::string got;
        QTRY_COMPARE(
            (got += server.pair.take()),
            std::string("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
    }

    void headerCase()
    {
        CodecSettings settings;
        settings.headerCase = dataplane::Http1ProtocolOptions::HeaderCase::ProperWords;
        Http1TestServer server(settings);
        server.feed(get("a: b"), 1000);
        auto headers = responseHeaders(200);
        headers->add("x-b3-traceid", "1");
        headers->add("etag", "2");
        server.trace.requests[0]->encoder.encodeHeaders(*headers, true);
        std::string got;
        QTRY_COMPARE(
            (got += server.pair.take()),
            std::string("HTTP/1.1 200 OK\r\nX-B3-Traceid: 1\r\nEtag: 2\r\nContent-Length: 0\r\n\r\n"));
    }

    void pipelinedRequestsWaitForTheAnswer()
    {
        Http1TestServer server;
        server.feed(get("a: 1") + get("a: 2"), 10000);
        QCOMPARE(server.trace.text, gotGet(",a=1"));
        QVERIFY(!server.pair.connection->readEnabled());
        server.trace.requests[0]->encoder.encodeHeaders(*responseHeaders(200), true);
        QVERIFY(server.pair.connection->readEnabled());
        QVERIFY(server.codec->dispatch(server.buffer).ok());
        QCOMPARE(server.trace.text, gotGet(",a=1") + gotGet(",a=2"));
    }

    void requestsAnsweredAtOnceAreAllRead()
    {
        Http1TestServer server;
        server.trace.answer = [](ServerTrace::Request &request) {
            request.encoder.encodeHeaders(*responseHeaders(204), true);
        };
        server.pair.connection->setBufferLimit(0);
        server.feed(get("a: 1"), 10000);
        QTest::qWait(1);
        server.feed(get("a: 2"), 10000);
        std::string got;
        QTRY_COMPARE((got += server.pair.take()),
                     std::string("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"));
    }

    /// 39
    void answersThatNobodyReadsEndTheConnection()
    {
        Http1TestServer server;
        server.trace.answer = [](ServerTrace::Request &request) {
            request.encoder.encodeHeaders(*responseHeaders(200), true);
        };
        const std::string text = server.feed(get("a: 1") + get("a: 2") + get("a: 3"), 10000);
        QVERIFY(text.find("error Too many responses queued.") != std::string::npos);
        QCOMPARE(server.events[CodecEvent::Http1ResponseFlood], 1);
    }
};

SALLYPORT_EPOLL_MAIN(TestHttp1Answers)
#include "test_http1_answers.moc"
