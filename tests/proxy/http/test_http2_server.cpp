// SPDX-License-Identifier: GPL-3.0-or-later
// The server side of HTTP/2, with libnghttp2 as its client.
#include "tests/proxy/http/http2_test_server.h"
#include "tests/proxy/net/epoll_main.h"

using namespace sallyport;
using namespace sallyport::http;

using Fields = Http2Peer::Fields;

class TestHttp2Server : public QObject
{
    Q_OBJECT

    static void answer(ServerTrace::Request &request, std::string_view body)
    {
        request.encoder.encodeHeaders(*responseHeaders(200), false);
        net::Buffer data(body);
        request.encoder.encodeData(data, true);
    }
private Q_SLOTS:
    void settingsAreTold()
    {
        Http2TestServer server;
        server.exchange();
        QCOMPARE(server.peer.settings[NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS], 1024U);
        QCOMPARE(server.peer.settings[NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE], 16U * 1024 * 1024);
        QCOMPARE(server.peer.settings[NGHTTP2_SETTINGS_HEADER_TABLE_SIZE], 4096U);
        QCOMPARE(server.peer.settings[NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL], 0U);
        QCOMPARE(nghttp2_session_get_remote_window_size(server.peer.session()), 24 * 1024 * 1024);
    }

    void requestAndAnswer()
    {
        Http2TestServer server;
        server.trace.answer = [](ServerTrace::Request &request) {
            request.encoder.encodeInformational(*responseHeaders(103));
            request.encoder.encodeHeaders(*responseHeaders(200), false);
            net::Buffer data(std::string_view("body"));
            request.encoder.encodeData(data, false);
            const HeaderMapPtr trailers = HeaderMap::create(HeaderMap::Kind::Trailers);
            trailers->add("x-end", "1");
            request.encoder.encodeTrailers(*trailers);
        };
        const std::int32_t id =
            server.peer.request(postRequest({{"cookie", "a=1"}, {"cookie", "b=2"}}), false);
        server.exchange();
        server.peer.data(id, "hello", false);
        server.exchange();
        server.peer.headers(id, {{"x-t", "v"}}, true);
        QVERIFY(server.exchange().ok());
        QCOMPARE(server.trace.text, "headers{:method=POST,:scheme=http,:authority=h,:path=/,cookie=a=1; b=2} "
                                    "data[hello] trailers{x-t=v}! ");
        const Http2Peer::Message &got = server.peer.messages[id];
        QCOMPARE(got.head, ":status=103|:status=200|x-end=1");
        QCOMPARE(got.body, "body");
        QVERIFY(got.ended && !got.reset);
        QCOMPARE(server.events[CodecEvent::Http2Trailers], 1);
        QCOMPARE(server.events[CodecEvent::Http2StreamsActive], 0);
        QCOMPARE(server.events[CodecEvent::Http2PendingSendBytes], 0);
    }

    void answersComeInAnyOrder()
    {
        Http2TestServer server;
        const std::int32_t first = server.peer.request(getRequest("/1"));
        const std::int32_t second = server.peer.request(getRequest("/2"));
        const std::int32_t third = server.peer.request(getRequest("/3"));
        server.exchange();
        answer(server.request(2), "3");
        server.exchange();
        QVERIFY(server.peer.messages[third].ended);
        QVERIFY(!server.peer.messages.contains(first));
        answer(server.request(0), "1");
        answer(server.request(1), "2");
        server.exchange();
        QCOMPARE(server.peer.messages[first].body, "1");
        QCOMPARE(server.peer.messages[second].body, "2");
    }

    void hostIsTheAuthority()
    {
        Http2TestServer server;
        server.peer.request({{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {"host", "only"}});
        server.peer.request(getRequest("/", {{"host", "other"}}));
        server.exchange();
        QCOMPARE(server.trace.text, "headers{:method=GET,:scheme=http,:path=/,:authority=only}! "
                                    "headers{:method=GET,:scheme=http,:authority=h,:path=/}! ");
    }

    void answersWaitForTheClientsWindow()
    {
        CodecSettings settings;
        settings.streamWindow = 100; // also how much may wait
        Http2TestServer server(settings, {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 10}});
        const std::int32_t id = server.peer.request(getRequest());
        server.exchange();
        struct Watch final : StreamCallbacks
        {
            void onResetStream(ResetReason, std::string_view) override {}
            void onAboveWriteBufferHighWatermark() override { ++above; }
            void onBelowWriteBufferLowWatermark() override { ++below; }
            void onAnswerFlushed() override { ++flushed; }
            int above = 0;
            int below = 0;
            int flushed = 0;
        } watch;
        ResponseEncoder &encoder = server.request(0).encoder;
        encoder.stream().setCallbacks(&watch);
        encoder.encodeHeaders(*responseHeaders(200), false);
        net::Buffer data(std::string(150, 'x'));
        encoder.encodeData(data, true);
        server.exchange();
        QCOMPARE(server.peer.messages[id].body.size(), std::size_t{10});
        QCOMPARE(watch.above, 1);
        QVERIFY(!encoder.stream().isFlushed());
        QCOMPARE(server.events[CodecEvent::Http2PendingSendBytes], 140);
        server.peer.openWindows(id, 95);
        server.exchange();
        QCOMPARE(server.peer.messages[id].body.size(), std::size_t{105});
        QCOMPARE(watch.below, 1);
        QCOMPARE(watch.flushed, 0);
        server.peer.openWindows(id, 95);
        server.exchange();
        QCOMPARE(server.peer.messages[id].body.size(), std::size_t{150});
        QVERIFY(server.peer.messages[id].ended);
        QCOMPARE(watch.flushed, 1);
        QCOMPARE(server.events[CodecEvent::Http2PendingSendBytes], 0);
    }

    void aPausedStreamStopsItsClient()
    {
        CodecSettings settings;
        settings.streamWindow = 65535;
        settings.connectionWindow = 1024 * 1024;
        Http2TestServer server(settings);
        server.exchange();
        const std::int32_t id = server.peer.request(postRequest(), false);
        server.exchange();
        server.request(0).encoder.stream().readDisable(true);
        server.peer.data(id, std::string(200'000, 'x'), true);
        server.exchange();
        QCOMPARE(server.peer.sent(id), std::size_t{65535});
        // Others go on meanwhile.
        const std::int32_t other = server.peer.request(getRequest());
        server.exchange();
        answer(server.request(1), "other");
        server.exchange();
        QVERIFY(server.peer.messages[other].ended);
        server.request(0).encoder.stream().readDisable(false);
        server.exchange();
        QCOMPARE(server.peer.sent(id), std::size_t{200'000});
    }

    void whatIsNotReadIsGivenBackWithTheStream()
    {
        CodecSettings settings;
        settings.connectionWindow = 65535;
        Http2TestServer server(settings);
        server.exchange();
        const std::int32_t id = server.peer.request(postRequest(), false);
        server.exchange();
        server.request(0).encoder.stream().readDisable(true);
        server.peer.data(id, std::string(60'000, 'x'), false);
        server.exchange();
        QCOMPARE(nghttp2_session_get_remote_window_size(server.peer.session()), 5535);
        server.peer.reset(id, NGHTTP2_CANCEL);
        server.exchange();
        QCOMPARE(nghttp2_session_get_remote_window_size(server.peer.session()), 65535);
    }

    void resetsOfTheClient_data()
    {
        QTest::addColumn<quint32>("code");
        QTest::addColumn<QByteArray>("reason");
        QTest::addColumn<QByteArray>("details");
        const auto row = [](const char *name, quint32 code, const char *reason,
                            const char *details = "http2.remote_reset") {
            QTest::newRow(name) << code << QByteArray(reason) << QByteArray(details);
        };
        row("cancel", NGHTTP2_CANCEL, "remote reset");
        row("refused", NGHTTP2_REFUSED_STREAM, "remote refused stream reset", "http2.remote_refuse");
        row("connect", NGHTTP2_CONNECT_ERROR, "remote error with CONNECT request");
        row("protocol", NGHTTP2_PROTOCOL_ERROR, "protocol error");
    }
    void resetsOfTheClient()
    {
        QFETCH(quint32, code);
        QFETCH(QByteArray, reason);
        QFETCH(QByteArray, details);
        Http2TestServer server;
        const std::int32_t id = server.peer.request(postRequest(), false);
        server.exchange();
        server.trace.text.clear();
        server.peer.reset(id, code);
        server.exchange();
        QCOMPARE(QByteArray::fromStdString(server.trace.text), "reset " + reason + ' ');
        QCOMPARE(QByteArray::fromStdString(server.request(0).resetDetails), details);
        QCOMPARE(server.events[CodecEvent::Http2RxReset], 1);
    }

    void anAnswerBeforeTheRequestsEndIsComplete()
    {
        Http2TestServer server;
        const std::int32_t early = server.peer.request(postRequest(), false);
        const std::int32_t broken = server.peer.request(postRequest(), false);
        server.exchange();
        answer(server.request(0), "early");
        server.request(0).encoder.stream().resetStream(ResetReason::LocalReset);
        server.request(1).encoder.encodeHeaders(*responseHeaders(200), false);
        server.request(1).encoder.stream().resetStream(ResetReason::LocalReset);
        server.exchange();
        QCOMPARE(server.peer.messages[early].body, "early");
        QVERIFY(server.peer.messages[early].ended);
        QCOMPARE(server.peer.messages[early].reset, std::optional<std::uint32_t>(NGHTTP2_NO_ERROR));
        QCOMPARE(server.peer.messages[broken].reset, std::optional<std::uint32_t>(NGHTTP2_INTERNAL_ERROR));
        QCOMPARE(server.events[CodecEvent::Http2TxReset], 2);
    }

    void theConnectionEndsInTwoSteps()
    {
        Http2TestServer server;
        const std::int32_t first = server.peer.request(getRequest());
        server.exchange();
        server.codec->shutdownNotice();
        server.exchange();
        using GoAway = std::pair<std::int32_t, std::uint32_t>;
        QCOMPARE(server.peer.goAways, (std::vector<GoAway>{{0x7fffffff, NGHTTP2_NO_ERROR}}));
        server.codec->goAway();
        server.exchange();
        QCOMPARE(server.peer.goAways.back(), (GoAway{first, NGHTTP2_NO_ERROR}));
        QVERIFY(server.codec->wantsToWrite());
        answer(server.request(0), "last");
        server.exchange();
        QCOMPARE(server.peer.messages[first].body, "last");
        QVERIFY(!server.codec->wantsToWrite());
        QCOMPARE(server.events[CodecEvent::Http2GoawaySent], 1);
    }

    void anUpgradeIsAnExtendedConnect()
    {
        CodecSettings settings;
        settings.allowConnect = true;
        Http2TestServer server(settings);
        server.exchange();
        QCOMPARE(server.peer.settings[NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL], 1U);
        Fields fields = getRequest("/ws", {{":protocol", "websocket"}});
        fields[0].second = "CONNECT";
        std::swap(fields[3], fields[4]);
        const std::int32_t id = server.peer.request(fields, false);
        QVERIFY(server.exchange().ok());
        QCOMPARE(server.trace.text, "headers{:method=GET,:scheme=http,:authority=h,:path=/ws,"
                                    "upgrade=websocket,connection=upgrade} ");
        const HeaderMapPtr answer = responseHeaders(101);
        answer->set(Known::Connection, "upgrade");
        answer->set(Known::Upgrade, "websocket");
        server.request(0).encoder.encodeHeaders(*answer, false);
        server.peer.data(id, "ping", false);
        server.exchange();
        QCOMPARE(server.peer.messages[id].head, ":status=200");
        QVERIFY(server.trace.text.ends_with("data[ping] "));
    }

    void aClientThatTakesNothingLosesItsStream()
    {
        Http2TestServer server({}, {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0}});
        const std::int32_t id = server.peer.request(getRequest());
        server.exchange();
        server.request(0).encoder.stream().setFlushTimeout(std::chrono::milliseconds(20));
        answer(server.request(0), "never read");
        QTRY_VERIFY((server.exchange(), server.peer.messages[id].reset.has_value()));
        QCOMPARE(*server.peer.messages[id].reset, std::uint32_t{NGHTTP2_INTERNAL_ERROR});
        QCOMPARE(server.events[CodecEvent::Http2TxFlushTimeout], 1);
        QCOMPARE(server.events[CodecEvent::Http2PendingSendBytes], 0);
    }

    void aSilentClientIsAskedAndLeft()
    {
        CodecSettings settings;
        settings.keepaliveInterval = std::chrono::milliseconds(10);
        settings.keepaliveTimeout = std::chrono::milliseconds(50);
        Http2TestServer server(settings);
        // Answered as long as bytes are carried to and fro.
        QTRY_VERIFY((server.exchange(), server.peer.pings >= 3));
        QVERIFY(!server.pair.recorder.closed);
        QTRY_VERIFY(server.pair.recorder.closed.has_value());
        QCOMPARE(server.pair.connection->localCloseReason(), "http2_ping_timeout");
        QCOMPARE(server.events[CodecEvent::Http2KeepaliveTimeout], 1);
    }

    void anEndOfTheConnectionEndsItsStreams()
    {
        Http2TestServer server;
        server.peer.request(postRequest(), false);
        server.peer.request(postRequest(), false);
        server.exchange();
        server.trace.text.clear();
        server.codec->connectionEnded(ResetReason::ConnectionTermination, {});
        QCOMPARE(server.trace.text, "reset connection termination reset connection termination ");
        QCOMPARE(server.events[CodecEvent::Http2StreamsActive], 0);
    }
};

SALLYPORT_EPOLL_MAIN(TestHttp2Server)
#include "test_http2_server.moc"
