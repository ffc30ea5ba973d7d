// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

template<typename A>
void describe(A &a, TcpProxy::Weighted &m)
{
    a.message("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster.ClusterWeight");
    a.field("name", m.name);
    a.field("weight", m.weight);
    a.field("metadata_match", m.metadataMatch);
}
SALLYPORT_DESCRIBED(TcpProxy::Weighted)

template<typename A>
void describe(A &a, TcpTunneling &m)
{
    a.message("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.TunnelingConfig");
    a.field("hostname", m.hostname);
    a.field("use_post", m.usePost);
    a.field("post_path", m.postPath);
    a.field("headers_to_add", m.headersToAdd);
    // They would be in the filter state, of which nothing here asks for them.
    a.ignored({"propagate_response_headers", "propagate_response_trailers"});
    a.refused({"request_id_extension", "request_id_header", "request_id_metadata_key"});
    a.check(m.postPath.empty() || m.usePost, "post_path",
            "Can't set a post path when POST method isn't used");
    for (const HeaderValueOption &header : m.headersToAdd)
        a.check(!header.key.starts_with(':') &&
                    toQt(header.key).compare(QLatin1String("host"), Qt::CaseInsensitive) != 0,
                "headers_to_add", ":-prefixed or host headers may not be modified");
}
SALLYPORT_DESCRIBED(TcpTunneling)

/// envoy.type.v3.HashPolicy: what a connection can be hashed by.
struct ConnectionHash
{
    bool bySourceIp = false;

    bool operator==(const ConnectionHash &) const = default;
};

template<typename A>
void describe(A &a, ConnectionHash &m)
{
    a.message("envoy.type.v3.HashPolicy");
    if constexpr (A::reading)
        m.bySourceIp = a.has("source_ip");
    a.group(
        "source_ip", [](A &) {}, true);
    a.refused({"filter_state"});
}
SALLYPORT_DESCRIBED(ConnectionHash)

template<typename A>
void describe(A &a, TcpProxy &m)
{
    a.message("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy");
    a.field("stat_prefix", m.statPrefix);
    a.field("cluster", m.cluster);
    if (A::reading || !m.weightedClusters.empty())
        a.group("weighted_clusters", [&](A &inner) { inner.field("clusters", m.weightedClusters); });
    a.field("idle_timeout", m.idleTimeout);
    a.field("max_downstream_connection_duration", m.maxDownstreamConnectionDuration);
    a.field("max_connect_attempts", m.maxConnectAttempts, 1U);
    // istiod's only one, whatever a rule hashes HTTP requests by.
    std::vector<ConnectionHash> hashes(m.hashPolicies.size(), ConnectionHash{true});
    a.field("hash_policy", hashes);
    if constexpr (A::reading) {
        HashPolicy policy;
        policy.kind = HashPolicy::Kind::SourceIp;
        m.hashPolicies.assign(hashes.size(), policy);
    }
    a.field("access_log", m.accessLogs);
    a.field("metadata_match", m.metadataMatch);
    if constexpr (A::reading) {
        // The form that came before access_log_options.
        const bool both = a.state().asked == nullptr && a.has("access_log_options");
        a.field("flush_access_log_on_connected", m.logOnConnected);
        a.field("access_log_flush_interval", m.logInterval);
        a.check(!both || !m.logOnConnected, "flush_access_log_on_connected",
                "Only one of flush_access_log_on_connected or access_log_options can be specified.");
        a.check(!both || !m.logInterval, "access_log_flush_interval",
                "Only one of access_log_flush_interval or access_log_options can be specified.");
        a.check(!m.logInterval || *m.logInterval >= std::chrono::milliseconds(1), "access_log_flush_interval",
                "at least 1ms is expected");
    }
    a.group("access_log_options", [&](A &inner) {
        inner.field("flush_access_log_on_connected", m.logOnConnected);
        inner.field("access_log_flush_interval", m.logInterval);
        inner.check(!m.logInterval || *m.logInterval >= std::chrono::milliseconds(1),
                    "access_log_flush_interval", "at least 1ms is expected");
    });
    // Envoy 1.40 has these two and does not act on them (measured).
    a.ignored({"upstream_idle_timeout", "downstream_idle_timeout"});
    a.refused({"backoff_options"});
    a.field("tunneling_config", m.tunneling);
    a.word("upstream_connect_mode", m.connectMode,
           {"IMMEDIATE", "ON_DOWNSTREAM_DATA", "ON_DOWNSTREAM_TLS_HANDSHAKE"});
    a.field("max_early_data_bytes", m.maxEarlyDataBytes);
    a.check(m.connectMode == TcpProxy::ConnectMode::Immediate || m.maxEarlyDataBytes, "max_early_data_bytes",
            "max_early_data_bytes must be set when upstream_connect_mode is not IMMEDIATE");
    a.refused({"on_demand"});
    a.check(m.cluster.empty() == !m.weightedClusters.empty(), "",
            "exactly one of cluster and weighted_clusters is required");
}
SALLYPORT_DESCRIBED(TcpProxy)

} // namespace sallyport::dataplane
