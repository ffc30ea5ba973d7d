// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/connection.h"
#include "proxy/upstream/health_check.h"
#include "proxy/upstream/health_probe.h"

namespace sallyport::upstream {

namespace {

class TcpHealthProbe final : public HealthProbe, private net::ConnectionCallbacks
{
public:
    TcpHealthProbe(net::EpollDispatcher &dispatcher, const ClusterInfoPtr &cluster,
                   CompiledHealthCheck &check, const HostPtr &host, OnResult onResult)
        : m_dispatcher(dispatcher)
        , m_cluster(cluster)
        , m_healthCheck(check)
        , m_host(host)
        , m_check(std::get<dataplane::TcpHealthCheck>(check.configuration().probe))
        , m_onResult(std::move(onResult))
    {
    }
    ~TcpHealthProbe() override { drop(); }

    void ask() override
    {
        if (!m_connection) {
            m_connection = makeProbeConnection(m_dispatcher, *m_cluster, m_healthCheck, *m_host);
            m_connection->setCallbacks(this);
            m_connection->start();
        } else if (m_connection->transportReady()) {
            send();
        }
    }
    void giveUp() override { drop(); }

private:
    void onConnected() override
    {
        if (!m_check.receive.empty()) {
            send();
            return;
        }
        // To be connected is enough; nothing is sent.
        drop();
        tell(ProbeResult::Passed);
    }
    void onData(net::Buffer &data, bool) override
    {
        if (!holdsInOrder(data.toString(), m_check.receive))
            return;
        data.clear();
        if (!m_healthCheck.configuration().reuseConnection)
            drop();
        tell(ProbeResult::Passed);
    }
    /// Also between two questions: the host is not well that ends a connection.
    void onClosed(net::CloseEvent) override
    {
        drop();
        tell(ProbeResult::NetworkFailure);
    }

    void send()
    {
        if (m_check.send)
            m_connection->write(m_check.send->bytes);
    }
    void drop()
    {
        if (!m_connection)
            return;
        m_connection->setCallbacks(nullptr);
        m_connection->close(net::CloseType::NoFlush);
        m_dispatcher.deferredDelete(std::move(m_connection));
    }
    void tell(ProbeResult result)
    {
        const OnResult onResult = m_onResult;
        onResult(result);
    }

    net::EpollDispatcher &m_dispatcher;
    const ClusterInfoPtr m_cluster;
    const CompiledHealthCheck &m_healthCheck;
    const HostPtr m_host;
    const dataplane::TcpHealthCheck &m_check;
    OnResult m_onResult;
    std::unique_ptr<net::Connection> m_connection;
};

} // namespace

std::unique_ptr<HealthProbe> makeTcpHealthProbe(net::EpollDispatcher &dispatcher,
                                                const ClusterInfoPtr &cluster, CompiledHealthCheck &check,
                                                const HostPtr &host, HealthProbe::OnResult onResult)
{
    return std::make_unique<TcpHealthProbe>(dispatcher, cluster, check, host, std::move(onResult));
}

} // namespace sallyport::upstream
