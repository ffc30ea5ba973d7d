// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/listener_stats.h"

#include "proxy/telemetry/certificate_stats.h"
#include "proxy/telemetry/tls_counter_name.h"

namespace sallyport::server {

namespace {

constexpr const char *secretsNotReady = "server_ssl_socket_factory.downstream_context_secrets_not_ready";

} // namespace

ListenerTlsStats::ListenerTlsStats(telemetry::StatsStore &store, const std::string &prefix)
    : m_store(store)
    , m_prefix(prefix)
    , m_contextUpdated(store.counter(prefix + "server_ssl_socket_factory.ssl_context_update_by_sds"))
{
    for (std::size_t i = 0; i < m_events.size(); ++i)
        m_events[i] = &store.counter(
            prefix + telemetry::tlsCounterName(static_cast<net::TlsEvent>(i), secretsNotReady));
    // Never counted here: the client's half of a context. Envoy shows it all the same.
    store.counter(prefix + "server_ssl_socket_factory.upstream_context_secrets_not_ready");
}

void ListenerTlsStats::setCertificates(const std::vector<net::CertificateInUse> &certificates)
{
    telemetry::setCertificateExpirations(m_store, m_prefix, certificates);
}

void ListenerTlsStats::onContextUpdated(const std::vector<net::CertificateInUse> &certificates)
{
    m_contextUpdated.inc();
    setCertificates(certificates);
}

void ListenerTlsStats::onTlsEvent(net::TlsEvent event)
{
    m_events[static_cast<std::size_t>(event)]->inc();
}

void ListenerTlsStats::onTlsNegotiated(std::string_view version, std::string_view cipher,
                                       std::string_view curve, std::string_view sigalg)
{
    const auto count = [this](const char *kind, std::string_view name) {
        if (!name.empty())
            m_store.counter(m_prefix + kind + std::string(name)).inc();
    };
    count("ssl.versions.", version);
    count("ssl.ciphers.", cipher);
    count("ssl.curves.", curve);
    count("ssl.sigalgs.", sigalg);
}

TlsInspectorStats::TlsInspectorStats(telemetry::StatsStore &store)
    : tlsFound(store.counter("tls_inspector.tls_found"))
    , tlsNotFound(store.counter("tls_inspector.tls_not_found"))
    , clientHelloTooLarge(store.counter("tls_inspector.client_hello_too_large"))
    , sniFound(store.counter("tls_inspector.sni_found"))
    , sniNotFound(store.counter("tls_inspector.sni_not_found"))
    , alpnFound(store.counter("tls_inspector.alpn_found"))
    , alpnNotFound(store.counter("tls_inspector.alpn_not_found"))
    , bytesProcessed(store.histogram("tls_inspector.bytes_processed"))
{
}

HttpInspectorStats::HttpInspectorStats(telemetry::StatsStore &store)
    : http10Found(store.counter("http_inspector.http10_found"))
    , http11Found(store.counter("http_inspector.http11_found"))
    , http2Found(store.counter("http_inspector.http2_found"))
    , httpNotFound(store.counter("http_inspector.http_not_found"))
{
    store.counter("http_inspector.read_error");
}

ProxyProtocolStats::Version::Version(telemetry::StatsStore &store, const std::string &prefix)
    : found(store.counter(prefix + "found"))
    , disallowed(store.counter(prefix + "disallowed"))
    , error(store.counter(prefix + "error"))
{
}

ProxyProtocolStats::ProxyProtocolStats(telemetry::StatsStore &store, const std::string &statPrefix)
    : error(store.counter("downstream_cx_proxy_proto_error"))
    , notFoundAllowed(store.counter("proxy_proto." + statPrefix + "not_found_allowed"))
    , notFoundDisallowed(store.counter("proxy_proto." + statPrefix + "not_found_disallowed"))
    , versions{Version(store, "proxy_proto." + statPrefix + "versions.v1."),
               Version(store, "proxy_proto." + statPrefix + "versions.v2.")}
{
}

} // namespace sallyport::server
