// SPDX-License-Identifier: GPL-3.0-or-later
// The client side of HTTP/1 against the vectors of envoy-behaviour.md 3.10, whose numbers name the rows.
#include "tests/proxy/http/codec_trace.h"
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/net/peers.h"

using namespace sallyport;
using namespace sallyport::http;

class TestHttp1Client : public QObject
{
    Q_OBJECT

    struct Client
    {
        explicit Client(const CodecSettings &configured = CodecSettings::forClient({}, {}, {}))
            : settings(configured)
            , codec(makeClientCodec(Protocol::Http11, *pair.connection, observer, settings, nullptr))
        {
        }
        void request(const HeaderMap &headers, bool end = true)
        {
            RequestEncoder &encoder = codec->newStream(trace);
            encoder.stream().setCallbacks(&trace);
            QVERIFY(encoder.encodeHeaders(headers, end));
        }
        std::string feed(std::string_view bytes, std::size_t size = 1 << 20)
        {
            while (!bytes.empty()) {
                buffer.append(bytes.substr(0, size));
                bytes.remove_prefix(std::min(size, bytes.size()));
                note(codec->dispatch(buffer));
            }
            return trace.text;
        }
        void note(const CodecStatus &status)
        {
            if (!status.ok())
                trace.text += (status.kind == CodecStatus::Kind::PrematureResponse
                                   ? "premature " + std::to_string(status.status) + ' '
                                   : std::string()) +
                              "error " + status.message;
        }

        CodecSettings settings;
        ConnectionObserver observer;
        Pair pair;
        ClientTrace trace;
        net::Buffer buffer;
        std::unique_ptr<ClientCodec> codec;
    };

    static std::string failed(std::string_view message)
    {
        return "error http/1.1 protocol error: " + std::string(message);
    }

private Q_SLOTS:
    void answers_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("expected");
        QTest::addColumn<bool>("eof");
        const auto row = [](const char *name, const char *method, const std::string &bytes,
                            const std::string &expected, bool eof = false) {
            QTest::newRow(name) << QByteArray(method) << QByteArray::fromStdString(bytes)
                                << QByteArray::fromStdString(expected) << eof;
        };
        row("83 503", "GET", "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
            "headers{:status=503,content-length=0}! ");
        row("84 HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n",
            "headers{:status=200,content-length=20}! ");
        row("85 204", "GET", "HTTP/1.1 204 OK\r\n\r\n", "headers{:status=204}! ");
        row("85 204 with length 0", "GET", "HTTP/1.1 204 OK\r\nContent-Length: 0\r\n\r\n",
            "headers{:status=204}! ");
        row("86 204 with length", "GET", "HTTP/1.1 204 OK\r\nContent-Length: 20\r\n\r\n",
            failed("content length not allowed in 1xx or 204"));
        row("86 204 chunked", "GET", "HTTP/1.1 204 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            failed("transfer encoding not allowed in 1xx or 204"));
        for (const char *code : {"100", "102", "103", "104"})
            row((std::string("87 ") + code).c_str(), "GET",
                std::string("HTTP/1.1 ") + code +
                    " x\r\nfoo: bar\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                std::string("interim{:status=") + code + ",foo=bar} headers{:status=200,content-length=0}! ");
        row("88 199", "GET", "HTTP/1.1 199 Unknown\r\n\r\n", "interim{:status=199} ");
        row("89 101 with TE", "GET", "HTTP/1.1 101 Switching\r\nTransfer-Encoding: chunked\r\n\r\n",
            failed("transfer encoding not allowed in 1xx or 204"));
        row("89 101 unrequested", "GET", "HTTP/1.1 101 Switching\r\n\r\n", "headers{:status=101} data[]! ");
        row("90 304 with body", "GET", "HTTP/1.1 304 x\r\nContent-Length: 2\r\n\r\nab",
            "headers{:status=304,content-length=2}! " + failed("extraneous data after response complete"));
        row("91 constant", "GET", "ATTP/1.1 200 OK\r\n\r\n", failed("HPE_INVALID_CONSTANT"));
        for (const char *version : {"HTTP/1.01", "HTTP/A.0", "HHTTP/1.1", "HTTPS/1.1"})
            row((std::string("92 ") + version).c_str(), "GET", std::string(version) + " 200 OK\r\n\r\n",
                failed("HPE_INVALID_VERSION"));
        for (const char *version : {"aHTTP/1.1", "FTP/1.1"})
            row((std::string("92 ") + version).c_str(), "GET", std::string(version) + " 200 OK\r\n\r\n",
                failed("HPE_INVALID_CONSTANT"));
        row("93 huge value", "GET", "HTTP/1.1 200 OK\r\na: " + std::string(80 * 1024, 'b') + "\r\n\r\n",
            failed("headers size exceeds limit"));
        row("93 huge name", "GET", "HTTP/1.1 200 OK\r\n" + std::string(80 * 1024, 'b') + ": a\r\n\r\n",
            failed("headers size exceeds limit"));
        std::string many;
        for (int i = 0; i < 101; ++i)
            many += "a: b\r\n";
        row("94 101 headers", "GET", "HTTP/1.1 200 OK\r\n" + many + "\r\n",
            failed("headers count exceeds limit"));
        row("95 TE and CL", "GET",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
            failed("both 'Content-Length' and 'Transfer-Encoding' are set."));
        row("96 CL twice", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
            failed("HPE_UNEXPECTED_CONTENT_LENGTH"));
        row("97 bad trailer", "GET",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nbad\r\n\r\n",
            "headers{:status=200,transfer-encoding=chunked} data[a] " + failed("HPE_INVALID_HEADER_TOKEN"));
        row("97 non-ASCII trailer", "GET",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nf\xC3\xB6: x\r\n\r\n",
            "headers{:status=200,transfer-encoding=chunked} " + failed("HPE_INVALID_HEADER_TOKEN"));
        row("98 control", "GET", "HTTP/1.1 200 OK\r\na: b\x12\r\n\r\n",
            failed("header value contains invalid chars"));
        row("98 NUL", "GET", std::string("HTTP/1.1 200 OK\r\na: b\0c\r\n\r\n", 27),
            failed("header value contains invalid chars"));
        for (const char *name : {"fo o", "fo[o", "fo\ro"})
            row((std::string("99 ") + name).c_str(), "GET",
                std::string("HTTP/1.1 200 OK\r\n") + name + ": b\r\n\r\n",
                failed("INVALID_HEADER_NAME_CHARACTER"));
        row("100 extension", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;\ra\r\n",
            "headers{:status=200,transfer-encoding=chunked} " + failed("INVALID_CHUNK_EXTENSION"));
        row("101 until close", "GET", "HTTP/1.1 200 OK\r\n\r\nHello",
            "headers{:status=200} data[Hello] data[]! ", true);
        row("102 EOF in chunk", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
            "headers{:status=200,transfer-encoding=chunked} data[ab] " + failed("HPE_INVALID_EOF_STATE"),
            true);
        row("102 EOF in body", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
            "headers{:status=200,content-length=5} data[ab] " + failed("HPE_INVALID_EOF_STATE"), true);
        row("102 EOF in head", "GET", "HTTP/1.1 200 OK\r\nConte", failed("HPE_INVALID_EOF_STATE"), true);
        row("EOF before anything", "GET", "", "", true);
        row("103 upgrade answered 200", "UPGRADE",
            "HTTP/1.1 200 OK\r\nConnection: upgrade\r\nUpgrade: foo\r\nContent-Length: 5\r\n\r\nany bytes",
            "headers{:status=200,connection=upgrade,upgrade=foo,content-length=5} data[any bytes] ");
        row("104 CONNECT", "CONNECT", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nany bytes",
            "headers{:status=200,content-length=5} data[any bytes] ");
        row("104 CONNECT refused", "CONNECT", "HTTP/1.1 400 OK\r\nContent-Length: 2\r\n\r\nno",
            "headers{:status=400,content-length=2} data[no] data[]! ");
        row("105 CR as separator", "GET", "HTTP/1.1 200\rOK\r\nContent-Length: 0\r\n\r\n",
            "headers{:status=200,content-length=0}! ");
        row("106 obs-fold", "GET", "HTTP/1.1 200 OK\r\na: b\r\n c\r\nContent-Length: 0\r\n\r\n",
            "headers{:status=200,a=b c,content-length=0}! ");
        row("status is no number", "GET", "HTTP/1.1 2x0 OK\r\n\r\n",
            failed("FAILED_CONVERTING_STATUS_CODE_TO_INT"));
        row("no status", "GET", "HTTP/1.1\r\n\r\n", failed("FAILED_TO_FIND_WS_AFTER_RESPONSE_VERSION"));
        row("no reason", "GET", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
            "headers{:status=200,content-length=0}! ");
        row("unknown coding", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            failed("unsupported transfer encoding"));
        row("negative length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            failed("UNPARSABLE_CONTENT_LENGTH"));
        row("garbage", "GET", "not http at all\r\n\r\n", failed("HPE_INVALID_CONSTANT"));
        row("chunked", "GET",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            "headers{:status=200,transfer-encoding=chunked} data[abcde] data[]! ");
    }
    void answers()
    {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, expected);
        QFETCH(bool, eof);
        const bool upgrade = method == "UPGRADE";
        for (const std::size_t piece : {std::size_t{1} << 20U, std::size_t{1}}) {
            Client client;
            auto headers =
                requestHeaders(upgrade ? "GET" : method.toStdString(), method == "CONNECT" ? "" : "/", "h");
            if (upgrade) {
                headers->add(Known::Connection, "upgrade");
                headers->add(Known::Upgrade, "foo");
            }
            client.request(*headers, !upgrade && method != "CONNECT");
            client.feed(bytes.toStdString(), piece);
            if (eof)
                client.note(client.codec->dispatchEnd());
            if (piece != 1)
                QCOMPARE(QByteArray::fromStdString(client.trace.text), expected);
            else // the same outcome, whatever the pieces
                QCOMPARE(client.trace.text.find("error") != std::string::npos, expected.contains("error"));
        }
    }

    /// 82
    void answerOnAnIdleConnection()
    {
        Client client;
        QCOMPARE(client.feed("HTTP/1.1 408 Request Timeout\r\nConnection: Close\r\n\r\n"),
                 std::string("premature 408 error http/1.1 premature response"));
    }

    void requests_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("extra");
        QTest::addColumn<QStringList>("body");
        QTest::addColumn<QByteArray>("wire");
        const QStringList none;
        QTest::newRow("GET") << QByteArray("GET") << QByteArray() << none
                             << QByteArray("GET /p HTTP/1.1\r\nhost: h\r\n\r\n");
        QTest::newRow("POST without body")
            << QByteArray("POST") << QByteArray() << none
            << QByteArray("POST /p HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n");
        QTest::newRow("OPTIONS without body")
            << QByteArray("OPTIONS") << QByteArray() << none
            << QByteArray("OPTIONS /p HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n");
        QTest::newRow("DELETE without body") << QByteArray("DELETE") << QByteArray() << none
                                             << QByteArray("DELETE /p HTTP/1.1\r\nhost: h\r\n\r\n");
        QTest::newRow("length") << QByteArray("POST") << QByteArray("content-length: 3") << QStringList{"abc"}
                                << QByteArray("POST /p HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n\r\nabc");
        QTest::newRow("chunked")
            << QByteArray("PUT") << QByteArray() << QStringList{"abc", ""}
            << QByteArray(
                   "PUT /p HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
        QTest::newRow("GET with body")
            << QByteArray("GET") << QByteArray() << QStringList{"abc"}
            << QByteArray(
                   "GET /p HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
        QTest::newRow("upgrade")
            << QByteArray("GET") << QByteArray("connection: Upgrade\r\nupgrade: foo") << QStringList{"raw"}
            << QByteArray("GET /p HTTP/1.1\r\nhost: h\r\nconnection: Upgrade\r\nupgrade: foo\r\n\r\nraw");
    }
    void requests()
    {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, extra);
        QFETCH(QStringList, body);
        QFETCH(QByteArray, wire);
        Client client;
        auto headers = requestHeaders(method.toStdString(), "/p", "h");
        for (const QByteArray &line : extra.split('\n')) {
            if (const auto colon = line.indexOf(':'); colon > 0)
                headers->addLine(line.left(colon).toStdString(), line.mid(colon + 1).trimmed().toStdString());
        }
        RequestEncoder &encoder = client.codec->newStream(client.trace);
        QVERIFY(encoder.encodeHeaders(*headers, body.isEmpty()));
        for (qsizetype i = 0; i < body.size(); ++i) {
            net::Buffer piece(body[i].toStdString());
            encoder.encodeData(piece, i + 1 == body.size());
        }
        std::string got;
        QTRY_COMPARE((got += client.pair.take()), wire.toStdString());
    }

    void headsThatWouldBreakAreNotSent()
    {
        Client client;
        RequestEncoder &encoder = client.codec->newStream(client.trace);
        auto headers = requestHeaders("GET", "/p", "h");
        headers->add("x", "a\r\nsmuggled: yes");
        QVERIFY(!encoder.encodeHeaders(*headers, true));
        auto pathless = requestHeaders("GET", "", "h");
        QVERIFY(!encoder.encodeHeaders(*pathless, true));
        QTest::qWait(2);
        QCOMPARE(client.pair.take(), std::string());
    }

    void reuse_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<bool>("reusable");
        QTest::newRow("1.1") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") << true;
        QTest::newRow("close") << QByteArray(
                                      "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n")
                               << false;
        QTest::newRow("proxy close")
            << QByteArray("HTTP/1.1 200 OK\r\nProxy-Connection: close\r\nContent-Length: 0\r\n\r\n") << false;
        QTest::newRow("1.0") << QByteArray("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n") << false;
        QTest::newRow("1.0 keep-alive")
            << QByteArray("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n") << true;
        QTest::newRow("unfinished") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n") << false;
    }
    void reuse()
    {
        QFETCH(QByteArray, answer);
        QFETCH(bool, reusable);
        Client client;
        client.request(*requestHeaders("GET", "/", "h"));
        QVERIFY(!client.codec->reusable());
        client.feed(answer.toStdString());
        QCOMPARE(client.codec->reusable(), reusable);
        if (!reusable)
            return;
        client.trace.text.clear();
        client.request(*requestHeaders("HEAD", "/", "h"));
        QCOMPARE(client.feed("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"),
                 std::string("headers{:status=200,content-length=7}! "));
    }

    void answerBeforeTheRequestIsComplete()
    {
        Client client;
        client.request(*requestHeaders("POST", "/", "h"), false);
        client.feed("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
        QCOMPARE(client.trace.text, std::string("headers{:status=413,content-length=0}! "));
        QVERIFY(!client.codec->reusable());
    }

    void connectionEndResetsTheStream()
    {
        Client client;
        client.request(*requestHeaders("GET", "/", "h"));
        client.codec->connectionEnded(ResetReason::ConnectionTermination, {});
        QCOMPARE(client.trace.text, std::string("reset connection termination "));
    }
};

SALLYPORT_EPOLL_MAIN(TestHttp1Client)
#include "test_http1_client.moc"
