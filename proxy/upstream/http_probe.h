// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/codec.h"
#include "proxy/net/connection.h"
#include "proxy/upstream/health_probe.h"

namespace sallyport::upstream {

/// Asks by a request on an HTTP connection, one after the other. What is asked and how the answer is judged
/// is its derived classes' business.
class HttpProbe : public HealthProbe, protected http::ResponseDecoder, protected http::StreamCallbacks
{
public:
    ~HttpProbe() override;
    void ask() final;

protected:
    HttpProbe(net::EpollDispatcher &dispatcher, ClusterInfoPtr cluster, CompiledHealthCheck &check,
              HostPtr host, http::Protocol protocol, OnResult onResult);

    virtual void sendRequest(http::RequestEncoder &encoder) = 0;
    /// The peer takes no more requests on this connection.
    virtual void onGoAway(std::uint32_t errorCode);
    /// What came of it. `complete`: the answer has ended; if not, its stream is reset. `keep` false: the
    /// connection is closed. The last thing to do: this may be destroyed in it.
    void conclude(ProbeResult result, bool complete, bool keep);
    /// A request is under way, or waits for the connection.
    bool isAsked() const { return m_asked; }
    /// Ends the stream and tells nobody.
    void dropStream();
    /// The same with its connection, which is all that the peer hears of it.
    void dropConnection();
    void closeConnection();

    void decodeInformational(http::HeaderMapPtr) override {}
    void onResetStream(http::ResetReason reason, std::string_view transportFailureReason) override;
    void onAboveWriteBufferHighWatermark() override {}
    void onBelowWriteBufferLowWatermark() override {}

    const ClusterInfoPtr m_cluster;
    CompiledHealthCheck &m_healthCheck;
    const HostPtr m_host;
    /// Nothing more is to be asked on the connection.
    bool m_retires = false;

private:
    class Link;
    void onReady();
    void onLinkClosed();

    net::EpollDispatcher &m_dispatcher;
    http::Protocol m_protocol;
    OnResult m_onResult;
    std::unique_ptr<Link> m_link;
    http::RequestEncoder *m_encoder = nullptr; ///< of the request under way
    bool m_asked = false;
};

} // namespace sallyport::upstream
