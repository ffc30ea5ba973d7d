// SPDX-License-Identifier: GPL-3.0-or-later
// What the server side of HTTP/1 reads, against the vectors of envoy-behaviour.md 3.9, whose numbers name the
// rows.
#include "tests/proxy/http/http1_test_server.h"
#include "tests/proxy/net/epoll_main.h"

using namespace sallyport;
using namespace sallyport::http;

class TestHttp1Server : public QObject
{
    Q_OBJECT

    static std::string repeated(std::string_view text, int times)
    {
        std::string all;
        for (int i = 0; i < times; ++i)
            all += text;
        return all;
    }

    static void row(const char *name, const std::string &input, const std::string &expected,
                    void (*configure)(CodecSettings &) = nullptr)
    {
        CodecSettings settings;
        if (configure != nullptr)
            configure(settings);
        QTest::newRow(name) << QByteArray::fromStdString(input) << QByteArray::fromStdString(expected)
                            << settings;
    }

    static std::string refused(std::string_view message, std::string_view details = "http1.codec_error",
                               std::string_view reply = "400 Bad Request")
    {
        return "reply " + std::string(reply) + ' ' + std::string(details) +
               " error http/1.1 protocol error: " + std::string(message);
    }

private Q_SLOTS:
    void vectors_data()
    {
        QTest::addColumn<QByteArray>("input");
        QTest::addColumn<QByteArray>("expected");
        QTest::addColumn<CodecSettings>("settings");
        const std::string chunked = "transfer-encoding: chunked";
        const std::string encoding = ",transfer-encoding=chunked";
        constexpr std::string_view NotImplemented = "501 Not Implemented";
        constexpr std::string_view TooLarge = "431 Request Header Fields Too Large";

        row("1 empty value", get("Test:\r\nHello: World"), gotGet(",test=,hello=World"));
        row("2 TE identity", get("transfer-encoding: identity"),
            refused("unsupported transfer encoding", "http1.invalid_transfer_encoding", NotImplemented));
        row("3 TE gzip", get("transfer-encoding: gzip"),
            refused("unsupported transfer encoding", "http1.invalid_transfer_encoding", NotImplemented));
        row("4 TE identity,chunked", post("transfer-encoding: identity,chunked", ""),
            refused("unsupported transfer encoding", "http1.invalid_transfer_encoding", NotImplemented));
        row("5 two TE lines", post(chunked + "\r\n" + chunked, ""),
            refused("unsupported transfer encoding", "http1.invalid_transfer_encoding", NotImplemented));
        row("6 TE case", post("transfer-encoding: Chunked", "0\r\n\r\n"),
            gotPost(",transfer-encoding=Chunked") + "data[]! ");
        for (const char *length : {"0", "1", "100"})
            row((std::string("7-8 TE and CL ") + length).c_str(),
                post(chunked + "\r\ncontent-length: " + length, "0\r\n\r\n"),
                refused("both 'Content-Length' and 'Transfer-Encoding' are set.",
                        "http1.content_length_and_chunked_not_allowed"));
        row("9 allow_chunked_length", post(chunked + "\r\ncontent-length: 4", "3\r\nabc\r\n0\r\n\r\n"),
            gotPost(encoding) + "data[abc] data[]! ", [](CodecSettings &s) { s.allowChunkedLength = true; });
        row("10 chunks", post(chunked, "6\r\nHello \r\n5\r\nWorld\r\n0\r\n\r\n"),
            gotPost(encoding) + "data[Hello World] data[]! ");
        row("13 bad chunk size", post(chunked, "6\r\nHello \r\ninvalid\r\n"),
            gotPost(encoding) + refused("HPE_INVALID_CHUNK_SIZE"));
        row("14 CR in extension", post(chunked, "6;\ra\r\nHello \r\n0\r\n\r\n"),
            gotPost(encoding) + refused("INVALID_CHUNK_EXTENSION"));
        row("14a LF alone ends no chunk size", post(chunked, "5\nWorld\r\n0\r\n\r\n"),
            gotPost(encoding) + refused("INVALID_CHUNK_EXTENSION"));
        row("15 extension", post(chunked, "5;ext=1\r\nWorld\r\n0\r\n\r\n"),
            gotPost(encoding) + "data[World] data[]! ");
        row("16 blanks after size", post(chunked, "5 \t\r\nWorld\r\n0\r\n\r\n"),
            gotPost(encoding) + "data[World] data[]! ");
        row("17 size overflow", post(chunked, "11111111111111111\r\n"),
            gotPost(encoding) + refused("CHUNK_LENGTH_OVERFLOW"));
        row("17a empty size", post(chunked, "\r\n"), gotPost(encoding) + refused("HPE_INVALID_CHUNK_SIZE"));
        row("18 blanks around the value", "GET / HTTP/1.1\r\nHost: \t host \t\r\n\r\n",
            "headers{:authority=host,:path=/,:method=GET}! ");
        row("19 inner blanks", get("a: v" + std::string(32768, ' ') + "v  "),
            gotGet(",a=v" + std::string(32768, ' ') + "v"));
        for (const char *version : {" HTTP/1.0", " HTTP/1.2", " HTTP/2.0", " HTTP/9.1", ""}) {
            row((std::string("20 low version") + version).c_str(),
                "GET /" + std::string(version) + "\r\n\r\n",
                refused("Upgrade required for HTTP/1.0 or HTTP/0.9", "low_version", "426 Upgrade Required"));
            row((std::string("21, 23 accepted") + version).c_str(),
                "GET /" + std::string(version) + "\r\n\r\n", "headers{:path=/,:method=GET,:authority=def}! ",
                [](CodecSettings &s) {
                    s.acceptHttp10 = true;
                    s.defaultHostForHttp10 = "def";
                });
        }
        row("22 absolute on 1.0", "GET http://www.somewhere.com/foobar HTTP/1.0\r\n\r\n",
            "headers{:authority=www.somewhere.com,:scheme=http,:path=/foobar,:method=GET}! ",
            [](CodecSettings &s) { s.acceptHttp10 = true; });
        for (const char *version :
             {"aHTTP/1.1", "HHTTP/1.1", "HTTPS/1.1", "FTP/1.1", "HTTP/1.01", "HTTP/A.0"})
            row((std::string("24 ") + version).c_str(), "GET / " + std::string(version) + "\r\n\r\n",
                refused("HPE_INVALID_VERSION"));
        row("25 absolute", "GET http://www.somewhere.com/ HTTP/1.1\r\nHost: bah\r\n\r\n",
            "headers{:authority=www.somewhere.com,:scheme=http,:path=/,:method=GET}! ");
        row("26 absolute with port",
            "GET http://www.somewhere.com:4532/foo/bar HTTP/1.1\r\nHost: bah\r\n\r\n",
            "headers{:authority=www.somewhere.com:4532,:scheme=http,:path=/foo/bar,:method=GET}! ");
        row("27 https", "GET HTTPS://www.somewhere.com/foo/bar HTTP/1.1\r\nHost: bah\r\n\r\n",
            "headers{:authority=www.somewhere.com,:scheme=https,:path=/foo/bar,:method=GET}! ");
        row("28 no path", "GET http://www.somewhere.com HTTP/1.1\r\nHost: bah\r\n\r\n",
            "headers{:authority=www.somewhere.com,:scheme=http,:path=/,:method=GET}! ");
        row("29 no scheme", "GET www.somewhere.com HTTP/1.1\r\nHost: bah\r\n\r\n",
            refused("HPE_INVALID_URL"));
        row("30 asterisk", "GET * HTTP/1.1\r\nHost: bah\r\n\r\n",
            refused("invalid url in request line", "http1.invalid_url"));
        row("31 port", "GET http://foobar.com:1000000 HTTP/1.1\r\nHost: bah\r\n\r\n",
            refused("invalid url in request line", "http1.invalid_url"));
        row("32 OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
            "headers{:authority=h,:path=*,:method=OPTIONS}! ");
        row("33 absolute off", "GET http://a/b HTTP/1.1\r\nHost: h\r\n\r\n",
            "headers{:authority=h,:path=http://a/b,:method=GET}! ",
            [](CodecSettings &s) { s.allowAbsoluteUrl = false; });
        row("34 too many nominated", get("Connection: a,b,c,d,e,f,g,h,i,j,k,l,m"),
            refused("Invalid nominated headers in Connection.", "http1.connection_header_rejected"));
        row("34a nominated", get("Connection: x-a, close, X-B\r\nx-a: 1\r\nx-b: 2\r\nx-c: 3"),
            gotGet(",connection=close,x-c=3"));
        row("34b TE trailers", get("Connection: te\r\nte: gzip, trailers"),
            gotGet(",connection=te,te=trailers"));
        row("34c TE other", get("Connection: te\r\nte: gzip"), gotGet(""));
        row("34d pseudo", get("Connection: :path"),
            refused("Invalid nominated headers in Connection.", "http1.connection_header_rejected"));
        row("34e forwarded", get("Connection: X-Forwarded-For"),
            refused("Invalid nominated headers in Connection.", "http1.connection_header_rejected"));
        row("34f itself", get("Connection: connection, close"), gotGet(",connection=close"));
        row("35 bad", "bad\r\n", refused("HPE_INVALID_METHOD"));
        row("36 BAD", "BAD / HTTP/1.1\r\nHost: h\r\n\r\n", refused("HPE_INVALID_METHOD"));
        row("36 BAD allowed", "BAD / HTTP/1.1\r\nHost: h\r\n\r\n",
            "headers{:authority=h,:path=/,:method=BAD}! ",
            [](CodecSettings &s) { s.allowCustomMethods = true; });
        row("37 B{}D", "B{}D / HTTP/1.1\r\nHost: h\r\n\r\n", refused("HPE_INVALID_METHOD"),
            [](CodecSettings &s) { s.allowCustomMethods = true; });
        row("38 Gg", "Gg\r\n", refused("HPE_INVALID_METHOD"));
        row("40 HOST", "GET / HTTP/1.1\r\nHOST: hello\r\n\r\n",
            "headers{:authority=hello,:path=/,:method=GET}! ");
        for (const char byte : {'\x03', '\x12', '\x7F', '\0', '\x0B', '\x0C'}) {
            const std::string bad(1, byte);
            row(("41, 46 value with " + std::to_string(byte)).c_str(), get("a: v" + bad + "v"),
                refused("header value contains invalid chars", "http1.invalid_characters"));
        }
        row("42 underscore", get("foo_bar: bar"), gotGet(",foo_bar=bar"));
        row("42 underscore dropped", get("foo_bar: bar\r\nb: 1"), gotGet(",b=1"),
            [](CodecSettings &s) { s.underscores = dataplane::HeadersWithUnderscores::DropHeader; });
        row("42 underscore refused", get("foo_bar: bar"),
            refused("header name contains underscores", "http1.unexpected_underscore"),
            [](CodecSettings &s) { s.underscores = dataplane::HeadersWithUnderscores::RejectRequest; });
        row("43 authority", "GET / HTTP/1.1\r\nHOST: h.\"com\r\n\r\n",
            refused("request headers failed spec compliance checks", "http.invalid_authority"));
        row("47 CR in value", get("a: a \r b\r\nb: c \r\r\nc: \rvalue"), gotGet(",a=a  b,b=c,c=value"));
        row("48 LF in value", get("a: a\n b\r\nb: \n c\r\nc: d\n "), gotGet(",a=a b,b=c,c=d"));
        row("49 obs-fold", get("Multi-Line-Header: \r\n  foo\r\n  bar\r\n\t\tbaz"),
            gotGet(",multi-line-header=foo  bar\t\tbaz"));
        row("50 CR in name", get("fo\ro: bar"), refused("INVALID_HEADER_NAME_CHARACTER"));
        row("51 bracket in name", get("fo[o: bar"), refused("INVALID_HEADER_NAME_CHARACTER"));
        row("51 space in name", get("fo o: bar"), refused("INVALID_HEADER_NAME_CHARACTER"));
        row("51a space before colon", get("foo : bar"), refused("INVALID_HEADER_NAME_CHARACTER"));
        row("52 non-ASCII name", get("f\xC3\xB6: bar"), refused("HPE_INVALID_HEADER_TOKEN"));
        row("53 empty name", get(": value"), refused("INVALID_HEADER_FORMAT"));
        row("53a no colon", get("value"), refused("HEADER_MISSING_COLON"));
        row("54 CL twice", post("Content-Length: 3\r\nContent-Length: 3", "abc"),
            refused("HPE_UNEXPECTED_CONTENT_LENGTH"));
        row("55 CL different", post("Content-Length: 3\r\nContent-Length: 4", "abcd"),
            refused("HPE_UNEXPECTED_CONTENT_LENGTH"));
        for (const char *length :
             {"+3", "0x3", "3 ,3", "abc", "-1", "", "18446744073709551616", "99999999999999999999"})
            row((std::string("56 CL ") + length).c_str(),
                post(std::string("Content-Length: ") + length, "abc"), refused("UNPARSABLE_CONTENT_LENGTH"));
        row("57 CR as separator", "GET /\rHTTP/1.1\r\nhost: h\r\n\r\n", gotGet(""));
        row("57 tab", "GET\t/ HTTP/1.1\r\nhost: h\r\n\r\n", gotGet(""));
        row("57 two spaces", "GET  / HTTP/1.1\r\nhost: h\r\n\r\n", gotGet(""));
        row("57 four words", "GET /a b HTTP/1.1\r\nhost: h\r\n\r\n", refused("HPE_INVALID_VERSION"));
        row("58 bare LF", "GET / HTTP/1.1\nhost: h\na: b\n\n", gotGet(",a=b"));
        row("59 bad trailer", post(chunked, "3\r\nabc\r\n0\r\nbadtrailer\r\n\r\n"),
            gotPost(encoding) + "data[abc] " + refused("HPE_INVALID_HEADER_TOKEN"));
        row("60 huge trailers", post(chunked, "3\r\nabc\r\n0\r\na: " + std::string(61440, 'b') + "\r\n\r\n"),
            gotPost(encoding) + "data[abc] " +
                refused("trailers size exceeds limit", "http1.headers_too_large", TooLarge));
        row("61 101 trailers ignored", post(chunked, "0\r\n" + repeated("a: b\r\n", 101) + "\r\n"),
            gotPost(encoding) + "data[]! ");
        row("61 101 trailers", post(chunked, "0\r\n" + repeated("a: b\r\n", 101) + "\r\n"),
            gotPost(encoding) + refused("trailers count exceeds limit", "http1.too_many_headers", TooLarge),
            [](CodecSettings &s) { s.enableTrailers = true; });
        row("61a trailers", post(chunked, "3\r\nabc\r\n0\r\nX-T: v\r\nb:c\r\n\r\n"),
            gotPost(encoding) + "data[abc] trailers{x-t=v,b=c}! ",
            [](CodecSettings &s) { s.enableTrailers = true; });
        row("61b trailers dropped", post(chunked, "3\r\nabc\r\n0\r\nX-T: v\r\n\r\n"),
            gotPost(encoding) + "data[abc] data[]! ");
        row("62 huge URL", "GET /" + std::string(61440, 'a') + " HTTP/1.1\r\n\r\n",
            refused("headers size exceeds limit", "http1.headers_too_large", TooLarge));
        row("63 huge header", get("a: " + std::string(61440, 'a')),
            refused("headers size exceeds limit", "http1.headers_too_large", TooLarge));
        row("63a many middle-sized headers", get(repeated("a: " + std::string(1024, 'a') + "\r\n", 60)),
            refused("headers size exceeds limit", "http1.headers_too_large", TooLarge));
        row("64 101 headers", get(repeated("a: b\r\n", 99) + "a: b"),
            refused("headers count exceeds limit", "http1.too_many_headers", TooLarge));
        {
            std::string all;
            for (int i = 0; i < 99; ++i)
                all += ",a=b";
            row("64 100 headers", get(repeated("a: b\r\n", 98) + "a: b"), gotGet(all));
        }
        row("65 version", "GET /\xCE\xB4\xC2\xB6/\xCE\xB4t/pope HXXP/1.1\r\n\r\n",
            refused("HPE_INVALID_URL"));
        row("67 POST without length", "POST / HTTP/1.1\r\nhost: h\r\n\r\n",
            "headers{:authority=h,:path=/,:method=POST}! ");
        row("69a newlines first", "\r\n\n\r\nGET / HTTP/1.1\r\nhost: h\r\n\r\n", gotGet(""));
        row("69b blank first", " GET / HTTP/1.1\r\nhost: h\r\n\r\n", refused("NO_REQUEST_LINE_IN_REQUEST"));
        row("72 h2c",
            get("Connection: Upgrade, Close, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA"),
            gotGet(",connection=Close"));
        row("73 upgrade", post("Connection: upgrade\r\nUpgrade: foo\r\ncontent-length: 5", "any bytes"),
            gotPost(",connection=upgrade,upgrade=foo,content-length=5") + "data[any bytes] ");
        row("74 upgrade, chunked", post("Connection: upgrade\r\nUpgrade: foo\r\n" + chunked, "any bytes"),
            gotPost(",connection=upgrade,upgrade=foo" + encoding) + "data[any bytes] ");
        row("77 CONNECT", "CONNECT host:80 HTTP/1.1\r\n\r\nabcd",
            "headers{:authority=host:80,:method=CONNECT} data[abcd] ");
        row("78 CONNECT with scheme", "CONNECT http://host:80 HTTP/1.1\r\n\r\n",
            refused("invalid url in request line", "http1.invalid_url"));
        row("78a CONNECT without port", "CONNECT host HTTP/1.1\r\n\r\n",
            refused("invalid url in request line", "http1.invalid_url"));
        row("79 CONNECT chunked", "CONNECT host:80 HTTP/1.1\r\n" + chunked + "\r\n\r\n",
            refused("unsupported transfer encoding", "http1.invalid_transfer_encoding", NotImplemented));
        row("80 CONNECT with length", "CONNECT host:80 HTTP/1.1\r\ncontent-length: 1\r\n\r\n",
            refused("unsupported content length", "http1.body_disallowed"));
        row("81 CONNECT with length 0", "CONNECT host:80 HTTP/1.1\r\ncontent-length: 0\r\n\r\n",
            "headers{:authority=host:80,:method=CONNECT} ");
        row("hosts are joined", "GET / HTTP/1.1\r\nHost: a.com\r\nHost: b.com\r\n\r\n",
            "headers{:authority=a.com,b.com,:path=/,:method=GET}! ");
        row("inline headers are joined",
            get("accept: a\r\nx: 1\r\nAccept: b\r\nx: 2\r\ncookie: c\r\ncookie: d"),
            gotGet(",accept=a,b,x=1,x=2,cookie=c,cookie=d"));
        row("odd bytes win over the method", std::string("G\0T / HTTP/1.1\r\nHost: h\r\n\r\n", 27),
            refused("header value contains invalid chars", "http1.invalid_characters"));
        row("TLS hello", std::string("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00\r\n", 12),
            refused("NO_REQUEST_LINE_IN_REQUEST"));
        row("scheme", "GET ftp://x.com/ HTTP/1.1\r\nHost: h\r\n\r\n",
            refused("invalid scheme", "http1.invalid_scheme"));
        row("stray bytes after a chunk", post(chunked, "3\r\nabcJUNK\r\n0\r\n\r\n"),
            gotPost(encoding) + "data[abc] data[]! ");
    }
    void vectors()
    {
        QFETCH(QByteArray, input);
        QFETCH(QByteArray, expected);
        QFETCH(CodecSettings, settings);
        Http1TestServer server(settings);
        QCOMPARE(QByteArray::fromStdString(server.feed(input.toStdString(), input.size())), expected);
    }

    /// 11, 12, 66: the same requests byte for byte, and split at every place.
    void splitAnywhere()
    {
        const std::string input =
            "\r\nPOST /p?q=1 HTTP/1.1\r\nHost: h\r\nX-Fold: a\r\n b\r\nTransfer-Encoding: chunked\r\n\r\n"
            "6;x=\"y\"\r\nHello \r\n5\r\nWorld\r\n0\r\nX-T: v\r\n\r\n";
        CodecSettings settings;
        settings.enableTrailers = true;
        const auto joined = [](std::string text) {
            for (std::size_t at; (at = text.find("] data[")) != std::string::npos;)
                text.erase(at, 7);
            return text;
        };
        const std::string expected = "headers{:authority=h,:path=/p?q=1,:method=POST,x-fold=a "
                                     "b,transfer-encoding=chunked} data[Hello World] trailers{x-t=v}! ";
        for (std::size_t size = 1; size <= input.size(); ++size) {
            Http1TestServer server(settings);
            QCOMPARE(joined(server.feed(input, size)), expected);
            QVERIFY(server.buffer.isEmpty());
        }
    }

    void nulAnywhereIsRefused()
    {
        const std::string request = "GET / HTTP/1.1\r\nHOST: h\r\nfoo: barbaz\r\n\r\n";
        for (std::size_t at = 0; at < request.size() - 2; ++at) {
            Http1TestServer server;
            std::string bad = request;
            bad.insert(at, 1, '\0');
            QVERIFY2(server.feed(bad, bad.size()).find("reply 400") == 0, qPrintable(QString::number(at)));
        }
    }

    void targets_data()
    {
        QTest::addColumn<QString>("target");
        QTest::addColumn<bool>("accepted");
        for (const char *good :
             {"http://www.somewhere.com", "scheme://$,www]][-_..!~'(&=+.com/path", "foo:///path.com",
              "http://www/*", "http://www?query", "http://www*?query", "http://?query?more##fragment??more#?",
              "http://@", "http://@www@]@[]@?#?#", "http://*", "/path", "/path?query", "*", "**",
              "*path@@/foo?#", "/@@path&", "http://host://x"})
            QTest::newRow(good) << good << true;
        for (const char *bad : {"www.somewhere.com", "http!://x", "0ttp:/", "http:/x", "http:://x",
                                "http/somewhere", "http://www@@", "http://www@w@w@@", "http://www@]@[]@#",
                                "http://www.hash#mark.com", "#", "?", "?query", "?#query#@@", "@"})
            QTest::newRow(bad) << bad << false;
    }
    void targets()
    {
        QFETCH(QString, target);
        QFETCH(bool, accepted);
        Http1TestServer server;
        const std::string text =
            server.feed("GET " + target.toStdString() + " HTTP/1.1\r\nHost: h\r\n\r\n", 10000);
        QCOMPARE(text.find("HPE_INVALID_URL") == std::string::npos, accepted);
    }

    void underscoresAreCounted()
    {
        CodecSettings settings;
        settings.underscores = dataplane::HeadersWithUnderscores::DropHeader;
        Http1TestServer dropping(settings);
        dropping.feed(get("a_b: 1\r\n_c: 2"), 1000);
        QCOMPARE(dropping.events[CodecEvent::Http1DroppedHeadersWithUnderscores], 2);
        settings.underscores = dataplane::HeadersWithUnderscores::RejectRequest;
        Http1TestServer refusing(settings);
        refusing.feed(get("a_b: 1"), 1000);
        QCOMPARE(refusing.events[CodecEvent::Http1RequestsRejectedWithUnderscores], 1);
    }

    /// 68
    void endInTheMiddle()
    {
        for (const std::string &start : {std::string("GET / HTTP/1.1\r\nho"), post("content-length: 5", "ab"),
                                         post("transfer-encoding: chunked", "5\r\nab")}) {
            Http1TestServer server;
            server.feed(start, 10000);
            const CodecStatus status = server.codec->dispatchEnd();
            QCOMPARE(status.message, std::string("http/1.1 protocol error: HPE_INVALID_EOF_STATE"));
        }
        Http1TestServer idle;
        QVERIFY(idle.codec->dispatchEnd().ok());
    }

    void resetTellsTheStreamOnce()
    {
        Http1TestServer server;
        server.feed(post("content-length: 3", "a"), 1000);
        server.trace.requests[0]->encoder.stream().resetStream(ResetReason::LocalReset);
        server.codec->connectionEnded(ResetReason::ConnectionTermination, {});
        QCOMPARE(server.trace.text, gotPost(",content-length=3") + "data[a] reset local reset ");
        server.buffer.append("bc");
        QVERIFY(server.codec->dispatch(server.buffer).ok());
        QVERIFY(server.buffer.isEmpty());
    }
};

SALLYPORT_EPOLL_MAIN(TestHttp1Server)
#include "test_http1_server.moc"
