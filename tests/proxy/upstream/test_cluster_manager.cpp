// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/cluster_manager.h"
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/upstream/scripted_host.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::upstream;

namespace {

HostPtr hostOn(quint16 port)
{
    return std::make_shared<Host>(dataplane::LbEndpoint(), dataplane::Locality(), 0,
                                  *net::Address::parseIp("127.0.0.1", port));
}

/// One request that is sent and answered.
class Request : public PoolCallbacks, http::ResponseDecoder, http::StreamCallbacks
{
public:
    explicit Request(HttpPool &pool) { m_pending = pool.newStream(*this, *this); }
    bool isAnswered() const { return m_answered; }

private:
    void onPoolReady(std::unique_ptr<StreamLease> lease) override
    {
        m_lease = std::move(lease);
        m_pending.reset();
        http::HeaderMapPtr headers = http::HeaderMap::create(http::HeaderMap::Kind::Request);
        headers->set(http::Known::Method, "GET");
        headers->set(http::Known::Authority, "h");
        headers->set(http::Known::Path, "/");
        headers->set(http::Known::Scheme, "http");
        m_lease->encoder().stream().setCallbacks(this);
        m_lease->encoder().encodeHeaders(*headers, true);
    }
    void onPoolFailure(http::ResetReason, const std::string &, const HostPtr &) override {}
    void decodeInformational(http::HeaderMapPtr) override {}
    void decodeHeaders(http::HeaderMapPtr, bool endStream) override { end(endStream); }
    void decodeData(net::Buffer &data, bool endStream) override
    {
        data.clear();
        end(endStream);
    }
    void decodeTrailers(http::HeaderMapPtr) override { end(true); }
    void onResetStream(http::ResetReason, std::string_view) override {}
    void onAboveWriteBufferHighWatermark() override {}
    void onBelowWriteBufferLowWatermark() override {}
    void end(bool endStream)
    {
        if (!endStream)
            return;
        m_answered = true;
        m_lease->encoder().stream().setCallbacks(nullptr);
        m_lease.reset();
    }

    std::unique_ptr<PendingStream> m_pending;
    std::unique_ptr<StreamLease> m_lease;
    bool m_answered = false;
};

} // namespace

/// A worker's view of the clusters: what becomes of connections when hosts change.
class TestClusterManager : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void connectionsWhenHostsChange_data()
    {
        QTest::addColumn<bool>("closes"); // close_connections_on_host_set_change
        QTest::addColumn<bool>("members");
        QTest::addColumn<int>("connections"); // after another request
        QTest::newRow("another host came") << false << true << 1;
        QTest::newRow("another host came, and connections are to be closed then") << true << true << 2;
        QTest::newRow("health changed, and connections are to be closed with members") << true << false << 1;
    }
    void connectionsWhenHostsChange()
    {
        QFETCH(bool, closes);
        QFETCH(bool, members);
        QFETCH(int, connections);
        const QByteArray answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        const ScriptedHost server({answer, answer});
        dataplane::Cluster cluster;
        cluster.name = "c";
        cluster.closeConnectionsOnHostSetChange = closes;
        telemetry::StatsStore store(1);
        net::SecretStore secrets;
        const auto set = ClusterSet::create({cluster}, store, secrets, {}, nullptr);
        QVERIFY(set);
        const ClusterInfoPtr info = (*set)->find("c");
        const HostPtr host = hostOn(server.serverPort());
        info->setHosts({host});
        auto manager = std::make_unique<ClusterManager>(*net::EpollDispatcher::current());
        manager->setClusters(*set);
        const auto pool = [&] {
            const HostPtr chosen = manager->chooseHost(info, {}, {});
            return manager->pool(info, chosen, http::Protocol::Http11, false, {});
        };
        Request first(*pool());
        QTRY_VERIFY(first.isAnswered());
        if (members)
            info->setHosts({host, hostOn(1)});
        manager->onHostsChanged("c", members);
        info->setHosts({host});
        Request second(*manager->pool(info, host, http::Protocol::Http11, false, {}));
        QTRY_VERIFY(second.isAnswered());
        QCOMPARE(server.connections(), connections);
        QCOMPARE(info->stats().cxTotal.value(), static_cast<std::uint64_t>(connections));
        // Connections count their end in the store.
        manager.reset();
        QCoreApplication::processEvents();
    }
};

SALLYPORT_EPOLL_MAIN(TestClusterManager)
#include "test_cluster_manager.moc"
