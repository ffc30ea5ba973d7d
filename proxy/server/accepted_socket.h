// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/server/listener.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sallyport::server {

/// What the listener filters found out about a connection.
struct InspectedFacts
{
    std::string_view transportProtocol; ///< `tls`, `raw_buffer`; empty if nobody looked
    std::string serverName;
    std::vector<std::string> applicationProtocols;
    std::shared_ptr<const telemetry::TlsFingerprints> fingerprints; ///< null unless asked for
    std::string transportFailure; ///< why tls_inspector saw no TLS, in Envoy's words; empty: it did not look
    QJsonObject metadata;         ///< dynamic metadata that the filters left
};

/// A connection whose first bytes the listener filters still look at. They only peek, but for PROXY protocol,
/// whose header is taken off. Lives on its worker's thread.
class AcceptedSocket final : public net::Deferred, public net::IoHandler
{
public:
    /// Gets the socket when the filters are through; one that was refused or went away is only reported.
    struct Owner
    {
        virtual ~Owner() = default;
        virtual void onInspected(AcceptedSocket &socket) = 0;
        virtual void onRefused(AcceptedSocket &socket) = 0;
    };

    AcceptedSocket(Owner &owner, net::EpollDispatcher &dispatcher, std::shared_ptr<const Listener> listener,
                   net::Descriptor fd, net::ConnectionAddresses addresses);
    ~AcceptedSocket() override;

    /// Runs the filters as far as bytes have come; the owner hears of it, perhaps within this call.
    void start();

    const std::shared_ptr<const Listener> &listener() const { return m_listener; }
    net::Descriptor takeDescriptor();
    net::ConnectionAddresses &addresses() { return m_addresses; }
    InspectedFacts &facts() { return m_facts; }
    net::Clock::time_point startTime() const { return m_startTime; }

    void onIo(std::uint32_t events) override;

private:
    enum class Step { Done, Wait, Refuse };
    void run(bool peerEnded);
    Step runFilter(const dataplane::ListenerFilter &filter);
    Step inspectTls(const dataplane::ListenerFilter &filter);
    Step inspectHttpProtocol();
    Step takeProxyHeader(const dataplane::ProxyProtocolFilter &filter);
    void keepProxyTlvs(const dataplane::ProxyProtocolFilter &filter, const std::vector<net::ProxyTlv> &tlvs);
    Step restoreOriginalDestination();
    std::optional<std::string_view> peek(std::size_t most, Step &step);
    void finish(bool refused);

    Owner &m_owner;
    net::EpollDispatcher &m_dispatcher;
    std::shared_ptr<const Listener> m_listener;
    net::Descriptor m_fd;
    net::ConnectionAddresses m_addresses;
    InspectedFacts m_facts;
    net::Timer m_timer;
    net::Clock::time_point m_startTime;
    std::size_t m_next = 0; ///< the filter whose turn it is
    bool m_watched = false;
    bool m_finished = false;
};

} // namespace sallyport::server
