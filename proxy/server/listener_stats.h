// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/tls_context.h"
#include "proxy/telemetry/listener_stats.h"
#include "proxy/telemetry/stats.h"

#include <array>
#include <string>
#include <vector>

namespace sallyport::server {

/// `listener.<address>.ssl.…` and `….server_ssl_socket_factory.…`
class ListenerTlsStats final : public net::TlsObserver
{
public:
    ListenerTlsStats(telemetry::StatsStore &store, const std::string &prefix);

    void onTlsEvent(net::TlsEvent event) override;
    void onTlsNegotiated(std::string_view version, std::string_view cipher, std::string_view curve,
                         std::string_view sigalg) override;
    /// The certificates of a filter chain, when it is made.
    void setCertificates(const std::vector<net::CertificateInUse> &certificates);
    /// A secret changed them.
    void onContextUpdated(const std::vector<net::CertificateInUse> &certificates);

private:
    telemetry::StatsStore &m_store;
    std::string m_prefix;
    std::array<telemetry::Counter *, net::tlsEvents> m_events{}; ///< by TlsEvent
    telemetry::Counter &m_contextUpdated;
};

// What a listener filter counts, for all listeners together.

/// `tls_inspector.…`
struct TlsInspectorStats
{
    explicit TlsInspectorStats(telemetry::StatsStore &store);

    telemetry::Counter &tlsFound;
    telemetry::Counter &tlsNotFound;
    telemetry::Counter &clientHelloTooLarge;
    telemetry::Counter &sniFound;
    telemetry::Counter &sniNotFound;
    telemetry::Counter &alpnFound;
    telemetry::Counter &alpnNotFound;
    telemetry::Histogram &bytesProcessed;
};

/// `http_inspector.…`
struct HttpInspectorStats
{
    explicit HttpInspectorStats(telemetry::StatsStore &store);

    telemetry::Counter &http10Found;
    telemetry::Counter &http11Found;
    telemetry::Counter &http2Found;
    telemetry::Counter &httpNotFound;
};

/// `proxy_proto.…`, with a filter's stat_prefix in between
struct ProxyProtocolStats
{
    ProxyProtocolStats(telemetry::StatsStore &store, const std::string &statPrefix);

    /// `versions.v1.…`
    struct Version
    {
        Version(telemetry::StatsStore &store, const std::string &prefix);
        telemetry::Counter &found;
        telemetry::Counter &disallowed;
        telemetry::Counter &error;
    };
    telemetry::Counter &error;
    telemetry::Counter &notFoundAllowed;
    telemetry::Counter &notFoundDisallowed;
    std::array<Version, 2> versions;
};

} // namespace sallyport::server
