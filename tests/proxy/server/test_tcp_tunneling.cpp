// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/server/running_server.h"

using namespace bootstrap_text;

namespace {

const QString LogFormat = QStringLiteral("%RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% "
                                         "%UPSTREAM_CLUSTER_RAW% %UPSTREAM_TRANSPORT_FAILURE_REASON%");

/// A forward proxy: answers the first request with `answer`, then sends every byte back.
class ForwardProxy
{
public:
    explicit ForwardProxy(std::string answer)
        : m_answer(std::move(answer))
        , m_peer([this](int fd) { serve(fd); })
    {
    }
    quint16 port() const { return m_peer.port; }
    int connections() const { return m_peer.connections; }
    /// The last request's head.
    std::string head()
    {
        const std::lock_guard lock(m_mutex);
        return m_head;
    }

private:
    void serve(int fd)
    {
        std::string head;
        char byte = 0;
        while (!head.ends_with("\r\n\r\n") && ::recv(fd, &byte, 1, 0) == 1)
            head += byte;
        {
            const std::lock_guard lock(m_mutex);
            m_head = head;
        }
        Peer::sendAll(fd, m_answer);
        if (!m_answer.empty())
            Peer::echo(fd);
    }

    std::string m_answer;
    std::mutex m_mutex;
    std::string m_head;
    Peer m_peer;
};

} // namespace

/// TCP connections that travel inside of an HTTP request. Every expectation was measured with Envoy 1.40.
class TestTcpTunneling : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    QString logPath() const { return m_folder.filePath("log"); }
    QByteArray tunnelled(const QString &more, quint16 port) const
    {
        const QString fields =
            QStringLiteral(R"("cluster": "up", "tunneling_config": {"hostname": "far.example:443"%1})");
        return bootstrap(
            listener("in", 0, chain(tcpProxy(fields.arg(more) + ", " + accessLog(logPath(), LogFormat)))),
            cluster("up", {port}));
    }
    void compareLog(RunningServer &gateway, const QByteArray &line)
    {
        QTRY_COMPARE(gateway.log(logPath()), QList<QByteArray>{line});
    }

private Q_SLOTS:
    void init() { QFile::remove(logPath()); }

    void asksForATunnel()
    {
        ForwardProxy proxy("HTTP/1.1 200 Connection established\r\n\r\n");
        RunningServer gateway(tunnelled({}, proxy.port()));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        client.send("hello");
        QCOMPARE(client.read(5), std::string("hello"));
        QCOMPARE(proxy.head(),
                 std::string("CONNECT far.example:443 HTTP/1.1\r\nhost: far.example:443\r\n\r\n"));
        // The end of one direction closes the connection to the proxy.
        client.finish();
        QCOMPARE(client.readAll(), std::string());
        QVERIFY(!client.stillOpen);
        compareLog(gateway, "- 5 5 up -");
    }

    /// A POST's body is the connection: chunks both ways.
    void postsTheConnection()
    {
        ForwardProxy proxy("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n");
        RunningServer gateway(tunnelled(R"(, "use_post": true)", proxy.port()));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        client.send("hello");
        // The chunk that carries "hello" comes back as one.
        QCOMPARE(client.read(7), std::string("hihello"));
        const std::string head = proxy.head();
        QVERIFY2(head.starts_with("POST / HTTP/1.1\r\nhost: far.example:443\r\n"), head.c_str());
        QVERIFY2(head.find("transfer-encoding: chunked\r\n") != std::string::npos, head.c_str());
    }

    void hostEndsTheTunnel()
    {
        Peer host([](int fd) {
            char buffer[4096];
            ::recv(fd, buffer, sizeof buffer, 0);
            Peer::sendAll(fd, "HTTP/1.1 200 OK\r\n\r\nbye");
        });
        RunningServer gateway(tunnelled({}, host.port));
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        QCOMPARE(client.readAll(), std::string("bye"));
        QVERIFY(!client.stillOpen);
        compareLog(gateway, "- 0 3 up -");
    }

    void refusedTunnelEndsTheClient_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<QByteArray>("line");
        QTest::newRow("status") << QByteArray("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
                                << QByteArray("UF,URX 0 0 up tunnel_response:403");
        QTest::newRow("no answer") << QByteArray() << QByteArray("UF,URX 0 0 up -");
    }
    void refusedTunnelEndsTheClient()
    {
        QFETCH(QByteArray, answer);
        QFETCH(QByteArray, line);
        ForwardProxy proxy(answer.toStdString());
        RunningServer gateway(tunnelled({}, proxy.port()));
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        QCOMPARE(client.readAll(), std::string());
        compareLog(gateway, line);
        QCOMPARE(gateway.counter("cluster.up.upstream_cx_connect_attempts_exceeded"), 1U);
    }

    void refusedTunnelIsAskedForAgain()
    {
        ForwardProxy proxy("HTTP/1.1 503 Unavailable\r\ncontent-length: 0\r\n\r\n");
        RunningServer gateway(
            bootstrap(listener("in", 0, chain(tcpProxy(R"("cluster": "up", "max_connect_attempts": 3,
                          "tunneling_config": {"hostname": "far.example:443"})"))),
                      cluster("up", {proxy.port()})));
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        QCOMPARE(client.readAll(), std::string());
        QCOMPARE(proxy.connections(), 3);
    }
};

SALLYPORT_EPOLL_MAIN(TestTcpTunneling)
#include "test_tcp_tunneling.moc"
