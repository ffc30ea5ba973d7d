// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/cluster.h"

#include "core/result/placed.h"
#include "proxy/telemetry/certificate_stats.h"
#include "proxy/telemetry/tls_counter_name.h"
#include "proxy/upstream/host_picker.h"

#include <algorithm>

namespace sallyport::upstream {

namespace {

constexpr const char *secretsNotReady = "client_ssl_socket_factory.upstream_context_secrets_not_ready";

dataplane::CircuitBreakerThresholds thresholdsOf(const dataplane::Cluster &cluster, bool high)
{
    for (const dataplane::CircuitBreakerThresholds &thresholds : cluster.thresholds) {
        if (thresholds.highPriority == high)
            return thresholds;
    }
    return {};
}

std::string prefixOf(const dataplane::Cluster &cluster)
{
    return "cluster." +
           telemetry::sanitizedStatName(cluster.altStatName.empty() ? cluster.name : cluster.altStatName) +
           '.';
}

bool fits(const std::vector<dataplane::CompiledHeader> &headers, const http::HeaderMap &answer)
{
    return std::all_of(headers.begin(), headers.end(), [&answer](const dataplane::CompiledHeader &header) {
        std::string joined;
        return header.matchesValue(
            answer.find(header.name()) ? std::optional(answer.getAll(header.name(), joined)) : std::nullopt);
    });
}

} // namespace

std::optional<net::Keepalive> keepaliveOf(const dataplane::Cluster &cluster)
{
    if (!cluster.tcpKeepalive)
        return std::nullopt;
    return net::Keepalive{cluster.tcpKeepaliveProbes, cluster.tcpKeepaliveTime, cluster.tcpKeepaliveInterval};
}

ClusterInfo::ClusterInfo(dataplane::Cluster configuration, telemetry::StatsStore &store)
    : m_configuration(std::move(configuration))
    , m_store(store)
    , m_prefix(prefixOf(m_configuration))
    , m_statsScope(store.scope(m_prefix))
    , m_stats(store, m_prefix)
    , m_lbStats(store, m_prefix, m_configuration)
    , m_default(store, m_prefix + "circuit_breakers.default.", thresholdsOf(m_configuration, false))
    , m_high(store, m_prefix + "circuit_breakers.high.", thresholdsOf(m_configuration, true))
    , m_codecStats(store, m_prefix)
{
    m_stats.track(m_configuration);
    const dataplane::UpstreamHttpProtocolOptions options =
        m_configuration.http.value_or(dataplane::UpstreamHttpProtocolOptions());
    m_codecSettings = http::CodecSettings::forClient(options.common, options.http1, options.http2);
    for (const std::vector<dataplane::HeaderMatcher> &headers : options.outlierErrors)
        m_outlierErrors.push_back(dataplane::compileHeaders(headers));
    store.counter(m_prefix + "default.total_match_count");
    announceProxyHeader(m_configuration.transport);
    for (const dataplane::TransportSocketMatch &match : m_configuration.transportMatches) {
        store.counter(m_prefix + match.name + ".total_match_count");
        announceProxyHeader(match.transport);
    }
    if (m_configuration.outlierDetection) {
        m_outliers =
            std::make_unique<OutlierDetector>(*m_configuration.outlierDetection, store, m_prefix, [this] {
                countMembers(hosts());
                if (m_onEjectionsChanged)
                    m_onEjectionsChanged();
            });
    }
}

/// What is counted of PROXY headers that do not fit is there as soon as there are any.
void ClusterInfo::announceProxyHeader(const dataplane::UpstreamTransport &transport)
{
    if (transport.proxyProtocol)
        m_store.counter(m_prefix + "upstream.proxyprotocol.v2_tlvs_exceed_max_length");
}

Result<std::shared_ptr<ClusterInfo>>
ClusterInfo::create(dataplane::Cluster configuration, telemetry::StatsStore &store, net::SecretStore &secrets)
{
    std::shared_ptr<ClusterInfo> info(new ClusterInfo(std::move(configuration), store));
    const auto addContext = [&](const dataplane::UpstreamTransport &transport,
                                const std::string &path) -> Result<void> {
        if (!transport.tls)
            return {};
        Result<std::shared_ptr<net::TlsClientContext>> context =
            net::TlsClientContext::create(*transport.tls, &secrets);
        if (!context)
            return fail(placedAt(context.error(), path));
        info->m_contexts.emplace_back(&transport, *context);
        info->nameTlsStatistics();
        info->showCertificates(**context);
        (*context)->setOnUpdated([cluster = info.get(), of = context->get()] {
            cluster->m_store
                .counter(cluster->m_prefix + "client_ssl_socket_factory.ssl_context_update_by_sds")
                .inc();
            cluster->showCertificates(*of);
        });
        return {};
    };
    const std::vector<dataplane::HealthCheck> &checks = info->m_configuration.healthChecks;
    for (std::size_t i = 0; i < checks.size(); ++i) {
        Result<std::unique_ptr<CompiledHealthCheck>> compiled =
            CompiledHealthCheck::create(checks[i], store, info->m_prefix);
        if (!compiled)
            return fail(placedAt(compiled.error(), "health_checks[" + std::to_string(i) + ']'));
        info->m_healthChecks.push_back(*std::move(compiled));
    }
    if (info->m_healthChecks.size() > 1)
        info->m_combinedHealth.emplace(
            CombinedHealthStats{store.gauge(info->m_prefix + "health_check.healthy"),
                                store.gauge(info->m_prefix + "health_check.degraded")});
    if (Result<void> done = addContext(info->m_configuration.transport, "transport_socket"); !done)
        return fail(done.error());
    const std::vector<dataplane::TransportSocketMatch> &matches = info->m_configuration.transportMatches;
    for (std::size_t i = 0; i < matches.size(); ++i) {
        const std::string path = "transport_socket_matches[" + std::to_string(i) + "].transport_socket";
        if (Result<void> done = addContext(matches[i].transport, path); !done)
            return fail(done.error());
    }
    return info;
}

void ClusterInfo::showCertificates(const net::TlsClientContext &context)
{
    telemetry::setCertificateExpirations(m_store, m_prefix, context.certificates());
}

void ClusterInfo::nameTlsStatistics()
{
    for (const char *name :
         {"ssl.connection_error", "ssl.handshake", "ssl.session_reused", "ssl.no_certificate",
          "ssl.fail_verify_no_cert", "ssl.fail_verify_error", "ssl.fail_verify_san",
          "ssl.fail_verify_cert_hash", "ssl.ocsp_staple_failed", "ssl.ocsp_staple_omitted",
          "ssl.ocsp_staple_requests", "ssl.ocsp_staple_responses",
          "client_ssl_socket_factory.ssl_context_update_by_sds",
          "client_ssl_socket_factory.upstream_context_secrets_not_ready",
          "client_ssl_socket_factory.downstream_context_secrets_not_ready"})
        m_store.counter(m_prefix + name);
}

TurnedAway ClusterInfo::turnsAway()
{
    if (const std::uint64_t percent = m_maintenance.load(std::memory_order_relaxed);
        percent > 0 && randomNumber() % 100 < percent) {
        m_stats.rqMaintenance.inc();
        return TurnedAway::Maintenance;
    }
    if (!m_configuration.loadAssignment || m_configuration.loadAssignment->dropOverloads.empty())
        return TurnedAway::No;
    const dataplane::FractionalPercent &share =
        m_configuration.loadAssignment->dropOverloads.front().percentage;
    if (share.numerator >= share.denominatorValue())
        return TurnedAway::UnconditionalDropOverload;
    return randomNumber() % share.denominatorValue() < share.numerator ? TurnedAway::DropOverload
                                                                       : TurnedAway::No;
}

bool ClusterInfo::usesHttp2() const
{
    return m_configuration.http &&
           m_configuration.http->protocol == dataplane::UpstreamHttpProtocolOptions::Protocol::Http2;
}

bool ClusterInfo::followsDownstreamProtocol() const
{
    return m_configuration.http &&
           m_configuration.http->protocol == dataplane::UpstreamHttpProtocolOptions::Protocol::UseDownstream;
}

bool ClusterInfo::usesAlpnProtocol() const
{
    return m_configuration.http &&
           m_configuration.http->protocol == dataplane::UpstreamHttpProtocolOptions::Protocol::Auto;
}

std::uint32_t ClusterInfo::maxRequestsPerConnection() const
{
    return m_configuration.http ? m_configuration.http->common.maxRequestsPerConnection.value_or(0) : 0;
}

const dataplane::UpstreamTransport &ClusterInfo::transportFor(const Host &host) const
{
    return transportMatching(
        host.metadata().filters.value(QLatin1String("envoy.transport_socket_match")).toObject(), false);
}

const dataplane::UpstreamTransport &ClusterInfo::transportMatching(const QJsonObject &labels,
                                                                   bool count) const
{
    const auto counted = [&](const std::string &name) {
        if (count)
            m_store.counter(m_prefix + name + ".total_match_count").inc();
    };
    for (const dataplane::TransportSocketMatch &match : m_configuration.transportMatches) {
        bool all = true;
        for (auto it = match.match.constBegin(); it != match.match.constEnd(); ++it)
            all = all && labels.value(it.key()) == it.value();
        if (all) {
            counted(match.name);
            return match.transport;
        }
    }
    counted("default");
    return m_configuration.transport;
}

bool ClusterInfo::speaksTls(const Host &host) const
{
    return transportFor(host).tls.has_value();
}

namespace {

/// What a request did not choose is the host's name, then the configuration's.
net::TlsClientOverrides withHostsName(const dataplane::UpstreamTlsContext &tls, const Host &host,
                                      net::TlsClientOverrides overrides)
{
    if (overrides.sni.empty() && tls.autoHostSni)
        overrides.sni = host.hostname();
    return overrides;
}

} // namespace

std::unique_ptr<net::Transport> ClusterInfo::makeTransport(const Host &host,
                                                           const net::TlsClientOverrides &overrides)
{
    return makeTransport(transportFor(host), host, overrides);
}

std::unique_ptr<net::Transport> ClusterInfo::makeTransport(const dataplane::UpstreamTransport &transport,
                                                           const Host &host,
                                                           const net::TlsClientOverrides &overrides)
{
    for (const auto &[configured, context] : m_contexts) {
        if (configured == &transport)
            return context->makeTransport(this, withHostsName(*transport.tls, host, overrides));
    }
    return net::makePlainTransport();
}

void ClusterInfo::onImmediateFailure(const HostPtr &host)
{
    if (m_healthChecks.empty() || !host)
        return;
    std::function<void(const HostPtr &)> onFailure;
    {
        const std::lock_guard lock(m_mutex);
        onFailure = m_onImmediateFailure;
    }
    if (onFailure)
        onFailure(host);
}

void ClusterInfo::setOnImmediateFailure(std::function<void(const HostPtr &)> onFailure)
{
    const std::lock_guard lock(m_mutex);
    m_onImmediateFailure = std::move(onFailure);
}

void ClusterInfo::onHttpResult(Host &host, const http::HeaderMap &answer)
{
    if (!m_outliers)
        return;
    unsigned status = answer.status();
    // A matcher decides instead of the status; what it takes for an error is one of the server's.
    if (!m_outlierErrors.empty()) {
        const bool isError = std::any_of(m_outlierErrors.begin(), m_outlierErrors.end(),
                                         [&answer](const auto &headers) { return fits(headers, answer); });
        if (!isError)
            status = 200;
        else if (status < 500)
            status = 500;
    }
    m_outliers->putResult(host, AttemptResult::HttpStatus, status);
}

void ClusterInfo::onConnected(Host &host)
{
    if (m_outliers)
        m_outliers->putResult(host, AttemptResult::LocalConnectSuccess);
}

void ClusterInfo::onTcpConnected(Host &host)
{
    if (m_outliers)
        m_outliers->putResult(host, AttemptResult::LocalConnectFinal);
}

void ClusterInfo::onLocalOriginFailure(Host &host, http::ResetReason reason)
{
    if (m_outliers)
        m_outliers->putResult(host, reason == http::ResetReason::ConnectionTimeout
                                        ? AttemptResult::LocalTimeout
                                        : AttemptResult::LocalFailure);
}

void ClusterInfo::onLocalOriginTimeout(Host &host)
{
    if (m_outliers)
        m_outliers->putResult(host, AttemptResult::LocalTimeout);
}

void ClusterInfo::onTlsEvent(net::TlsEvent event)
{
    m_store.counter(m_prefix + telemetry::tlsCounterName(event, secretsNotReady)).inc();
}

void ClusterInfo::onTlsNegotiated(std::string_view version, std::string_view cipher, std::string_view curve,
                                  std::string_view sigalg)
{
    const auto count = [&](const char *kind, std::string_view name) {
        if (!name.empty())
            m_store.counter(m_prefix + "ssl." + kind + '.' + std::string(name)).inc();
    };
    count("versions", version);
    count("ciphers", cipher);
    count("curves", curve);
    count("sigalgs", sigalg);
}

} // namespace sallyport::upstream
