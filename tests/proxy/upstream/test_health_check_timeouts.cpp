// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/cluster_manager.h"
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/upstream/scripted_host.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::upstream;
using namespace std::chrono_literals;

namespace {

/// Never answers a request, and keeps what it hears on each connection.
class SilentHost : public ScriptedHttp2Host
{
public:
    SilentHost()
        : ScriptedHttp2Host(QList<QByteArray>())
    {
    }

    /// The types of the frames on the connection of this number, without settings and windows.
    QByteArray framesOn(int connection) const
    {
        QByteArray types;
        QByteArray bytes = m_heard.value(connection).mid(24);
        while (bytes.size() >= 9) {
            const auto at = [&bytes](int i) { return static_cast<unsigned char>(bytes[i]); };
            const qsizetype size = at(0) << 16 | at(1) << 8 | at(2);
            if (at(3) != 4 && at(3) != 8)
                types += at(3) == 0 ? 'D' : at(3) == 1 ? 'H' : at(3) == 3 ? 'R' : '?';
            bytes.remove(0, 9 + size);
        }
        return types;
    }
    int ended() const { return m_ended; }

protected:
    void greet(QTcpSocket &socket) override
    {
        ScriptedHttp2Host::greet(socket);
        const auto number = m_heard.size();
        m_heard.append(QByteArray());
        connect(&socket, &QTcpSocket::readyRead, this,
                [this, number, from = &socket] { m_heard[number] += from->peek(from->bytesAvailable()); });
        connect(&socket, &QTcpSocket::disconnected, this, [this] { ++m_ended; });
    }

private:
    QList<QByteArray> m_heard;
    int m_ended = 0;
};

} // namespace

/// How a host over HTTP/2 hears that its health check took too long; measured with Envoy 1.40.
class TestHealthCheckTimeouts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatTheHostHears_data()
    {
        QTest::addColumn<bool>("grpc");
        QTest::addColumn<bool>("reuse");
        QTest::addColumn<QByteArray>("frames"); // of the first connection
        QTest::newRow("4.7 HTTP: the connection ends") << false << true << QByteArray("H");
        QTest::newRow("4.7 HTTP, a connection each") << false << false << QByteArray("H");
        QTest::newRow("4.7 gRPC: its stream is reset") << true << true << QByteArray("HDRHDR");
        QTest::newRow("4.7 gRPC, a connection each") << true << false << QByteArray("HD");
    }
    void whatTheHostHears()
    {
        QFETCH(bool, grpc);
        QFETCH(bool, reuse);
        QFETCH(QByteArray, frames);
        const SilentHost host;
        dataplane::Cluster cluster;
        cluster.name = "c";
        cluster.http.emplace();
        cluster.http->protocol = dataplane::UpstreamHttpProtocolOptions::Protocol::Http2;
        dataplane::LbEndpoint endpoint;
        endpoint.address.address = "127.0.0.1";
        endpoint.address.port = host.serverPort();
        cluster.loadAssignment.emplace().endpoints.emplace_back().endpoints.push_back(endpoint);
        dataplane::HealthCheck &check = cluster.healthChecks.emplace_back();
        check.timeout = 50ms;
        check.interval = check.noTrafficInterval = 1ms;
        check.unhealthyThreshold = check.healthyThreshold = 1;
        check.reuseConnection = reuse;
        if (grpc) {
            check.probe = dataplane::GrpcHealthCheck();
        } else {
            dataplane::HttpHealthCheck http;
            http.path = "/";
            http.codec = dataplane::HttpHealthCheck::Codec::Http2;
            check.probe = http;
        }
        telemetry::StatsStore store(1);
        net::SecretStore secrets;
        const auto set = ClusterSet::create({cluster}, store, secrets, {}, nullptr);
        QVERIFY(set);
        HostResolution resolution(net::EpollDispatcher::current(), store,
                                  [](const std::string &, HostResolution::Change) {});
        resolution.start(*set, [] {});
        if (grpc && reuse)
            QTRY_VERIFY(host.framesOn(0).startsWith(frames));
        else
            QTRY_VERIFY(host.ended() > 0);
        QVERIFY2(host.framesOn(0).startsWith(frames), host.framesOn(0).constData());
        QCOMPARE(host.framesOn(0).contains('R'), grpc && reuse);
        QCOMPARE(host.ended() > 0, !(grpc && reuse));
        QVERIFY((*set)->find("c")->healthChecks().front()->stats().networkFailure.value() > 0);
    }

    /// 4.7: of several checks a cluster waits for each one's first result, however often the others come.
    void readyWithAllChecks()
    {
        const ScriptedHost host({});
        dataplane::Cluster cluster;
        cluster.name = "c";
        dataplane::LbEndpoint endpoint;
        endpoint.address.address = "127.0.0.1";
        endpoint.address.port = host.serverPort();
        cluster.loadAssignment.emplace().endpoints.emplace_back().endpoints.push_back(endpoint);
        for (const char *name : {"connects", "is silent"}) {
            dataplane::HealthCheck &check = cluster.healthChecks.emplace_back();
            check.name = name;
            check.timeout = 300ms;
            check.interval = check.noTrafficInterval = 1ms;
            check.unhealthyThreshold = check.healthyThreshold = 1;
            check.probe = dataplane::TcpHealthCheck();
        }
        dataplane::HttpHealthCheck http;
        http.path = "/";
        cluster.healthChecks.back().probe = http;
        telemetry::StatsStore store(1);
        net::SecretStore secrets;
        const auto set = ClusterSet::create({cluster}, store, secrets, {}, nullptr);
        QVERIFY(set);
        HostResolution resolution(net::EpollDispatcher::current(), store,
                                  [](const std::string &, HostResolution::Change) {});
        const auto &checks = (*set)->find("c")->healthChecks();
        std::uint64_t failed = 0;
        bool ready = false;
        resolution.start(*set, [&] {
            ready = true;
            failed = checks.back()->stats().failure.value();
        });
        QTRY_VERIFY(ready);
        QCOMPARE(failed, 1U);
        QVERIFY(checks.front()->stats().success.value() > 2);
        QVERIFY((*set)->find("c")->hosts().front()->has(HealthFlag::FailedActiveHc));
        QCOMPARE(store.gauge("cluster.c.health_check.healthy").value(), 0);
        QCOMPARE(store.gauge("cluster.c.health_check.name.connects.healthy").value(), 1);
    }
};

SALLYPORT_EPOLL_MAIN(TestHealthCheckTimeouts)
#include "test_health_check_timeouts.moc"
