// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"
#include "core/dataplane/ip_literal.h"

#include <algorithm>
#include <array>
#include <set>

namespace sallyport::dataplane {

namespace {

constexpr const char *forwardProxyType = "envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig";
constexpr const char *httpOptionsKey = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/// Of the clusters that have a type of their own, the dynamic forward proxy.
void readClusterType(JsonReader &a, Cluster &m)
{
    a.group("cluster_type", [&](JsonReader &custom) {
        custom.ignored({"name"});
        custom.any("typed_config", [&](JsonReader &config, const std::string &type) {
            config.check(type == forwardProxyType, "@type",
                         "of the custom cluster types only the dynamic forward proxy is supported here");
            m.type = Cluster::Type::DynamicForwardProxy;
            config.field("dns_cache_config", m.dnsCache);
            config.field("allow_insecure_cluster_options", m.allowInsecureOptions);
            config.refused({"allow_coalesced_connections", "sub_clusters_config"});
            // Without a cache of its own a cluster has one without a name.
            if (!m.dnsCache)
                m.dnsCache.emplace();
        });
    });
}

void writeClusterType(JsonWriter &a, const Cluster &m)
{
    JsonWriter config;
    if (m.dnsCache && !m.dnsCache->name.empty())
        config.field("dns_cache_config", m.dnsCache);
    config.field("allow_insecure_cluster_options", m.allowInsecureOptions);
    QJsonObject typed = config.object();
    typed.insert(QStringLiteral("@type"), QLatin1String(typePrefix) + QLatin1String(forwardProxyType));
    a.set("cluster_type",
          QJsonObject{{QStringLiteral("name"), QStringLiteral("envoy.clusters.dynamic_forward_proxy")},
                      {QStringLiteral("typed_config"), typed}});
}

template<typename A>
void describeHealthChecks(A &a, Cluster &m)
{
    a.field("health_checks", m.healthChecks);
    if (m.healthChecks.size() < 2)
        return;
    // Their statistics are told apart by it.
    std::set<std::string> names;
    for (const HealthCheck &check : m.healthChecks) {
        a.check(!check.name.empty(), "health_checks",
                "all health checks must have a name when multiple health checks are configured");
        a.check(names.insert(check.name).second, "health_checks",
                "all health check names must be unique within a cluster");
    }
}

bool canSpeakHttp2(const Cluster &m)
{
    using Protocol = UpstreamHttpProtocolOptions::Protocol;
    return m.http && m.http->protocol != Protocol::Http1;
}

/// The fields that came before typed options, and go for nothing beside them.
void readOlderHttpOptions(JsonReader &a, Cluster &m)
{
    using Protocol = UpstreamHttpProtocolOptions::Protocol;
    enum class Selection { Configured, Downstream };
    if (m.http && !a.state().asked) {
        a.ignored({"http_protocol_options", "http2_protocol_options", "common_http_protocol_options",
                   "upstream_http_protocol_options", "protocol_selection"});
    } else {
        const auto options = [&m]() -> UpstreamHttpProtocolOptions & {
            return m.http ? *m.http : m.http.emplace();
        };
        auto selection = Selection::Configured;
        a.word("protocol_selection", selection, {"USE_CONFIGURED_PROTOCOL", "USE_DOWNSTREAM_PROTOCOL"});
        const bool both = a.has("http_protocol_options") && a.has("http2_protocol_options");
        a.check(!both || selection == Selection::Downstream || a.state().asked, "protocol_selection",
                "cluster: Both HTTP1 and HTTP2 options may only be configured with non-default "
                "'protocol_selection' values");
        a.group("common_http_protocol_options",
                [&](JsonReader &inner) { describe(inner, options().common); });
        a.group("upstream_http_protocol_options",
                [&](JsonReader &inner) { describeSniOptions(inner, options()); });
        a.group("http_protocol_options", [&](JsonReader &inner) { describe(inner, options().http1); });
        a.group("http2_protocol_options", [&](JsonReader &inner) {
            options().protocol = Protocol::Http2;
            describe(inner, options().http2);
        });
        if (selection == Selection::Downstream)
            options().protocol = Protocol::UseDownstream;
    }
    std::optional<std::uint32_t> most;
    a.field("max_requests_per_connection", most);
    if (!most)
        return;
    a.check(!m.http || !m.http->common.maxRequestsPerConnection, "max_requests_per_connection",
            "Only one of max_requests_per_connection from Cluster or HttpProtocolOptions can be specified");
    if (!m.http)
        m.http.emplace();
    m.http->common.maxRequestsPerConnection = most;
}

void checkCluster(JsonReader &a, const Cluster &m)
{
    const auto policyField = [&m](const char *older) {
        return m.typedLbPolicy ? "load_balancing_policy" : older;
    };
    if (m.ringMinimum > m.ringMaximum)
        a.fail(policyField("ring_hash_lb_config"),
               "ring hash: minimum_ring_size (" + std::to_string(m.ringMinimum) + ") > maximum_ring_size (" +
                   std::to_string(m.ringMaximum) + ')');
    bool prime = m.maglevTableSize > 1;
    for (std::uint64_t divisor = 2; divisor * divisor <= m.maglevTableSize && prime; ++divisor)
        prime = m.maglevTableSize % divisor != 0;
    a.check(prime, policyField("maglev_lb_config"), "the size of a Maglev table must be a prime");
    if (m.type == Cluster::Type::OriginalDst || m.type == Cluster::Type::DynamicForwardProxy)
        a.check(m.lbPolicy == Cluster::LbPolicy::ClusterProvided, policyField("lb_policy"),
                "a cluster that finds its hosts by the request needs lb_policy CLUSTER_PROVIDED");
    else
        a.check(m.lbPolicy != Cluster::LbPolicy::ClusterProvided, policyField("lb_policy"),
                "CLUSTER_PROVIDED goes with clusters only that find their hosts by the request");
    if (m.type == Cluster::Type::DynamicForwardProxy && !m.allowInsecureOptions)
        a.check(!m.http || (m.http->autoSni && m.http->autoSanValidation), "cluster_type",
                "a dynamic forward proxy needs auto_sni and auto_san_validation, or "
                "allow_insecure_cluster_options");
    a.check(m.type != Cluster::Type::OriginalDst || !m.loadAssignment, "load_assignment",
            "ORIGINAL_DST clusters must have no load assignment configured");
    a.check(m.type != Cluster::Type::Eds || a.has("eds_cluster_config"), "eds_cluster_config",
            "cannot create an EDS cluster without an EDS config");
    a.check(m.type == Cluster::Type::Eds || !a.has("eds_cluster_config"), "eds_cluster_config",
            "eds_cluster_config set in a non-EDS cluster");
    a.check(!m.bindAddress || m.bindAddress->address.empty() || isIpLiteral(m.bindAddress->address),
            "upstream_bind_config", "malformed IP address");
    a.check(!m.subsets || m.subsets->selectors.empty() || m.lbPolicy != Cluster::LbPolicy::ClusterProvided,
            "lb_subset_config", "LB policy CLUSTER_PROVIDED cannot be combined with lb_subset_config");
    a.check(!m.consistentUseHostname || m.typedLbPolicy || m.type == Cluster::Type::StrictDns ||
                m.type == Cluster::Type::Eds,
            "common_lb_config",
            "Cannot use hostname for consistent hashing loadbalancing for a cluster of this type");
    a.check(!m.subsets || !m.subsets->localityWeightAware || m.localityWeighted, "lb_subset_config",
            "Locality weight aware subset LB requires that a locality_weighted_lb_config be set");
    a.check(!m.http || m.http->protocol != UpstreamHttpProtocolOptions::Protocol::Auto || m.transport.tls,
            "transport_socket", "ALPN is configured for a cluster which has a non-ALPN transport socket");
    const bool isGrpcChecked =
        std::any_of(m.healthChecks.begin(), m.healthChecks.end(), [](const HealthCheck &check) {
            return std::holds_alternative<GrpcHealthCheck>(check.probe);
        });
    a.check(!isGrpcChecked || canSpeakHttp2(m), "health_checks",
            "the cluster must support HTTP/2 for gRPC healthchecking");
    a.check(m.healthChecks.empty() || m.type != Cluster::Type::DynamicForwardProxy, "health_checks",
            "the hosts of a dynamic forward proxy are not checked by this gateway");
    const bool names = m.type == Cluster::Type::StrictDns || m.type == Cluster::Type::LogicalDns;
    std::size_t count = 0;
    if (m.loadAssignment) {
        for (const LocalityLbEndpoints &locality : m.loadAssignment->endpoints) {
            count += locality.endpoints.size();
            for (const LbEndpoint &endpoint : locality.endpoints) {
                a.check(!endpoint.healthCheckAddress || !endpoint.healthCheckAddress->pipe.empty() ||
                            isIpLiteral(endpoint.healthCheckAddress->address),
                        "load_assignment", "malformed IP address of a health check");
                a.check(names || isIpLiteral(endpoint.address.address) || !endpoint.address.pipe.empty(),
                        "load_assignment",
                        "malformed IP address; Consider setting resolver_name or setting cluster type to "
                        "'STRICT_DNS' or 'LOGICAL_DNS'");
            }
        }
    }
    if (m.type == Cluster::Type::LogicalDns)
        a.check(count == 1, "load_assignment", "LOGICAL_DNS clusters must have a single endpoint");
}

} // namespace

template<typename A>
void describe(A &a, Cluster &m)
{
    a.message("envoy.config.cluster.v3.Cluster");
    a.field("name", m.name);
    a.field("alt_stat_name", m.altStatName);
    if constexpr (std::is_same_v<A, JsonReader>) {
        a.word("type", m.type, {"STATIC", "STRICT_DNS", "LOGICAL_DNS", "EDS", "ORIGINAL_DST"});
        readClusterType(a, m);
    } else if (m.type == Cluster::Type::DynamicForwardProxy) {
        writeClusterType(a, m);
    } else {
        a.word("type", m.type, {"STATIC", "STRICT_DNS", "LOGICAL_DNS", "EDS", "ORIGINAL_DST"});
    }
    if (A::reading || m.connectTimeout != std::chrono::seconds(5))
        a.field("connect_timeout", m.connectTimeout);
    a.field("load_assignment", m.loadAssignment);
    describeBalancer(a, m);
    a.group("circuit_breakers", [&](A &inner) {
        inner.field("thresholds", m.thresholds);
        inner.refused({"per_host_thresholds"});
    });
    a.field("outlier_detection", m.outlierDetection);
    describeHealthChecks(a, m);
    a.field("lb_subset_config", m.subsets);
    a.group("typed_extension_protocol_options", [&](A &inner) {
        if constexpr (std::is_same_v<A, JsonReader>) {
            inner.any(httpOptionsKey, [&](JsonReader &options, const std::string &type) {
                options.check(type == httpOptionsKey || options.state().asked != nullptr, "@type",
                              "options of this key have its own type");
                describe(options, m.http.emplace());
            });
        } else {
            if (m.http)
                writeAny(inner, httpOptionsKey, httpOptionsKey, *m.http);
        }
    });
    if constexpr (std::is_same_v<A, JsonReader>) {
        readOlderHttpOptions(a, m);
        readTransport(a, m.transport);
    } else {
        writeTransport(a, m.transport);
    }
    a.field("transport_socket_matches", m.transportMatches);
    a.word("dns_lookup_family", m.dnsFamily, {"AUTO", "V4_ONLY", "V6_ONLY", "V4_PREFERRED", "ALL"});
    Duration standardRefresh = std::chrono::seconds(5);
    a.field("dns_refresh_rate", m.dnsRefreshRate, standardRefresh);
    a.group("dns_failure_refresh_rate", [&](A &inner) {
        inner.field("base_interval", m.dnsFailureRefreshRate);
        inner.field("max_interval", m.dnsFailureMaxInterval);
        const bool asks = m.type == Cluster::Type::StrictDns || m.type == Cluster::Type::LogicalDns;
        inner.check(!asks || !m.dnsFailureRefreshRate || !m.dnsFailureMaxInterval ||
                        *m.dnsFailureRefreshRate <= *m.dnsFailureMaxInterval,
                    "",
                    "dns_failure_refresh_rate must have base_interval less than or equal to max_interval");
    });
    a.field("dns_jitter", m.dnsJitter);
    a.field("respect_dns_ttl", m.respectDnsTtl);
    a.field("cleanup_interval", m.cleanupInterval);
    a.field("per_connection_buffer_limit_bytes", m.perConnectionBufferLimit, 1U << 20U);
    if (A::reading || m.bindAddress) {
        a.group("upstream_bind_config", [&](A &inner) {
            SocketAddress source = m.bindAddress.value_or(SocketAddress());
            inner.group("source_address", [&](A &address) {
                address.field("address", source.address);
                address.always("port_value", source.port);
                address.ignored({"protocol"});
            });
            inner.refused({"freebind", "socket_options"});
            if constexpr (A::reading)
                m.bindAddress = source;
        });
    }
    a.field("ignore_health_on_host_removal", m.ignoreHealthOnHostRemoval);
    a.group("upstream_connection_options", [&](A &inner) {
        if (A::reading || m.tcpKeepalive) {
            inner.group(
                "tcp_keepalive",
                [&](A &keepalive) {
                    m.tcpKeepalive = true;
                    keepalive.field("keepalive_probes", m.tcpKeepaliveProbes);
                    keepalive.field("keepalive_time", m.tcpKeepaliveTime);
                    keepalive.field("keepalive_interval", m.tcpKeepaliveInterval);
                },
                true);
        }
        inner.ignored({"set_local_interface_name_on_upstream_connections", "happy_eyeballs_config"});
    });
    if (A::reading || !m.metadata.filters.isEmpty())
        a.field("metadata", m.metadata);
    const auto describeEds = [&m](A &inner) {
        inner.field("service_name", m.edsServiceName);
        // Of a control plane there is none: its endpoints never come.
        if constexpr (A::reading) {
            constexpr const char *missing =
                "Missing config source specifier in envoy::config::core::v3::ConfigSource";
            inner.group("eds_config", [](A &config) {
                config.ignored({"ads", "resource_api_version", "initial_fetch_timeout"});
                config.refused({"path", "path_config_source", "api_config_source", "authorities"});
                config.check(config.has("ads"), "", missing);
            });
            inner.check(inner.has("eds_config") || m.type != Cluster::Type::Eds, "eds_config", missing);
        } else if (m.type == Cluster::Type::Eds) {
            inner.set("eds_config", QJsonObject{{QStringLiteral("ads"), QJsonObject()}});
        }
    };
    a.group("eds_cluster_config", describeEds, m.type == Cluster::Type::Eds);
    a.refused({"filters"});
    a.group("track_cluster_stats", [&m](A &inner) {
        inner.field("timeout_budgets", m.trackTimeoutBudgets);
        inner.field("request_response_sizes", m.trackRequestResponseSizes);
        inner.refused({"per_endpoint_stats"});
    });
    a.field("track_timeout_budgets", m.trackTimeoutBudgetsByOldField);
    a.ignored({"wait_for_warm_on_init", "lrs_report_endpoint_metrics"});
    describeResolver(a, "use_tcp_for_dns_lookups", m.dnsResolver);
    a.group("preconnect_policy", [&](A &inner) {
        inner.field("per_upstream_preconnect_ratio", m.preconnectRatio, 1.0);
        inner.refused({"predictive_preconnect_ratio"});
    });
    a.refused({"connection_pool_per_downstream_connection"});
    a.refused({"lrs_server"});
    if constexpr (std::is_same_v<A, JsonReader>)
        checkCluster(a, m);
}
SALLYPORT_DESCRIBED(Cluster)

} // namespace sallyport::dataplane
