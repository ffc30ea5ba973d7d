// SPDX-License-Identifier: GPL-3.0-or-later
// What a client may still say, on a stream that is no more and on a connection that it leaves (RFC
// 9113 5.1, 6.8, 6.9).
#include "tests/proxy/http/http2_test_server.h"
#include "tests/proxy/net/epoll_main.h"

using namespace sallyport;
using namespace sallyport::http;

class TestHttp2StreamStates : public QObject
{
    Q_OBJECT

    using GoAways = std::vector<std::pair<std::int32_t, std::uint32_t>>;

    static std::string frame(std::uint8_t type, std::uint8_t flags, std::int32_t stream,
                             std::string_view payload)
    {
        std::string bytes(9, '\0');
        bytes[2] = static_cast<char>(payload.size());
        bytes[3] = static_cast<char>(type);
        bytes[4] = static_cast<char>(flags);
        bytes[7] = static_cast<char>(stream >> 8);
        bytes[8] = static_cast<char>(stream);
        return bytes.append(payload);
    }
    /// `:method: GET`, `:scheme: http`, `:path: /`, `:authority: h`
    static std::string headers(std::int32_t stream, bool end)
    {
        return frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | (end ? NGHTTP2_FLAG_END_STREAM : 0), stream,
                     std::string_view("\x82\x86\x84\x41\x01h", 6));
    }
    static std::string data(std::int32_t stream, bool end = false)
    {
        return frame(NGHTTP2_DATA, end ? NGHTTP2_FLAG_END_STREAM : 0, stream, "data");
    }
    static std::string reset(std::int32_t stream)
    {
        return frame(NGHTTP2_RST_STREAM, 0, stream, std::string_view("\0\0\0\x8", 4));
    }
    static std::string windowUpdate(std::int32_t stream)
    {
        return frame(NGHTTP2_WINDOW_UPDATE, 0, stream, std::string_view("\x7f\xff\xff\xff", 4));
    }
    static void answer(Http2TestServer &server, std::size_t index)
    {
        server.request(index).encoder.encodeHeaders(*responseHeaders(200), true);
    }

private Q_SLOTS:
    void closedStreams_data()
    {
        QTest::addColumn<bool>("complete");
        QTest::addColumn<QByteArray>("after");
        const auto row = [](const char *name, bool complete, const std::string &after) {
            QTest::newRow(name) << complete << QByteArray::fromStdString(after);
        };
        row("data after a reset", false, data(1));
        row("data after a reset, in one read", false, reset(1) + data(1));
        row("headers after a reset", false, headers(1, true));
        row("data after the end", true, data(1));
        row("headers after the end", true, headers(1, true));
    }
    void closedStreams()
    {
        QFETCH(bool, complete);
        QFETCH(QByteArray, after);
        Http2TestServer server;
        server.peer.request(postRequest(), complete);
        QVERIFY(server.exchange().ok());
        if (complete)
            answer(server, 0);
        else if (!after.startsWith(QByteArray::fromStdString(reset(1))))
            server.peer.reset(1, NGHTTP2_CANCEL);
        QVERIFY(server.exchange().ok());
        server.peer.raw(after.toStdString());
        QVERIFY(server.exchange().kind == CodecStatus::Kind::ProtocolError);
        QCOMPARE(server.peer.goAways, (GoAways{{1, NGHTTP2_STREAM_CLOSED}}));
    }

    void idsThatWerePassedOver()
    {
        Http2TestServer server;
        server.exchange();
        server.peer.raw(headers(5, true) + headers(3, true));
        QVERIFY(server.exchange().kind == CodecStatus::Kind::ProtocolError);
        QCOMPARE(server.trace.requests.size(), std::size_t(1));
        QCOMPARE(server.peer.goAways, (GoAways{{5, NGHTTP2_STREAM_CLOSED}}));
    }

    /// A client that has not seen the reset yet does nothing wrong, until it has ended the message.
    void whatWasOnItsWayToAnAbandonedStream()
    {
        Http2TestServer server;
        server.peer.request(postRequest(), false);
        server.exchange();
        server.request(0).encoder.stream().resetStream(ResetReason::LocalReset);
        server.peer.raw(data(1) + data(1) + headers(3, true) + data(1, true));
        QVERIFY(server.exchange().ok());
        QCOMPARE(server.trace.requests.size(), std::size_t(2));
        server.peer.raw(data(1));
        QVERIFY(server.exchange().kind == CodecStatus::Kind::ProtocolError);
        QCOMPARE(server.peer.goAways, (GoAways{{3, NGHTTP2_STREAM_CLOSED}}));
    }

    void whatWasOnItsWayToARefusedStream()
    {
        CodecSettings settings;
        settings.maxConcurrentStreams = 1;
        Http2TestServer server(settings);
        // Before the client has seen the limit.
        server.peer.request(postRequest());
        server.peer.request(postRequest(), false);
        QVERIFY(server.exchange().ok());
        QCOMPARE(server.events[CodecEvent::Http2StreamRefusedErrors], 1);
        QCOMPARE(server.trace.requests.size(), std::size_t(1));
        server.peer.raw(data(3));
        QVERIFY(server.exchange().ok());
    }

    /// However many streams were given up, none of their clients is taken for an attacker.
    void manyAbandonedStreams()
    {
        Http2TestServer server;
        constexpr int Streams = 600;
        for (int i = 0; i < Streams; ++i) {
            QCOMPARE(server.peer.request(postRequest(), false), 2 * i + 1);
            QVERIFY(server.exchange().ok());
            server.request(static_cast<std::size_t>(i)).encoder.stream().resetStream(ResetReason::LocalReset);
        }
        server.exchange();
        for (int i = 0; i < Streams; ++i) {
            server.peer.raw(data(2 * i + 1));
            QVERIFY(server.exchange().ok());
        }
    }

    void windowsOverflow_data()
    {
        QTest::addColumn<int>("stream");
        QTest::newRow("connection") << 0;
        QTest::newRow("stream") << 1;
    }
    void windowsOverflow()
    {
        QFETCH(int, stream);
        Http2TestServer server;
        server.exchange();
        server.peer.request(postRequest(), false);
        server.exchange();
        server.peer.raw(windowUpdate(stream));
        QVERIFY(server.exchange().kind == CodecStatus::Kind::ProtocolError);
        if (stream == 0)
            QCOMPARE(server.peer.goAways, (GoAways{{1, NGHTTP2_FLOW_CONTROL_ERROR}}));
        else
            QCOMPARE(server.peer.messages[stream].reset,
                     std::optional<std::uint32_t>(NGHTTP2_FLOW_CONTROL_ERROR));
    }

    void framesWhereTheyDoNotBelong_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<bool>("isTold");
        const auto row = [](const char *name, const std::string &bytes, bool isTold) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << isTold;
        };
        row("DATA on no stream", data(0), true);
        row("CONTINUATION of nothing", frame(NGHTTP2_CONTINUATION, NGHTTP2_FLAG_END_HEADERS, 1, ""), true);
        row("PING on a stream", frame(NGHTTP2_PING, 0, 1, "12345678"), true);
        row("SETTINGS on a stream", frame(NGHTTP2_SETTINGS, 0, 1, ""), false);
        row("GOAWAY on a stream", frame(NGHTTP2_GOAWAY, 0, 1, "12345678"), false);
        row("HEADERS on no stream", headers(0, true), false);
        row("HEADERS on a server's stream", headers(2, true), false);
        row("a reset of nothing", reset(1), false);
        row("a window of nothing", frame(NGHTTP2_WINDOW_UPDATE, 0, 1, std::string_view("\0\0\0\1", 4)),
            false);
        row("a window that opens by nothing",
            frame(NGHTTP2_WINDOW_UPDATE, 0, 0, std::string_view("\0\0\0\0", 4)), false);
        row("a push",
            frame(NGHTTP2_PUSH_PROMISE, NGHTTP2_FLAG_END_HEADERS, 1, std::string_view("\0\0\0\2", 4)), false);
    }
    /// Envoy 1.40 says GOAWAY to what a frame's header shows, and ends the connection without a word
    /// otherwise; h2spec wants to be told of a PING too.
    void framesWhereTheyDoNotBelong()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(bool, isTold);
        Http2TestServer server;
        server.exchange();
        server.peer.raw(bytes.toStdString());
        QVERIFY(server.exchange().kind == CodecStatus::Kind::ProtocolError);
        QCOMPARE(server.peer.goAways, isTold ? (GoAways{{0, NGHTTP2_PROTOCOL_ERROR}}) : GoAways());
    }

    /// METADATA, whose frames go to nobody here, and what else nobody knows.
    void framesThatNobodyKnows()
    {
        Http2TestServer server;
        server.exchange();
        constexpr std::uint8_t Metadata = 0x4d;
        server.peer.raw(frame(Metadata, NGHTTP2_FLAG_END_HEADERS, 0, std::string_view("\0\1k\1v", 5)) +
                        frame(Metadata, NGHTTP2_FLAG_END_HEADERS, 1, std::string_view("\0\1k\1v", 5)) +
                        frame(0x55, 0, 1, "?") + headers(1, true));
        QVERIFY(server.exchange().ok());
        QCOMPARE(server.trace.requests.size(), std::size_t(1));
        QCOMPARE(server.peer.goAways, GoAways());
    }

    void aConnectionThatTheClientLeaves_data()
    {
        QTest::addColumn<bool>("withRequest");
        QTest::addColumn<bool>("oneRead");
        QTest::newRow("idle") << false << false;
        QTest::newRow("idle, in one read") << false << true;
        QTest::newRow("with a request") << true << false;
    }
    /// It is answered as long as something runs; then whatever still comes ends it.
    void aConnectionThatTheClientLeaves()
    {
        QFETCH(bool, withRequest);
        QFETCH(bool, oneRead);
        const std::string ping = frame(NGHTTP2_PING, 0, 0, "12345678");
        Http2TestServer server;
        server.exchange();
        if (withRequest) {
            server.peer.request(getRequest());
            server.exchange();
        }
        server.peer.raw(frame(NGHTTP2_GOAWAY, 0, 0, std::string_view("\0\0\0\0\0\0\0\0", 8)));
        if (oneRead)
            server.peer.raw(ping);
        QVERIFY(server.exchange().ok());
        if (withRequest) {
            const std::size_t before = server.peer.received;
            server.peer.raw(ping);
            QVERIFY(server.exchange().ok());
            QCOMPARE(server.peer.received, before + ping.size());
            answer(server, 0);
            server.exchange();
            QVERIFY(server.peer.messages[1].ended);
        }
        if (!oneRead)
            QVERIFY(server.pair.connection->state() == net::Connection::State::Open);
        server.peer.raw(ping);
        QVERIFY(server.exchange().ok());
        QVERIFY(server.pair.connection->state() != net::Connection::State::Open);
    }
};

SALLYPORT_EPOLL_MAIN(TestHttp2StreamStates)
#include "test_http2_stream_states.moc"
