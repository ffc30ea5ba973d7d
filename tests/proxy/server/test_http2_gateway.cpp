// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP/2 through a whole gateway, with curl as the client and the gateway's second listener as the upstream.
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/net/test_pki.h"
#include "tests/proxy/server/running_server.h"

using namespace bootstrap_text;

namespace {

QString manager(const QString &prefix, const QString &routes, const QString &more = {})
{
    return filter(
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        QStringLiteral(
            R"(%4 "stat_prefix": "%1", "route_config": {"virtual_hosts": [{"name": "v", "domains": ["*"],
            "routes": [%2]}]}, "http_filters": [%3])")
            .arg(prefix, routes, filter("envoy.extensions.filters.http.router.v3.Router", {}), more));
}

enum FrameType : unsigned char { Data = 0, Headers = 1, Reset = 3, Settings = 4, GoAway = 7 };

std::string frame(FrameType type, unsigned char flags, std::uint32_t stream, const std::string &payload)
{
    const auto byte = [](std::size_t number, int shift) { return static_cast<char>(number >> shift & 0xff); };
    return std::string{byte(payload.size(), 16), byte(payload.size(), 8),  byte(payload.size(), 0),
                       static_cast<char>(type),  static_cast<char>(flags), byte(stream, 24),
                       byte(stream, 16),         byte(stream, 8),          byte(stream, 0)} +
           payload;
}

/// The GOAWAYs, with their last stream, and the streams reset that come before `stream` ends (0: the
/// connection).
QStringList framesUntilEndOf(Client &client, std::uint32_t stream)
{
    const auto number = [](const std::string &bytes, std::size_t at, int count) {
        std::uint32_t value = 0;
        for (int i = 0; i < count; ++i)
            value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
        return value;
    };
    QStringList frames;
    while (true) {
        const std::string head = client.read(9);
        if (head.size() < 9)
            return frames;
        const std::string payload = client.read(number(head, 0, 3));
        if (head[3] == GoAway)
            frames.append(QStringLiteral("GOAWAY %1").arg(number(payload, 0, 4)));
        if (head[3] == Reset) {
            frames.append(QStringLiteral("RST_STREAM %1").arg(number(head, 5, 4)));
            if (number(head, 5, 4) == stream)
                return frames;
        }
        if ((head[3] == Data || head[3] == Headers) && (head[4] & 1) != 0 && number(head, 5, 4) == stream)
            return frames;
    }
}

QString route(const QString &path, const QString &cluster)
{
    return QStringLiteral(R"({"match": {"prefix": "%1"}, "route": {"cluster": "%2"}})").arg(path, cluster);
}

const QString http2Upstream = QStringLiteral(
    R"("typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        %1, "explicit_http_config": {"http2_protocol_options": {}}}})");

} // namespace

class TestHttp2Gateway : public QObject
{
    Q_OBJECT

    /// `back` answers what `front` sends it, over HTTP/2 to `/two` and over HTTP/1 to `/one`.
    static QByteArray configuration(quint16 front, quint16 back, const QString &more = {})
    {
        const QString answer = QStringLiteral(R"({"match": {"prefix": "/"}, "direct_response": {"status": 200,
                "body": {"inline_string": "from the back"}}})");
        const QString http2 =
            http2Upstream.arg(type("envoy.extensions.upstreams.http.v3.HttpProtocolOptions"));
        return bootstrap(
            listener("front", front,
                     chain(manager("front", route("/two", "two") + ',' + route("/one", "one") + R"(,
                                        {"match": {"path": "/"}, "direct_response": {"status": 200}})",
                                   more))) +
                ',' + listener("back", back, chain(manager("back", answer))),
            cluster("two", {back}, http2) + ',' + cluster("one", {back}));
    }
    static QByteArray curl(const QStringList &arguments)
    {
        ChildProgram program(QStringList{"curl", "-sS"} + arguments);
        program.finish();
        return program.out + program.err;
    }

private Q_SLOTS:
    void clientsShareTheUpstreamsConnection()
    {
        const quint16 front = freePort();
        RunningServer gateway(configuration(front, freePort()), 1);
        QTRY_VERIFY_WITH_TIMEOUT(gateway.live, 30000);
        for (int i = 0; i < 5; ++i) {
            const QByteArray out = curl({"--http2-prior-knowledge", "--write-out", " %{http_version}",
                                         QString("http://127.0.0.1:%1/two").arg(front)});
            QCOMPARE(out, QByteArray("from the back 2"));
        }
        QCOMPARE(gateway.counter("http.front.downstream_rq_http2_total"), 5U);
        QCOMPARE(gateway.counter("http.back.downstream_rq_http2_total"), 5U);
        QCOMPARE(gateway.counter("http.back.downstream_cx_http2_total"), 1U);
        QCOMPARE(gateway.counter("cluster.two.upstream_cx_http2_total"), 1U);
        QCOMPARE(gateway.counter("cluster.two.upstream_rq_total"), 5U);
        QTRY_COMPARE(gateway.gauge("cluster.two.upstream_rq_active"), 0);
    }

    void eitherProtocolGoesToEither_data()
    {
        QTest::addColumn<QString>("client");
        QTest::addColumn<QString>("path");
        for (const char *client : {"--http1.1", "--http2-prior-knowledge"}) {
            for (const char *path : {"one", "two"})
                QTest::addRow("%s to %s", client, path) << QString(client) << QString(path);
        }
    }
    void eitherProtocolGoesToEither()
    {
        QFETCH(QString, client);
        QFETCH(QString, path);
        const quint16 front = freePort();
        RunningServer gateway(configuration(front, freePort()), 1);
        QTRY_VERIFY_WITH_TIMEOUT(gateway.live, 30000);
        const bool http2 = client != "--http1.1";
        const QByteArray out = curl({client, "--write-out", " %{http_version} %{http_code}",
                                     QString("http://127.0.0.1:%1/%2").arg(front).arg(path)});
        QCOMPARE(out, QByteArray("from the back ") + (http2 ? "2" : "1.1") + " 200");
        QCOMPARE(gateway.counter("http.front.downstream_rq_http2_total"), http2 ? 1U : 0U);
        QCOMPARE(gateway.counter("http.back.downstream_rq_http2_total"), path == "two" ? 1U : 0U);
        QCOMPARE(gateway.counter("http.front.downstream_rq_2xx"), 1U);
    }

    /// /healthcheck/fail: who sends nothing hears nothing. With the next answer comes a GOAWAY that only
    /// announces the end, and at `drain_timeout` the one that ends it (as Envoy 1.40 sent them).
    void aFailedHealthCheckShowsAtTheNextAnswer()
    {
        const quint16 front = freePort();
        RunningServer gateway(configuration(front, freePort(), R"("drain_timeout": "0.1s",)"), 1);
        QTRY_VERIFY_WITH_TIMEOUT(gateway.live, 30000);
        Client client(front);
        client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(FrameType::Settings, 0, 0, {}));
        const auto get = [&](std::uint32_t stream) {
            client.send(frame(FrameType::Headers, 5, stream, "\x82\x86\x84\x41\x01h"));
        };
        get(1);
        QCOMPARE(framesUntilEndOf(client, 1), QStringList());
        gateway.server.setHealthcheckFailed(true);
        get(3);
        QCOMPARE(framesUntilEndOf(client, 3), QStringList{"GOAWAY 2147483647"});
        QCOMPARE(gateway.counter("http.front.downstream_cx_drain_close"), 1U);
        QCOMPARE(framesUntilEndOf(client, 0), QStringList{"GOAWAY 3"});
        QCOMPARE(gateway.counter("http2.goaway_sent"), 1U);
    }

    /// An answer larger than the client's window: what the route, then the manager says of such, then the
    /// manager's idle timeout. Zero waits for ever (each as Envoy 1.40 did it).
    void whatIsNotReadIsGivenUp_data()
    {
        QTest::addColumn<QString>("manager");
        QTest::addColumn<QString>("route");
        QTest::addColumn<bool>("waits");
        const QString quick = R"("stream_flush_timeout": "0.1s",)";
        QTest::addRow("the idle timeout") << R"("stream_idle_timeout": "0.1s",)" << QString() << false;
        QTest::addRow("the manager's") << quick << QString() << false;
        QTest::addRow("the manager's, not the route's idle timeout")
            << quick << R"(, "idle_timeout": "0s")" << false;
        QTest::addRow("the route's") << R"("stream_flush_timeout": "0s", "stream_idle_timeout": "0s",)"
                                     << R"(, "flush_timeout": "0.1s")" << false;
        QTest::addRow("never") << quick << R"(, "flush_timeout": "0s")" << true;
    }
    void whatIsNotReadIsGivenUp()
    {
        QFETCH(QString, manager);
        QFETCH(QString, route);
        QFETCH(bool, waits);
        const quint16 front = freePort();
        const QString body =
            R"({"match": {"prefix": "/"}, "direct_response": {"status": 200, "body": {"inline_string": "0123456789+"}}})";
        const auto to = [](const QString &path, const QString &more) {
            return QString(R"({"match": {"prefix": "%1"}, "route": {"cluster": "back"%2}})").arg(path, more);
        };
        const quint16 back = freePort();
        RunningServer gateway(
            bootstrap(listener("front", front,
                               chain(::manager("front", to("/one", route) + ',' + to("/two", {}), manager))) +
                          ',' + listener("back", back, chain(::manager("back", body))),
                      cluster("back", {back})),
            1);
        QTRY_VERIFY_WITH_TIMEOUT(gateway.live, 30000);
        Client client(front);
        const std::string window{'\0', '\x04', '\0', '\0', '\0', '\x0a'};
        client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(FrameType::Settings, 0, 0, window));
        const auto get = [&](std::uint32_t stream, const std::string &path) {
            client.send(frame(FrameType::Headers, 5, stream, "\x82\x86\x04\x04" + path + "\x41\x01h"));
        };
        get(1, "/one");
        if (waits)
            get(3, "/two");
        const std::uint32_t last = waits ? 3 : 1;
        QCOMPARE(framesUntilEndOf(client, last), QStringList{QString("RST_STREAM %1").arg(last)});
        QCOMPARE(gateway.counter("http2.tx_flush_timeout"), 1U);
    }

    void headHasNoBody()
    {
        const quint16 front = freePort();
        RunningServer gateway(configuration(front, freePort()), 1);
        QTRY_VERIFY_WITH_TIMEOUT(gateway.live, 30000);
        const QByteArray out =
            curl({"--http2-prior-knowledge", "--head", QString("http://127.0.0.1:%1/two").arg(front)});
        QVERIFY2(out.startsWith("HTTP/2 200"), out.constData());
        QVERIFY2(out.contains("content-length: 13"), out.constData());
    }
};

SALLYPORT_EPOLL_MAIN(TestHttp2Gateway)
#include "test_http2_gateway.moc"
