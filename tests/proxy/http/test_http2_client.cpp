// SPDX-License-Identifier: GPL-3.0-or-later
// The client side of HTTP/2, with libnghttp2 as its server.
#include "tests/proxy/http/codec_trace.h"
#include "tests/proxy/http/http2_peer.h"
#include "tests/proxy/net/epoll_main.h"

using namespace sallyport;
using namespace sallyport::http;

class TestHttp2Client : public QObject
{
    Q_OBJECT

    struct Client : ConnectionObserver
    {
        explicit Client(const CodecSettings &configured = {}, std::vector<nghttp2_settings_entry> server = {})
            : settings(configured)
            , peer(Http2Peer::Side::Server, std::move(server))
            , codec(makeClientCodec(Protocol::Http2, *pair.connection, *this, settings, &events))
        {
            pair.connection->setBufferLimit(0);
        }
        ~Client() override { codec->connectionEnded(ResetReason::ConnectionTermination, {}); }
        void onGoAway(std::uint32_t code) override { goAway = code; }
        void onMaxConcurrentStreams(std::uint32_t limit) override { mostStreams = limit; }

        RequestEncoder &begin(ClientTrace &trace, const HeaderMap &headers, bool endStream)
        {
            RequestEncoder &encoder = codec->newStream(trace);
            encoder.stream().setCallbacks(&trace);
            if (!encoder.encodeHeaders(headers, endStream))
                qFatal("the headers were not sent");
            return encoder;
        }
        RequestEncoder &get(ClientTrace &trace, std::string_view path = "/")
        {
            return begin(trace, *requestHeaders("GET", path, "h"), true);
        }
        CodecStatus exchange() { return peer.exchange(*codec, pair); }

        CodecSettings settings;
        Pair pair;
        EventCounts events;
        Http2Peer peer;
        std::unique_ptr<ClientCodec> codec;
        std::optional<std::uint32_t> goAway;
        std::optional<std::uint32_t> mostStreams;
    };

private Q_SLOTS:
    void requestAndAnswer()
    {
        ClientTrace trace;
        Client client({}, {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 7}});
        RequestEncoder &encoder = client.begin(trace, *requestHeaders("POST", "/p", "h"), false);
        net::Buffer body(std::string_view("hello"));
        encoder.encodeData(body, false);
        const HeaderMapPtr trailers = HeaderMap::create(HeaderMap::Kind::Trailers);
        trailers->add("x-t", "v");
        encoder.encodeTrailers(*trailers);
        client.exchange();
        QCOMPARE(client.mostStreams, std::optional<std::uint32_t>(7));
        QCOMPARE(client.peer.settings[NGHTTP2_SETTINGS_ENABLE_PUSH], 0U);
        QCOMPARE(client.peer.messages[1].head, ":method=POST,:path=/p,:authority=h|x-t=v");
        QCOMPARE(client.peer.messages[1].body, "hello");
        QVERIFY(client.peer.messages[1].ended);

        client.peer.headers(1, {{":status", "103"}, {"link", "l"}}, false);
        client.peer.headers(1, {{":status", "200"}, {"a", "b"}}, false);
        client.peer.data(1, "answer", false);
        client.exchange();
        client.peer.headers(1, {{"x-end", "1"}}, true);
        QVERIFY(client.exchange().ok());
        QCOMPARE(trace.text,
                 "interim{:status=103,link=l} headers{:status=200,a=b} data[answer] trailers{x-end=1}! ");
        QVERIFY(client.codec->reusable());
        QCOMPARE(client.events[CodecEvent::Http2StreamsActive], 0);
    }

    void streamsShareTheConnection()
    {
        ClientTrace traces[3];
        Client client;
        for (ClientTrace &trace : traces)
            client.get(trace);
        client.exchange();
        for (const std::int32_t id : {5, 1, 3}) {
            client.peer.headers(id, {{":status", "200"}}, false);
            client.peer.data(id, std::to_string(id), true);
        }
        QVERIFY(client.exchange().ok());
        for (int i = 0; i < 3; ++i)
            QCOMPARE(traces[i].text, "headers{:status=200} data[" + std::to_string(2 * i + 1) + "]! ");
    }

    /// connection_idle_interval: as Envoy's, a PING goes ahead of the stream that ends a silence.
    void whoWasSilentIsAskedWhenAStreamBegins_data()
    {
        QTest::addColumn<int>("silence");
        QTest::addColumn<bool>("asked");
        QTest::newRow("long enough") << 1 << true;
        QTest::newRow("not long enough") << 3'600'000 << false;
    }
    void whoWasSilentIsAskedWhenAStreamBegins()
    {
        QFETCH(int, silence);
        QFETCH(bool, asked);
        CodecSettings settings;
        settings.keepaliveIdleInterval = std::chrono::milliseconds(silence);
        settings.keepaliveTimeout = std::chrono::milliseconds(20);
        ClientTrace traces[2];
        Client client(settings);
        client.get(traces[0]);
        client.exchange();
        client.peer.headers(1, {{":status", "200"}}, true);
        QVERIFY(client.exchange().ok());
        const int before = client.peer.pings;
        QTest::qSleep(5);
        client.get(traces[1]);
        client.exchange();
        QCOMPARE(client.peer.pings - before, asked ? 1 : 0);
        QCOMPARE(client.peer.messages[3].head, ":method=GET,:path=/,:authority=h");
        // The second time nobody answers.
        if (asked) {
            QTest::qSleep(5);
            client.get(traces[0]);
            QTRY_VERIFY(client.pair.recorder.closed.has_value());
            QCOMPARE(client.pair.connection->localCloseReason(), "http2_ping_timeout");
            QCOMPARE(client.events[CodecEvent::Http2KeepaliveTimeout], 1);
        }
    }

    void bodiesWaitForTheServersWindow()
    {
        ClientTrace trace;
        Client client({}, {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 10}});
        client.exchange();
        RequestEncoder &encoder = client.begin(trace, *requestHeaders("POST", "/", "h"), false);
        net::Buffer body(std::string(25, 'x'));
        encoder.encodeData(body, true);
        client.exchange();
        QCOMPARE(client.peer.messages[1].body.size(), std::size_t{10});
        client.peer.openWindows(1, 100);
        client.exchange();
        QCOMPARE(client.peer.messages[1].body.size(), std::size_t{25});
        QVERIFY(client.peer.messages[1].ended);
    }

    void resetsOfTheServer_data()
    {
        QTest::addColumn<quint32>("code");
        QTest::addColumn<QByteArray>("reason");
        const auto row = [](const char *name, quint32 code, const char *reason) {
            QTest::newRow(name) << code << QByteArray(reason);
        };
        row("no error", NGHTTP2_NO_ERROR, "remote reset");
        row("internal", NGHTTP2_INTERNAL_ERROR, "remote reset");
        row("refused", NGHTTP2_REFUSED_STREAM, "remote refused stream reset");
        row("connect", NGHTTP2_CONNECT_ERROR, "remote error with CONNECT request");
        row("protocol", NGHTTP2_PROTOCOL_ERROR, "protocol error");
    }
    void resetsOfTheServer()
    {
        QFETCH(quint32, code);
        QFETCH(QByteArray, reason);
        ClientTrace trace;
        Client client;
        client.get(trace);
        client.exchange();
        client.peer.reset(1, code);
        QVERIFY(client.exchange().ok());
        QCOMPARE(QByteArray::fromStdString(trace.text), "reset " + reason + ' ');
    }

    void giveUp()
    {
        ClientTrace trace;
        Client client;
        RequestEncoder &encoder = client.get(trace);
        client.exchange();
        encoder.stream().resetStream(ResetReason::LocalReset);
        QCOMPARE(trace.text, "reset local reset ");
        client.peer.headers(1, {{":status", "200"}}, true);
        QVERIFY(client.exchange().ok());
        QCOMPARE(trace.text, "reset local reset ");
        QCOMPARE(client.peer.messages[1].reset, std::optional<std::uint32_t>(NGHTTP2_INTERNAL_ERROR));
        // Before anything was sent there is nothing to be reset.
        ClientTrace unsent;
        RequestEncoder &never = client.codec->newStream(unsent);
        never.stream().setCallbacks(&unsent);
        const HeaderMapPtr nothing = HeaderMap::create(HeaderMap::Kind::Request);
        QVERIFY(!never.encodeHeaders(*nothing, true));
        never.stream().resetStream(ResetReason::LocalReset);
        QVERIFY(client.exchange().ok());
        QCOMPARE(client.events[CodecEvent::Http2StreamsActive], 0);
    }

    void aServerThatLeavesFinishesWhatItTook()
    {
        ClientTrace taken;
        ClientTrace refused;
        Client client;
        client.get(taken);
        client.get(refused);
        client.exchange();
        nghttp2_submit_goaway(client.peer.session(), NGHTTP2_FLAG_NONE, 1, NGHTTP2_NO_ERROR, nullptr, 0);
        client.exchange();
        QCOMPARE(client.goAway, std::optional<std::uint32_t>(NGHTTP2_NO_ERROR));
        QVERIFY(!client.codec->reusable());
        QCOMPARE(refused.text, "reset remote refused stream reset ");
        client.peer.headers(1, {{":status", "200"}}, true);
        QVERIFY(client.exchange().ok());
        QCOMPARE(taken.text, "headers{:status=200}! ");
    }

    void invalidAnswers_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("value");
        QTest::newRow("connection header") << QByteArray("connection") << QByteArray("close");
        QTest::newRow("upper case") << QByteArray("X-A") << QByteArray("1");
        QTest::newRow("length without body") << QByteArray("content-length") << QByteArray("3");
        QTest::newRow("a second status") << QByteArray(":status") << QByteArray("200");
    }
    void invalidAnswers()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, value);
        for (const bool streamOnly : {false, true}) {
            CodecSettings settings;
            settings.http2StreamErrorOnInvalidMessage = streamOnly;
            ClientTrace trace;
            Client client(settings);
            client.get(trace);
            client.exchange();
            client.peer.headers(1, {{":status", "200"}, {name.toStdString(), value.toStdString()}}, true);
            const CodecStatus status = client.exchange();
            QCOMPARE(status.ok(), streamOnly);
            QCOMPARE(client.events[CodecEvent::Http2RxMessagingError], 1);
            QCOMPARE(trace.text, streamOnly ? "reset protocol error " : "");
        }
    }

    void headOfAnAnswerComesFirst()
    {
        // An empty DATA frame between an interim answer and the final one is nothing.
        ClientTrace trace;
        Client client;
        client.get(trace);
        client.exchange();
        client.peer.headers(1, {{":status", "103"}}, false);
        client.exchange();
        client.peer.raw(std::string_view("\0\0\0\0\0\0\0\0\1", 9));
        QVERIFY(client.exchange().ok());
        client.peer.headers(1, {{":status", "200"}}, true);
        QVERIFY(client.exchange().ok());
        QCOMPARE(trace.text, "interim{:status=103} headers{:status=200}! ");
    }

    void anUpgradeIsAnExtendedConnect()
    {
        ClientTrace trace;
        Client client({}, {{NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1}});
        const HeaderMapPtr headers = requestHeaders("GET", "/ws", "h");
        headers->set(Known::Scheme, "http");
        headers->set(Known::Connection, "Upgrade");
        headers->set(Known::Upgrade, "websocket");
        headers->set(Known::ContentLength, "0");
        client.begin(trace, *headers, false);
        client.exchange();
        const std::string &head = client.peer.messages[1].head;
        QVERIFY(head.find(":method=CONNECT") != std::string::npos);
        QVERIFY(head.find(":protocol=websocket") != std::string::npos);
        QVERIFY(head.find("upgrade=") == std::string::npos &&
                head.find("content-length") == std::string::npos);
        client.peer.headers(1, {{":status", "200"}}, false);
        client.peer.data(1, "pong", false);
        QVERIFY(client.exchange().ok());
        QCOMPARE(trace.text, "headers{:status=101,upgrade=websocket,connection=upgrade} data[pong] ");
    }

    void aConnectHasNoPath()
    {
        ClientTrace trace;
        Client client;
        const HeaderMapPtr headers = requestHeaders("CONNECT", "/", "h:80");
        headers->set(Known::Scheme, "http");
        client.begin(trace, *headers, false);
        client.exchange();
        QCOMPARE(client.peer.messages[1].head, ":method=CONNECT,:authority=h:80");
    }

    void theConnectionsWatermarksReachEveryStream()
    {
        struct Watch final : StreamCallbacks
        {
            void onResetStream(ResetReason, std::string_view) override {}
            void onAboveWriteBufferHighWatermark() override { ++above; }
            void onBelowWriteBufferLowWatermark() override { ++below; }
            int above = 0;
            int below = 0;
        } watches[2];
        ClientTrace traces[2];
        Client client;
        for (int i = 0; i < 2; ++i)
            client.get(traces[i]).stream().setCallbacks(&watches[i]);
        client.exchange();
        client.codec->onConnectionAboveHighWatermark();
        client.codec->onConnectionAboveHighWatermark();
        client.codec->onConnectionBelowLowWatermark();
        for (const Watch &watch : watches) {
            QCOMPARE(watch.above, 1);
            QCOMPARE(watch.below, 1);
        }
    }
};

SALLYPORT_EPOLL_MAIN(TestHttp2Client)
#include "test_http2_client.moc"
