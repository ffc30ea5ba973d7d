// SPDX-License-Identifier: GPL-3.0-or-later
// Frames that cost their sender nothing. Each flood ends its connection, and is counted where Envoy counts
// it.
#include "tests/e2e/hardness/attacked_gateway.h"
#include "tests/e2e/hardness/good_client.h"
#include "tests/e2e/hardness/http2_bytes.h"
#include "tests/e2e/hardness/odd_upstream.h"

using namespace http2_bytes;

class TestHttp2Floods : public QObject
{
    Q_OBJECT

    /// A request, and at once the frame that ends it, stream after stream.
    static std::string rapidResets(int streams, Type type, std::string_view payload)
    {
        std::string bytes;
        for (int i = 0; i < streams; ++i) {
            const auto stream = static_cast<std::uint32_t>(2 * i + 1);
            bytes += frame(Headers, EndHeaders | EndStream, stream, head());
            bytes += frame(type, 0, stream, payload);
        }
        return bytes;
    }

private Q_SLOTS:
    void initTestCase() { SALLYPORT_NEEDS_ENGINE(); }

    void floods_data()
    {
        QTest::addColumn<QByteArray>("begin");
        QTest::addColumn<QByteArray>("flood");
        QTest::addColumn<int>("times");
        QTest::addColumn<QByteArray>("counter");
        const auto row = [](const char *name, const std::string &begin, const std::string &flood, int times,
                            const char *counter) {
            QTest::newRow(name) << QByteArray::fromStdString(begin) << QByteArray::fromStdString(flood)
                                << times << QByteArray(counter);
        };
        row("PING", {}, repeated(frame(Ping, 0, 0, "12345678"), 5000), 1, "http2.outbound_control_flood");
        row("SETTINGS", {}, repeated(frame(Settings, 0, 0, {}), 5000), 1, "http2.outbound_control_flood");
        row("PRIORITY", {}, repeated(frame(Priority, 0, 1, std::string_view("\0\0\0\3\x10", 5)), 1000), 1,
            "http2.inbound_priority_frames_flood");
        row("WINDOW_UPDATE", {}, repeated(frame(WindowUpdate, 0, 0, std::string_view("\0\0\0\1", 4)), 1000),
            1, "http2.inbound_window_update_frames_flood");
        row("empty DATA", frame(Headers, EndHeaders, 1, head(true)), repeated(frame(Data, 0, 1, {}), 1000), 1,
            "http2.inbound_empty_frames_flood");
        row("empty CONTINUATION", frame(Headers, EndStream, 1, head()),
            repeated(frame(Continuation, 0, 1, {}), 1000), 1, "http2.inbound_empty_frames_flood");
        row("CONTINUATION without end", frame(Headers, EndStream, 1, head()),
            repeated(frame(Continuation, 0, 1, literals({{"x", std::string(16000, 'y')}})), 100), 400,
            nullptr);
        row("SETTINGS that change the table", {},
            repeated(frame(Settings, 0, 0, std::string_view("\0\1\0\0\0\0\0\1\0\0\x10\0", 12)), 5000), 1,
            "http2.outbound_control_flood");
        row("rapid reset", {}, rapidResets(20000, Reset, std::string_view("\0\0\0\x8", 4)), 1,
            "http.in.downstream_rq_too_many_premature_resets");
        // A window that is opened by nothing: it is the server that has to reset the stream.
        row("rapid reset by the server", {},
            rapidResets(20000, WindowUpdate, std::string_view("\0\0\0\0", 4)), 1, nullptr);
    }
    void floods()
    {
        QFETCH(QByteArray, begin);
        QFETCH(QByteArray, flood);
        QFETCH(int, times);
        QFETCH(QByteArray, counter);
        OddUpstream upstream;
        // Nobody waits for whoever was refused.
        AttackedGateway gateway(upstream.port(), httpManager(R"("delayed_close_timeout": "0.05s")"));
        GoodClient good(gateway.port);
        constexpr int Attackers = 4;
        for (int i = 0; i < Attackers; ++i) {
            Client client(gateway.port);
            client.setReceiveBuffer(4096);
            client.send(preface() + begin.toStdString());
            for (int j = 0; j < times && client.sendsAll(flood.toStdString()); ++j) {
            }
            client.readAll();
            QVERIFY(!client.stillOpen);
        }
        QVERIFY(gateway.isRunning());
        if (!counter.isEmpty())
            QTRY_COMPARE(gateway.stat(counter), Attackers);
        QTRY_COMPARE(gateway.stat("http2.streams_active"), 0);
        QVERIFY(good.isServed());
        QVERIFY(gateway.growth("flood") < 32 * MiB);
    }
};

QTEST_GUILESS_MAIN(TestHttp2Floods)
#include "test_http2_floods.moc"
