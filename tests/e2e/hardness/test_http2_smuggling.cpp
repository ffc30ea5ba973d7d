// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP/2 lets a field hold anything; HTTP/1 behind it does not. What would be two requests there, or another
// one than the gateway saw, is refused as Envoy refuses it and reaches no upstream.
#include "tests/e2e/hardness/good_client.h"
#include "tests/e2e/hardness/http2_outcome.h"
#include "tests/e2e/hardness/smuggling_target.h"

using namespace http2_bytes;

class TestHttp2Smuggling : public QObject
{
    Q_OBJECT

    using Fields = std::vector<std::pair<std::string, std::string>>;

    std::unique_ptr<SmugglingTarget> m_target;

    static Fields request(const std::string &method, const Fields &more)
    {
        Fields fields{{":method", method}, {":scheme", "http"}, {":path", "/first"}, {":authority", "h"}};
        fields.insert(fields.end(), more.begin(), more.end());
        return fields;
    }
    /// Without the pseudo header `name`.
    static Fields without(const std::string &name)
    {
        Fields fields = request("GET", {});
        std::erase_if(fields, [&](const auto &field) { return field.first == name; });
        return fields;
    }
    /// With another value of the pseudo header `name`.
    static Fields with(const std::string &name, const std::string &value)
    {
        Fields fields = request("GET", {});
        for (auto &field : fields) {
            if (field.first == name)
                field.second = value;
        }
        return fields;
    }

private Q_SLOTS:
    void initTestCase()
    {
        SALLYPORT_NEEDS_ENGINE();
        m_target = std::make_unique<SmugglingTarget>();
    }
    void cleanupTestCase() { m_target.reset(); }

    void refused_data()
    {
        QTest::addColumn<Fields>("fields");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("outcome");
        const auto row = [](const char *name, const Fields &fields, const QByteArray &body = {},
                            const char *result = "closed") {
            QTest::newRow(name) << fields << body << QByteArray(result);
        };
        const std::string smuggled = "GET /smuggled HTTP/1.1\r\nhost: h\r\n\r\n";
        const QByteArray smuggledBody = QByteArray::fromStdString(smuggled);
        row("H2.TE", request("POST", {{"transfer-encoding", "chunked"}}), "0\r\n\r\n" + smuggledBody);
        row("H2.CL: too little", request("POST", {{"content-length", "0"}}), smuggledBody, "reset");
        row("H2.CL: too much", request("POST", {{"content-length", "1000"}}), smuggledBody, "reset");
        row("H2.CL: two", request("POST", {{"content-length", "38"}, {"content-length", "0"}}), smuggledBody);
        row("H2.CL: a list", request("POST", {{"content-length", "38, 38"}}), smuggledBody);
        row("H2.CL: signed", request("POST", {{"content-length", "+38"}}), smuggledBody);
        row("H2.CL: a length without body", request("GET", {{"content-length", "38"}}));
        row("a value with lines", request("GET", {{"x", "y\r\ntransfer-encoding: chunked"}}));
        row("a value with LF", request("GET", {{"x", "y\n" + smuggled}}));
        row("a value with CR", request("GET", {{"x", "y\rz"}}));
        row("a value with NUL", request("GET", {{"x", std::string("y\0z", 3)}}));
        row("a name with lines", request("GET", {{"x: y\r\ntransfer-encoding", "chunked"}}));
        row("a name with a colon", request("GET", {{"x:", "y"}}));
        row("a name with a space", request("GET", {{"transfer-encoding ", "chunked"}}));
        row("a name in capitals", request("GET", {{"X", "y"}}));
        row("no name", request("GET", {{"", "y"}}));
        row("connection", request("GET", {{"connection", "x"}}));
        row("keep-alive", request("GET", {{"keep-alive", "1"}}));
        row("proxy-connection", request("GET", {{"proxy-connection", "close"}}));
        row("upgrade", request("GET", {{"upgrade", "h2c"}}));
        row("te", request("GET", {{"te", "chunked"}}));
        row("a method with lines", with(":method", "GET /smuggled HTTP/1.1\r\nhost: h\r\n\r\nGET"));
        row("a method with a space", with(":method", "GET /smuggled"));
        row("a path with lines", with(":path", "/first HTTP/1.1\r\nhost: h\r\n\r\nGET /smuggled"));
        row("a path with a space", with(":path", "/first HTTP/1.1"));
        row("a path without slash", with(":path", "first"));
        row("no path", without(":path"));
        row("an empty path", with(":path", ""));
        row("no method", without(":method"));
        row("no scheme", without(":scheme"));
        row("an authority with lines", with(":authority", "h\r\nx: y"));
        row("an authority with a path", with(":authority", "h/smuggled"));
        row("an authority with a user", with(":authority", "user@h"));
        row("two paths", request("GET", {{":path", "/smuggled"}}));
        row("two authorities", request("GET", {{":authority", "i"}}));
        row("a pseudo header after others", request("GET", {{"x", "y"}, {":path", "/smuggled"}}));
        row("a pseudo header of answers", request("GET", {{":status", "200"}}));
        row("an unknown pseudo header", request("GET", {{":x", "y"}}));
        row(":protocol without CONNECT", request("GET", {{":protocol", "websocket"}}));
    }
    void refused()
    {
        QFETCH(Fields, fields);
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, outcome);
        const qsizetype before = m_target->upstream.seen().size();
        Client client(m_target->gateway.port);
        const std::string block = literals(fields);
        const std::uint8_t flags = body.isEmpty() ? EndHeaders | EndStream : EndHeaders;
        // In one piece: the body is there before anybody can have answered.
        client.send(preface() + frame(Headers, flags, 1, block) +
                    (body.isEmpty() ? std::string() : frame(Data, EndStream, 1, body.toStdString())));
        QCOMPARE(becomes(client), outcome);
        client.close();
        // A request after it still finds an upstream, and nothing that was hidden came before it.
        Client good(m_target->gateway.port);
        good.send("GET /after HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
        QVERIFY(good.readAll().starts_with("HTTP/1.1 200 "));
        const QByteArrayList seen = m_target->upstream.seen().mid(before);
        // A request that was cut off may be read, from its own connection, after the one that came later.
        QCOMPARE(seen.count("GET /after HTTP/1.1"), 1);
        QCOMPARE(seen.count("POST /first HTTP/1.1"), seen.size() - 1);
        QVERIFY(body.startsWith("GET") || seen.size() == 1);
    }

    void oneRequest_data()
    {
        QTest::addColumn<Fields>("fields");
        QTest::newRow("te: trailers") << request("GET", {{"te", "trailers"}});
        QTest::newRow("host beside the authority") << request("GET", {{"host", "smuggled"}});
        QTest::newRow("host instead of the authority") << [] {
            Fields fields = without(":authority");
            fields.emplace_back("host", "h");
            return fields;
        }();
        QTest::newRow("cookies in pieces") << request("GET", {{"cookie", "a=b"}, {"cookie", "c=d"}});
    }
    void oneRequest()
    {
        QFETCH(Fields, fields);
        const qsizetype before = m_target->upstream.seen().size();
        Client client(m_target->gateway.port);
        client.send(preface() + frame(Headers, EndHeaders | EndStream, 1, literals(fields)));
        QCOMPARE(becomes(client), QByteArray("answered"));
        QCOMPARE(m_target->upstream.seen().mid(before), QByteArrayList{"GET /first HTTP/1.1"});
    }
};

QTEST_GUILESS_MAIN(TestHttp2Smuggling)
#include "test_http2_smuggling.moc"
