// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/http_probe.h"

#include "proxy/upstream/health_check.h"

#include <utility>

namespace sallyport::upstream {

/// The connection with its codec. It may outlive the probe until the event is over that ended it.
class HttpProbe::Link final : public net::Deferred,
                              private net::ConnectionCallbacks,
                              private http::ConnectionObserver
{
public:
    Link(HttpProbe &probe)
        : m_probe(&probe)
        , m_cluster(probe.m_cluster)
        , m_protocol(probe.m_protocol)
        , m_connection(
              makeProbeConnection(probe.m_dispatcher, *probe.m_cluster, probe.m_healthCheck, *probe.m_host))
    {
        m_connection->setCallbacks(this);
    }
    ~Link() override { m_connection->setCallbacks(nullptr); }
    void start() { m_connection->start(); }
    bool isReady() const { return m_codec != nullptr; }
    http::ClientCodec &codec() { return *m_codec; }
    void abandon()
    {
        m_probe = nullptr;
        m_connection->close(net::CloseType::NoFlush);
    }

private:
    void onConnected() override
    {
        m_codec = http::makeClientCodec(m_protocol, *m_connection, *this, m_cluster->codecSettings(),
                                        &m_cluster->codecStats());
        if (m_probe != nullptr)
            m_probe->onReady();
    }
    void onData(net::Buffer &data, bool) override
    {
        if (!m_codec) {
            data.clear();
            return;
        }
        if (!m_codec->dispatch(data).ok() && m_connection->state() == net::Connection::State::Open) {
            m_cluster->stats().cxProtocolError.inc();
            m_connection->close(net::CloseType::NoFlush);
        }
    }
    void onAboveHighWatermark() override
    {
        if (m_codec)
            m_codec->onConnectionAboveHighWatermark();
    }
    void onBelowLowWatermark() override
    {
        if (m_codec)
            m_codec->onConnectionBelowLowWatermark();
    }
    void onClosed(net::CloseEvent event) override
    {
        if (m_codec) {
            // The end may be just what ends an answer.
            if (event == net::CloseEvent::RemoteClose && !m_codec->dispatchEnd().ok())
                m_cluster->stats().cxProtocolError.inc();
            m_codec->connectionEnded(http::ResetReason::ConnectionTermination, {});
        }
        if (m_probe != nullptr)
            m_probe->onLinkClosed();
    }
    void onGoAway(std::uint32_t errorCode) override
    {
        if (m_probe != nullptr)
            m_probe->onGoAway(errorCode);
    }

    HttpProbe *m_probe; ///< null: nobody listens any more
    ClusterInfoPtr m_cluster;
    http::Protocol m_protocol;
    std::unique_ptr<net::Connection> m_connection;
    std::unique_ptr<http::ClientCodec> m_codec;
};

HttpProbe::HttpProbe(net::EpollDispatcher &dispatcher, ClusterInfoPtr cluster, CompiledHealthCheck &check,
                     HostPtr host, http::Protocol protocol, OnResult onResult)
    : m_cluster(std::move(cluster))
    , m_healthCheck(check)
    , m_host(std::move(host))
    , m_dispatcher(dispatcher)
    , m_protocol(protocol)
    , m_onResult(std::move(onResult))
{
}

HttpProbe::~HttpProbe()
{
    dropConnection();
}

void HttpProbe::ask()
{
    m_asked = true;
    if (m_link && m_link->isReady() && !m_link->codec().reusable())
        closeConnection();
    if (m_link) {
        onReady();
        return;
    }
    m_retires = false;
    m_link = std::make_unique<Link>(*this);
    m_link->start();
}

void HttpProbe::onReady()
{
    if (!m_asked || m_encoder != nullptr)
        return;
    m_encoder = &m_link->codec().newStream(*this);
    m_encoder->stream().setCallbacks(this);
    sendRequest(*m_encoder);
}

void HttpProbe::dropStream()
{
    m_asked = false;
    if (http::RequestEncoder *encoder = std::exchange(m_encoder, nullptr)) {
        encoder->stream().setCallbacks(nullptr);
        encoder->stream().resetStream(http::ResetReason::LocalReset);
    }
}

void HttpProbe::dropConnection()
{
    m_asked = false;
    if (http::RequestEncoder *encoder = std::exchange(m_encoder, nullptr))
        encoder->stream().setCallbacks(nullptr);
    closeConnection();
}

void HttpProbe::closeConnection()
{
    if (!m_link)
        return;
    m_link->abandon();
    m_dispatcher.deferredDelete(std::move(m_link));
}

void HttpProbe::conclude(ProbeResult result, bool complete, bool keep)
{
    if (complete) {
        m_asked = false;
        if (http::RequestEncoder *encoder = std::exchange(m_encoder, nullptr))
            encoder->stream().setCallbacks(nullptr);
    } else {
        dropStream();
    }
    if (!keep)
        closeConnection();
    const OnResult onResult = m_onResult;
    onResult(result);
}

void HttpProbe::onGoAway(std::uint32_t errorCode)
{
    if (!m_asked) {
        closeConnection();
        return;
    }
    // Who leaves in good order still answers.
    m_retires = true;
    if (errorCode != 0)
        conclude(ProbeResult::NetworkFailure, false, false);
}

void HttpProbe::onResetStream(http::ResetReason, std::string_view)
{
    m_encoder = nullptr;
    if (m_asked)
        conclude(ProbeResult::NetworkFailure, true,
                 m_healthCheck.configuration().reuseConnection && !m_retires);
}

void HttpProbe::onLinkClosed()
{
    const bool asked = m_asked;
    closeConnection();
    if (asked)
        conclude(ProbeResult::NetworkFailure, true, true);
}

} // namespace sallyport::upstream
