// SPDX-License-Identifier: GPL-3.0-or-later
// What an HTTP/2 server refuses, and how: measured on Envoy.
#include "tests/proxy/http/http2_test_server.h"
#include "tests/proxy/net/epoll_main.h"

using namespace sallyport;
using namespace sallyport::http;

using Fields = Http2Peer::Fields;
Q_DECLARE_METATYPE(Fields)

class TestHttp2Refusals : public QObject
{
    Q_OBJECT

    static void answer(ServerTrace::Request &request, std::string_view body)
    {
        request.encoder.encodeHeaders(*responseHeaders(200), false);
        net::Buffer data(body);
        request.encoder.encodeData(data, true);
    }
    static std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                             std::string_view payload)
    {
        std::string bytes(9, '\0');
        bytes[1] = static_cast<char>(payload.size() >> 8);
        bytes[2] = static_cast<char>(payload.size());
        bytes[3] = static_cast<char>(type);
        bytes[4] = static_cast<char>(flags);
        bytes[8] = static_cast<char>(stream);
        return bytes.append(payload);
    }

private Q_SLOTS:
    void invalidMessages_data()
    {
        QTest::addColumn<Fields>("fields");
        QTest::addColumn<QByteArray>("details");
        const QByteArray field = "http2.invalid.header.field";
        const QByteArray rule = "http2.violation.of.messaging.rule";
        const auto with = [](const char *name, const char *value) {
            return getRequest("/", {{name, value}});
        };
        QTest::newRow("connection") << with("connection", "close") << field;
        QTest::newRow("transfer-encoding") << with("transfer-encoding", "chunked") << field;
        QTest::newRow("upgrade") << with("upgrade", "websocket") << field;
        QTest::newRow("te") << with("te", "gzip") << field;
        QTest::newRow("upper case") << with("X-Upper", "1") << field;
        QTest::newRow("space in a name") << with("a b", "1") << field;
        QTest::newRow("control in a value") << with("a", "b\x01") << field;
        QTest::newRow("unknown pseudo header") << with(":foo", "1") << field;
        QTest::newRow("a pseudo header again") << with(":path", "/") << field;
        QTest::newRow(":status") << with(":status", "200") << field;
        QTest::newRow("length is no number") << with("content-length", "+1") << field;
        QTest::newRow("length without body") << with("content-length", "5") << rule;
        QTest::newRow("user in the authority")
            << Fields{{":method", "GET"}, {":scheme", "http"}, {":authority", "u@h"}, {":path", "/"}}
            << field;
        QTest::newRow("pseudo header after another") << Fields{{":method", "GET"},
                                                               {"a", "b"},
                                                               {":scheme", "http"},
                                                               {":authority", "h"},
                                                               {":path", "/"}}
                                                     << field;
        QTest::newRow("no authority")
            << Fields{{":method", "GET"}, {":scheme", "http"}, {":path", "/"}} << rule;
        QTest::newRow("no scheme") << Fields{{":method", "GET"}, {":authority", "h"}, {":path", "/"}} << rule;
        QTest::newRow("path without slash") << getRequest("nopath") << rule;
        QTest::newRow("empty path") << getRequest("") << field;
        QTest::newRow("star for GET") << getRequest("*") << rule;
    }
    void invalidMessages()
    {
        QFETCH(Fields, fields);
        QFETCH(QByteArray, details);
        Http2TestServer server;
        server.peer.request(fields);
        const CodecStatus status = server.exchange();
        QVERIFY(status.kind == CodecStatus::Kind::ProtocolError);
        QCOMPARE(server.trace.text, "");
        QCOMPARE(QByteArray::fromStdString(std::string(server.request(0).encoder.stream().responseDetails())),
                 details);
        QCOMPARE(server.events[CodecEvent::Http2RxMessagingError], 1);
        QVERIFY(server.peer.goAways.empty());
    }

    void invalidMessagesMayEndTheirStreamOnly_data() { invalidMessages_data(); }
    void invalidMessagesMayEndTheirStreamOnly()
    {
        QFETCH(Fields, fields);
        QFETCH(QByteArray, details);
        CodecSettings settings;
        settings.http2StreamErrorOnInvalidMessage = true;
        Http2TestServer server(settings);
        const std::int32_t bad = server.peer.request(fields);
        const std::int32_t good = server.peer.request(getRequest("/good"));
        QVERIFY(server.exchange().ok());
        QCOMPARE(server.peer.messages[bad].reset, std::optional<std::uint32_t>(NGHTTP2_PROTOCOL_ERROR));
        QCOMPARE(QByteArray::fromStdString(server.trace.text),
                 "headers{:method=GET,:scheme=http,:authority=h,:path=/good}! reset local reset ");
        answer(server.request(1), "ok");
        server.exchange();
        QCOMPARE(server.peer.messages[good].body, "ok");
    }

    void bodiesKeepTheirLength()
    {
        Http2TestServer server;
        const std::int32_t longer = server.peer.request(postRequest({{"content-length", "2"}}), false);
        const std::int32_t shorter = server.peer.request(postRequest({{"content-length", "4"}}), false);
        server.exchange();
        server.peer.data(longer, "abc", true);
        server.peer.data(shorter, "abc", true);
        QVERIFY(server.exchange().ok());
        QCOMPARE(server.peer.messages[longer].reset, std::optional<std::uint32_t>(NGHTTP2_PROTOCOL_ERROR));
        QCOMPARE(server.peer.messages[shorter].reset, std::optional<std::uint32_t>(NGHTTP2_PROTOCOL_ERROR));
        QVERIFY(server.trace.text.find("reset protocol error ") != std::string::npos);
        QVERIFY(server.trace.text.find("]!") == std::string::npos);
    }

    void largeHeadersResetTheStream()
    {
        CodecSettings settings;
        settings.maxHeadersKb = 1;
        settings.maxHeadersCount = 8;
        Http2TestServer server(settings);
        const std::int32_t large = server.peer.request(getRequest("/", {{"x", std::string(1000, 'x')}}));
        const std::int32_t many = server.peer.request(getRequest("/", Fields(6, {"x", "1"})));
        const std::int32_t fine = server.peer.request(getRequest("/", {{"x", std::string(900, 'x')}}));
        QVERIFY(server.exchange().ok());
        for (const std::int32_t id : {large, many})
            QCOMPARE(server.peer.messages[id].reset, std::optional<std::uint32_t>(NGHTTP2_INTERNAL_ERROR));
        QVERIFY(!server.peer.messages[fine].reset);
        QCOMPARE(server.request(0).resetDetails, "http2.header_list_size_too_large");
        QCOMPARE(server.request(1).resetDetails, "http2.too_many_headers");
        QCOMPARE(server.events[CodecEvent::Http2HeaderListSizeTooLarge], 1);
        QCOMPARE(server.events[CodecEvent::Http2HeaderOverflow], 1);
    }

    void underscores_data()
    {
        QTest::addColumn<int>("action");
        QTest::addColumn<QByteArray>("trace");
        using Action = dataplane::HeadersWithUnderscores;
        const QByteArray head = "headers{:method=GET,:scheme=http,:authority=h,:path=/";
        QTest::newRow("allow") << int(Action::Allow) << QByteArray(head + ",a_b=1}! ");
        QTest::newRow("drop") << int(Action::DropHeader) << QByteArray(head + "}! ");
        QTest::newRow("reject") << int(Action::RejectRequest) << QByteArray("reset remote reset ");
    }
    void underscores()
    {
        QFETCH(int, action);
        QFETCH(QByteArray, trace);
        CodecSettings settings;
        settings.underscores = static_cast<dataplane::HeadersWithUnderscores>(action);
        Http2TestServer server(settings);
        server.peer.request(getRequest("/", {{"a_b", "1"}}));
        QVERIFY(server.exchange().ok());
        QCOMPARE(QByteArray::fromStdString(server.trace.text), trace);
    }

    void floods_data()
    {
        QTest::addColumn<QByteArray>("one");
        QTest::addColumn<int>("allowed");
        QTest::addColumn<int>("event");
        const auto row = [](const char *name, const std::string &one, int allowed, CodecEvent event) {
            QTest::newRow(name) << QByteArray::fromStdString(one) << allowed << int(event);
        };
        row("ping", frame(NGHTTP2_PING, 0, 0, "12345678"), 900, CodecEvent::Http2OutboundControlFlood);
        row("settings", frame(NGHTTP2_SETTINGS, 0, 0, ""), 900, CodecEvent::Http2OutboundControlFlood);
        row("priority", frame(NGHTTP2_PRIORITY, 0, 1, std::string_view("\0\0\0\0\x10", 5)), 100,
            CodecEvent::Http2InboundPriorityFramesFlood);
        row("window update", frame(NGHTTP2_WINDOW_UPDATE, 0, 0, std::string_view("\0\0\0\1", 4)), 5,
            CodecEvent::Http2InboundWindowUpdateFramesFlood);
    }
    void floods()
    {
        QFETCH(QByteArray, one);
        QFETCH(int, allowed);
        QFETCH(int, event);
        const auto feed = [&one](Http2TestServer &server, int times) {
            server.exchange();
            std::string all;
            for (int i = 0; i < times; ++i)
                all += one.toStdString();
            server.peer.raw(all);
            return server.exchange();
        };
        Http2TestServer few;
        QVERIFY(feed(few, allowed).ok());
        QCOMPARE(few.events[static_cast<CodecEvent>(event)], 0);
        Http2TestServer many;
        const CodecStatus status = feed(many, allowed + 200);
        QVERIFY(status.kind == CodecStatus::Kind::BufferFlood);
        QCOMPARE(many.events[static_cast<CodecEvent>(event)], 1);
    }

    void emptyFrames_data()
    {
        QTest::addColumn<int>("type");
        QTest::newRow("data") << int(NGHTTP2_DATA);
        QTest::newRow("continuation") << int(NGHTTP2_CONTINUATION);
    }
    void emptyFrames()
    {
        QFETCH(int, type);
        Http2TestServer server;
        if (type == NGHTTP2_DATA) {
            server.peer.request(postRequest(), false);
            server.exchange();
        } else {
            server.exchange();
            // The beginning of a block: `:method: GET`.
            server.peer.raw(frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, "\x82"));
        }
        for (int i = 0; i < 3; ++i)
            server.peer.raw(frame(static_cast<std::uint8_t>(type), 0, 1, ""));
        const CodecStatus status = server.exchange();
        QVERIFY(status.kind == CodecStatus::Kind::InboundEmptyFramesFlood);
        QCOMPARE(server.request(0).encoder.stream().responseDetails(), "http2.inbound_empty_frames_flood");
        QCOMPARE(server.events[CodecEvent::Http2InboundEmptyFramesFlood], 1);
    }

    void brokenFramesAreAnsweredWithGoAway()
    {
        Http2TestServer server;
        server.exchange();
        server.peer.raw(frame(NGHTTP2_PING, 0, 0, "short"));
        QVERIFY(server.exchange().kind == CodecStatus::Kind::ProtocolError);
        using GoAway = std::pair<std::int32_t, std::uint32_t>;
        QCOMPARE(server.peer.goAways, (std::vector<GoAway>{{0, NGHTTP2_FRAME_SIZE_ERROR}}));
    }

    void garbageInsteadOfThePreface()
    {
        Http2TestServer server;
        net::Buffer garbage(std::string_view("GET / HTTP/1.1\r\nhost: h\r\n\r\n"));
        QVERIFY(server.codec->dispatch(garbage).kind == CodecStatus::Kind::ProtocolError);
    }
};

SALLYPORT_EPOLL_MAIN(TestHttp2Refusals)
#include "test_http2_refusals.moc"
