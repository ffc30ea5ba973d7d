// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <set>

namespace sallyport::dataplane {

namespace {

constexpr const char *upstreamTlsType = "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";
constexpr const char *rawBufferType = "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer";
constexpr const char *proxyProtocolType =
    "envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport";
constexpr const char *forwardProxyType = "envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig";
constexpr const char *httpOptionsKey = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

void readTransport(JsonReader &a, UpstreamTransport &m)
{
    a.group("transport_socket", [&](JsonReader &socket) {
        socket.ignored({"name"});
        socket.any("typed_config", [&](JsonReader &config, const std::string &type) {
            if (type == upstreamTlsType) {
                describe(config, m.tls.emplace());
            } else if (type == proxyProtocolType) {
                config.group("config", [&](JsonReader &inner) {
                    int version = 0;
                    inner.word("version", version, {"V1", "V2"});
                    m.proxyProtocolVersion = static_cast<std::uint32_t>(version) + 1;
                    inner.ignored({"pass_through_tlvs", "added_tlvs"});
                });
                readTransport(config, m);
            } else if (type != rawBufferType) {
                config.fail("@type", "this transport socket is not supported by this gateway: " + type);
                config.ignoreRest();
            }
        });
    });
}

void writeTransport(JsonWriter &a, const UpstreamTransport &m)
{
    JsonWriter socket;
    if (m.tls) {
        socket.set("name", QStringLiteral("envoy.transport_sockets.tls"));
        writeAny(socket, "typed_config", upstreamTlsType, *m.tls);
    } else if (m.proxyProtocolVersion) {
        socket.set("name", QStringLiteral("envoy.transport_sockets.raw_buffer"));
        socket.set("typed_config", QJsonObject{{QStringLiteral("@type"),
                                                QLatin1String(typePrefix) + QLatin1String(rawBufferType)}});
    }
    if (m.proxyProtocolVersion) {
        const QJsonObject config{
            {QStringLiteral("@type"), QLatin1String(typePrefix) + QLatin1String(proxyProtocolType)},
            {QStringLiteral("config"),
             QJsonObject{{QStringLiteral("version"),
                          *m.proxyProtocolVersion == 2 ? QStringLiteral("V2") : QStringLiteral("V1")}}},
            {QStringLiteral("transport_socket"), socket.object()}};
        a.set("transport_socket",
              QJsonObject{
                  {QStringLiteral("name"), QStringLiteral("envoy.transport_sockets.upstream_proxy_protocol")},
                  {QStringLiteral("typed_config"), config}});
    } else if (!socket.object().isEmpty()) {
        a.set("transport_socket", socket.object());
    }
}

bool isIpLiteral(const std::string &text)
{
    std::array<unsigned char, 16> bytes{};
    return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
           inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

template<typename A>
void describePercentField(A &a, const char *name, double &percent, double standard)
{
    if (A::reading || percent != standard) {
        a.group(
            name,
            [&](A &inner) {
                if constexpr (A::reading)
                    percent = 0;
                inner.field("value", percent);
                inner.check(percent >= 0 && percent <= 100, "value",
                            "a percentage from 0 to 100 is expected");
            },
            true);
    }
}

} // namespace

template<typename A>
void describe(A &a, LbEndpoint &m)
{
    a.message("envoy.config.endpoint.v3.LbEndpoint");
    a.group("endpoint", [&](A &inner) {
        inner.message("envoy.config.endpoint.v3.Endpoint");
        inner.group(
            "address", [&](A &address) { describe(address, m.address); }, true);
        inner.field("hostname", m.hostname);
        inner.ignored({"health_check_config"});
        inner.refused({"additional_addresses"});
    });
    a.word("health_status", m.health, {"UNKNOWN", "HEALTHY", "UNHEALTHY", "DRAINING", "TIMEOUT", "DEGRADED"});
    if (A::reading || !m.metadata.filters.isEmpty())
        a.field("metadata", m.metadata);
    std::optional<std::uint32_t> weight = m.weight == 1 ? std::nullopt : std::optional(m.weight);
    a.field("load_balancing_weight", weight);
    if constexpr (A::reading)
        m.weight = weight.value_or(1);
    a.check(m.weight >= 1, "load_balancing_weight", "a weight of at least 1 is required");
    a.refused({"endpoint_name"});
}
SALLYPORT_DESCRIBED(LbEndpoint)

template<typename A>
void describe(A &a, LocalityLbEndpoints &m)
{
    a.message("envoy.config.endpoint.v3.LocalityLbEndpoints");
    static const Locality none;
    a.field("locality", m.locality, none);
    a.field("lb_endpoints", m.endpoints);
    a.field("load_balancing_weight", m.weight);
    a.field("priority", m.priority);
    if (A::reading || !m.metadata.filters.isEmpty())
        a.field("metadata", m.metadata);
    a.ignored({"proximity"});
    a.refused({"load_balancer_endpoints", "leds_cluster_locality_config"});
    a.check(!m.weight || *m.weight >= 1, "load_balancing_weight", "a weight of at least 1 is required");
    constexpr std::uint32_t mostPriorities = 128;
    a.check(m.priority <= mostPriorities, "priority", "a priority is at most 128");
}
SALLYPORT_DESCRIBED(LocalityLbEndpoints)

template<typename A>
void describe(A &a, ClusterLoadAssignment &m)
{
    a.message("envoy.config.endpoint.v3.ClusterLoadAssignment");
    a.field("cluster_name", m.clusterName);
    a.field("endpoints", m.endpoints);
    a.group("policy", [&](A &inner) {
        inner.field("overprovisioning_factor", m.overprovisioningFactor, 140U);
        inner.check(m.overprovisioningFactor > 0, "overprovisioning_factor", "at least 1 is required");
        inner.field("weighted_priority_health", m.weightedPriorityHealth);
        inner.ignored({"endpoint_stale_after"});
        inner.refused({"drop_overloads"});
    });
    a.check(!m.clusterName.empty(), "cluster_name", "a cluster's name is required");
}
SALLYPORT_DESCRIBED(ClusterLoadAssignment)

template<typename A>
void describe(A &a, CircuitBreakerThresholds &m)
{
    a.message("envoy.config.cluster.v3.CircuitBreakers.Thresholds");
    int priority = m.highPriority ? 1 : 0;
    a.word("priority", priority, {"DEFAULT", "HIGH"});
    if constexpr (A::reading)
        m.highPriority = priority == 1;
    const auto limit = [&](const char *name, std::uint32_t &value, std::uint32_t standard) {
        std::optional<std::uint32_t> given = value == standard ? std::nullopt : std::optional(value);
        a.field(name, given);
        if constexpr (A::reading)
            value = given.value_or(standard);
    };
    limit("max_connections", m.maxConnections, 1024);
    limit("max_pending_requests", m.maxPendingRequests, 1024);
    limit("max_requests", m.maxRequests, 1024);
    limit("max_retries", m.maxRetries, 3);
    a.field("track_remaining", m.trackRemaining);
    a.field("max_connection_pools", m.maxConnectionPools);
    if (A::reading || m.retryBudgetPercent) {
        a.group("retry_budget", [&](A &inner) {
            double percent = m.retryBudgetPercent.value_or(20);
            describePercentField(inner, "budget_percent", percent, -1);
            inner.field("min_retry_concurrency", m.minRetryConcurrency, 3U);
            if constexpr (A::reading)
                m.retryBudgetPercent = inner.has("budget_percent") ? percent : 20;
        });
    }
}
SALLYPORT_DESCRIBED(CircuitBreakerThresholds)

template<typename A>
void describe(A &a, OutlierDetection &m)
{
    a.message("envoy.config.cluster.v3.OutlierDetection");
    const OutlierDetection standard;
    // Written whenever they are not Envoy's default; zero is a value of its own here.
    const auto number = [&](const char *name, std::uint32_t &value, std::uint32_t absent) {
        std::optional<std::uint32_t> given = value == absent ? std::nullopt : std::optional(value);
        a.field(name, given);
        if constexpr (A::reading)
            value = given.value_or(absent);
    };
    const auto percent = [&](const char *name, std::uint32_t &value, std::uint32_t absent) {
        number(name, value, absent);
        a.check(value <= 100, name, "a percentage is at most 100");
    };
    number("consecutive_5xx", m.consecutive5xx, standard.consecutive5xx);
    a.field("interval", m.interval, standard.interval);
    a.field("base_ejection_time", m.baseEjectionTime, standard.baseEjectionTime);
    a.field("max_ejection_time", m.maxEjectionTime);
    a.field("max_ejection_time_jitter", m.maxEjectionTimeJitter);
    percent("max_ejection_percent", m.maxEjectionPercent, standard.maxEjectionPercent);
    percent("enforcing_consecutive_5xx", m.enforcingConsecutive5xx, standard.enforcingConsecutive5xx);
    percent("enforcing_success_rate", m.enforcingSuccessRate, standard.enforcingSuccessRate);
    number("success_rate_minimum_hosts", m.successRateMinimumHosts, standard.successRateMinimumHosts);
    number("success_rate_request_volume", m.successRateRequestVolume, standard.successRateRequestVolume);
    number("success_rate_stdev_factor", m.successRateStdevFactor, standard.successRateStdevFactor);
    number("consecutive_gateway_failure", m.consecutiveGatewayFailure, standard.consecutiveGatewayFailure);
    percent("enforcing_consecutive_gateway_failure", m.enforcingConsecutiveGatewayFailure,
            standard.enforcingConsecutiveGatewayFailure);
    a.field("split_external_local_origin_errors", m.splitExternalLocalOriginErrors);
    number("consecutive_local_origin_failure", m.consecutiveLocalOriginFailure,
           standard.consecutiveLocalOriginFailure);
    percent("enforcing_consecutive_local_origin_failure", m.enforcingConsecutiveLocalOriginFailure,
            standard.enforcingConsecutiveLocalOriginFailure);
    percent("enforcing_local_origin_success_rate", m.enforcingLocalOriginSuccessRate,
            standard.enforcingLocalOriginSuccessRate);
    percent("failure_percentage_threshold", m.failurePercentageThreshold,
            standard.failurePercentageThreshold);
    percent("enforcing_failure_percentage", m.enforcingFailurePercentage,
            standard.enforcingFailurePercentage);
    percent("enforcing_failure_percentage_local_origin", m.enforcingFailurePercentageLocalOrigin,
            standard.enforcingFailurePercentageLocalOrigin);
    number("failure_percentage_minimum_hosts", m.failurePercentageMinimumHosts,
           standard.failurePercentageMinimumHosts);
    number("failure_percentage_request_volume", m.failurePercentageRequestVolume,
           standard.failurePercentageRequestVolume);
    a.field("always_eject_one_host", m.alwaysEjectOneHost);
    a.ignored({"successful_active_health_check_uneject_host"});
    a.refused({"detect_degraded_hosts"});
    a.refused({"monitors"});
    a.check(m.interval > Duration::zero(), "interval", "an interval longer than 0s is required");
    a.check(m.baseEjectionTime > Duration::zero(), "base_ejection_time", "a time longer than 0s is required");
    a.check(!m.maxEjectionTime || *m.maxEjectionTime >= m.baseEjectionTime, "max_ejection_time",
            "outlier detector's max_ejection_time cannot be smaller than base_ejection_time");
}
SALLYPORT_DESCRIBED(OutlierDetection)

template<typename A>
void describe(A &a, LbSubsetConfig::Selector &m)
{
    a.message("envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetSelector");
    a.field("keys", m.keys);
    int fallback = m.fallback == LbSubsetConfig::Fallback::NotDefined ? 0 : static_cast<int>(m.fallback) + 1;
    a.word("fallback_policy", fallback,
           {"NOT_DEFINED", "NO_FALLBACK", "ANY_ENDPOINT", "DEFAULT_SUBSET", "KEYS_SUBSET"});
    if constexpr (A::reading)
        m.fallback = fallback == 0 ? LbSubsetConfig::Fallback::NotDefined
                                   : static_cast<LbSubsetConfig::Fallback>(fallback - 1);
    a.field("fallback_keys_subset", m.fallbackKeys);
    a.field("single_host_per_subset", m.singleHostPerSubset);
    if (m.fallback == LbSubsetConfig::Fallback::KeysSubset) {
        const std::set<std::string> keys(m.keys.begin(), m.keys.end());
        const std::set<std::string> fewer(m.fallbackKeys.begin(), m.fallbackKeys.end());
        a.check(!fewer.empty(), "fallback_keys_subset", "fallback_keys_subset cannot be empty");
        a.check(std::includes(keys.begin(), keys.end(), fewer.begin(), fewer.end()), "fallback_keys_subset",
                "fallback_keys_subset must be a subset of selector keys");
        a.check(fewer != keys, "fallback_keys_subset", "fallback_keys_subset cannot be equal to keys");
    }
}
SALLYPORT_DESCRIBED(LbSubsetConfig::Selector)

template<typename A>
void describe(A &a, LbSubsetConfig &m)
{
    a.message("envoy.config.cluster.v3.Cluster.LbSubsetConfig");
    a.word("fallback_policy", m.fallback, {"NO_FALLBACK", "ANY_ENDPOINT", "DEFAULT_SUBSET"});
    a.field("default_subset", m.defaultSubset);
    a.field("subset_selectors", m.selectors);
    a.field("locality_weight_aware", m.localityWeightAware);
    a.field("scale_locality_weight", m.scaleLocalityWeight);
    a.field("panic_mode_any", m.panicModeAny);
    a.field("list_as_any", m.listAsAny);
    a.refused({"metadata_fallback_policy"});
}
SALLYPORT_DESCRIBED(LbSubsetConfig)

namespace {

using Errors = std::vector<std::vector<HeaderMatcher>>;

/// A MatchPredicate over an answer's headers: one set of them, or several of which any may fit.
void readErrors(JsonReader &a, Errors &errors)
{
    a.group("http_response_headers_match",
            [&](JsonReader &match) { match.field("headers", errors.emplace_back()); });
    a.group("or_match", [&](JsonReader &any) {
        const QJsonArray rules = any.take("rules").toArray();
        for (qsizetype i = 0; i < rules.size(); ++i) {
            JsonReader rule(rules.at(i).toObject(), any.child("rules") + '[' + std::to_string(i) + ']',
                            any.state());
            readErrors(rule, errors);
            rule.finish();
        }
    });
    a.refused({"and_match", "not_match", "any_match", "http_request_headers_match",
               "http_request_trailers_match", "http_response_trailers_match",
               "http_request_generic_body_match", "http_response_generic_body_match"});
}

void writeErrors(JsonWriter &a, const Errors &errors)
{
    const auto written = [](const std::vector<HeaderMatcher> &headers) {
        return QJsonObject{{QStringLiteral("http_response_headers_match"),
                            QJsonObject{{QStringLiteral("headers"), JsonWriter::write(headers)}}}};
    };
    if (errors.size() == 1) {
        a.set("error_matcher", written(errors.front()));
        return;
    }
    QJsonArray rules;
    for (const std::vector<HeaderMatcher> &headers : errors)
        rules.append(written(headers));
    a.set("error_matcher",
          QJsonObject{{QStringLiteral("or_match"), QJsonObject{{QStringLiteral("rules"), rules}}}});
}

} // namespace

template<typename A>
void describe(A &a, UpstreamHttpProtocolOptions &m)
{
    using Protocol = UpstreamHttpProtocolOptions::Protocol;
    a.message("envoy.extensions.upstreams.http.v3.HttpProtocolOptions");
    a.group("common_http_protocol_options", [&](A &inner) { describe(inner, m.common); });
    a.group("upstream_http_protocol_options", [&](A &inner) {
        inner.field("auto_sni", m.autoSni);
        inner.field("auto_san_validation", m.autoSanValidation);
        inner.field("override_auto_sni_header", m.overrideAutoSniHeader);
    });
    const auto protocols = [&](A &inner, bool both) {
        const auto one = [&](const char *name, Protocol protocol, auto &options) {
            if constexpr (A::reading) {
                if (inner.has(name) && !both)
                    m.protocol = protocol;
            } else if (!both && m.protocol != protocol) {
                return;
            }
            inner.group(
                name, [&](A &leaf) { describe(leaf, options); }, true);
        };
        one("http_protocol_options", Protocol::Http1, m.http1);
        one("http2_protocol_options", Protocol::Http2, m.http2);
        inner.refused({"http3_protocol_options"});
        if constexpr (A::reading) {
            const bool first = inner.has("http_protocol_options");
            const bool second = inner.has("http2_protocol_options");
            inner.check(both || first != second, "", "exactly one protocol's options are required");
        }
    };
    if constexpr (A::reading) {
        const int ways = (a.has("explicit_http_config") ? 1 : 0) +
                         (a.has("use_downstream_protocol_config") ? 1 : 0) + (a.has("auto_config") ? 1 : 0);
        a.check(ways == 1, "",
                "exactly one of explicit_http_config, use_downstream_protocol_config and auto_config is "
                "required");
    }
    if (A::reading || m.protocol == Protocol::Http1 || m.protocol == Protocol::Http2)
        a.group(
            "explicit_http_config", [&](A &inner) { protocols(inner, false); }, true);
    const auto other = [&](const char *name, Protocol protocol) {
        if constexpr (A::reading) {
            if (a.has(name))
                m.protocol = protocol;
        } else if (m.protocol != protocol) {
            return;
        }
        a.group(
            name,
            [&](A &inner) {
                protocols(inner, true);
                inner.ignored({"alternate_protocols_cache_options"});
            },
            true);
    };
    other("use_downstream_protocol_config", Protocol::UseDownstream);
    other("auto_config", Protocol::Auto);
    a.ignored({"header_validation_config"});
    a.group("outlier_detection", [&](A &inner) {
        if constexpr (std::is_same_v<A, JsonReader>)
            inner.group("error_matcher", [&](A &matcher) { readErrors(matcher, m.outlierErrors); });
        else if (!m.outlierErrors.empty())
            writeErrors(inner, m.outlierErrors);
    });
    a.refused({"http_filters"});
}
SALLYPORT_DESCRIBED(UpstreamHttpProtocolOptions)

template<typename A>
void describe(A &a, TransportSocketMatch &m)
{
    a.message("envoy.config.cluster.v3.Cluster.TransportSocketMatch");
    a.field("name", m.name);
    a.field("match", m.match);
    if constexpr (std::is_same_v<A, JsonReader>)
        readTransport(a, m.transport);
    else {
        writeTransport(a, m.transport);
        if (!m.transport.tls && !m.transport.proxyProtocolVersion)
            a.set("transport_socket",
                  QJsonObject{{QStringLiteral("name"), QStringLiteral("envoy.transport_sockets.raw_buffer")},
                              {QStringLiteral("typed_config"),
                               QJsonObject{{QStringLiteral("@type"),
                                            QLatin1String(typePrefix) + QLatin1String(rawBufferType)}}}});
    }
}
SALLYPORT_DESCRIBED(TransportSocketMatch)

namespace {

template<typename A>
void describeBalancer(A &a, Cluster &m)
{
    using Policy = Cluster::LbPolicy;
    int policy = m.lbPolicy == Policy::Maglev            ? 5
                 : m.lbPolicy == Policy::ClusterProvided ? 6
                                                         : static_cast<int>(m.lbPolicy);
    a.word("lb_policy", policy,
           {"ROUND_ROBIN", "LEAST_REQUEST", "RING_HASH", "RANDOM", "", "MAGLEV", "CLUSTER_PROVIDED"});
    if constexpr (A::reading)
        m.lbPolicy = policy == 5   ? Policy::Maglev
                     : policy == 6 ? Policy::ClusterProvided
                                   : static_cast<Policy>(policy);
    if (A::reading || m.lbPolicy == Policy::RingHash) {
        a.group("ring_hash_lb_config", [&](A &inner) {
            inner.field("minimum_ring_size", m.ringMinimum, std::uint64_t(1024));
            inner.field("maximum_ring_size", m.ringMaximum, std::uint64_t(8U << 20U));
            inner.word("hash_function", m.ringHashFunction, {"XX_HASH", "MURMUR_HASH_2"});
        });
    }
    if (A::reading || m.lbPolicy == Policy::Maglev)
        a.group("maglev_lb_config",
                [&](A &inner) { inner.field("table_size", m.maglevTableSize, std::uint64_t(65537)); });
    const auto slowStart = [&](A &inner) {
        inner.group("slow_start_config", [&](A &slow) {
            slow.field("slow_start_window", m.slowStartWindow);
            slow.field("aggression", m.slowStartAggression);
            describePercentField(slow, "min_weight_percent", m.slowStartMinWeightPercent, 10);
        });
    };
    if (A::reading || m.lbPolicy == Policy::LeastRequest) {
        a.group("least_request_lb_config", [&](A &inner) {
            inner.field("choice_count", m.leastRequestChoices, 2U);
            inner.refused({"active_request_bias", "selection_method"});
            inner.check(m.leastRequestChoices >= 2, "choice_count", "at least two choices are required");
            slowStart(inner);
        });
    }
    if (A::reading || m.lbPolicy == Policy::RoundRobin)
        a.group("round_robin_lb_config", slowStart);
    a.group("original_dst_lb_config", [&](A &inner) {
        bool useHeader = m.originalDstHeader.has_value();
        inner.field("use_http_header", useHeader);
        std::string header = m.originalDstHeader.value_or("");
        inner.field("http_header_name", header);
        if constexpr (A::reading) {
            if (useHeader)
                m.originalDstHeader = header.empty() ? "x-envoy-original-dst-host" : header;
        }
        inner.field("upstream_port_override", m.originalDstPortOverride);
        inner.refused({"metadata_key"});
    });
    a.group("common_lb_config", [&](A &inner) {
        describePercentField(inner, "healthy_panic_threshold", m.panicThreshold, 50);
        if constexpr (A::reading) {
            m.localityWeighted = inner.has("locality_weighted_lb_config");
            inner.ignored({"locality_weighted_lb_config"});
        } else if (m.localityWeighted) {
            inner.group(
                "locality_weighted_lb_config", [](A &) {}, true);
        }
        inner.field("close_connections_on_host_set_change", m.closeConnectionsOnHostSetChange);
        inner.field("ignore_new_hosts_until_first_hc", m.ignoreNewHostsUntilFirstHc);
        inner.group("consistent_hashing_lb_config", [&](A &hashing) {
            hashing.field("use_hostname_for_hashing", m.consistentUseHostname);
            hashing.field("hash_balance_factor", m.hashBalanceFactor);
            hashing.check(!m.hashBalanceFactor || *m.hashBalanceFactor >= 100, "hash_balance_factor",
                          "at least 100 is required");
        });
        if constexpr (A::reading)
            inner.check(!m.localityWeighted || !inner.has("zone_aware_lb_config"), "zone_aware_lb_config",
                        "only one of locality_weighted_lb_config and zone_aware_lb_config is possible");
        // Without a local cluster there are no zones to prefer.
        inner.group("zone_aware_lb_config", [](A &zones) {
            zones.ignored({"routing_enabled", "min_cluster_size", "force_locality_direct_routing",
                           "force_local_zone", "locality_basis"});
            zones.refused({"fail_traffic_on_panic"});
        });
        inner.ignored({"update_merge_window"});
        inner.refused({"override_host_status"});
    });
}

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
            config.check(m.dnsCache.has_value(), "dns_cache_config", "a DNS cache is required");
        });
    });
}

void writeClusterType(JsonWriter &a, const Cluster &m)
{
    JsonWriter config;
    config.field("dns_cache_config", m.dnsCache);
    config.field("allow_insecure_cluster_options", m.allowInsecureOptions);
    QJsonObject typed = config.object();
    typed.insert(QStringLiteral("@type"), QLatin1String(typePrefix) + QLatin1String(forwardProxyType));
    a.set("cluster_type",
          QJsonObject{{QStringLiteral("name"), QStringLiteral("envoy.clusters.dynamic_forward_proxy")},
                      {QStringLiteral("typed_config"), typed}});
}

void checkCluster(JsonReader &a, const Cluster &m)
{
    a.check(!m.name.empty(), "name", "a cluster's name is required");
    a.check(m.connectTimeout > Duration::zero(), "connect_timeout", "a timeout longer than 0s is required");
    if (m.ringMinimum > m.ringMaximum)
        a.fail("ring_hash_lb_config", "ring hash: minimum_ring_size (" + std::to_string(m.ringMinimum) +
                                          ") > maximum_ring_size (" + std::to_string(m.ringMaximum) + ')');
    constexpr std::uint64_t largestRing = 8U << 20U;
    a.check(m.ringMinimum <= largestRing && m.ringMaximum <= largestRing, "ring_hash_lb_config",
            "a ring has at most 8388608 entries");
    constexpr std::uint64_t largestTable = 5000011;
    a.check(m.maglevTableSize <= largestTable, "maglev_lb_config",
            "a Maglev table has at most 5000011 entries");
    bool prime = m.maglevTableSize > 1;
    for (std::uint64_t divisor = 2; divisor * divisor <= m.maglevTableSize && prime; ++divisor)
        prime = m.maglevTableSize % divisor != 0;
    a.check(prime, "maglev_lb_config", "the size of a Maglev table must be a prime");
    if (m.type == Cluster::Type::OriginalDst || m.type == Cluster::Type::DynamicForwardProxy)
        a.check(m.lbPolicy == Cluster::LbPolicy::ClusterProvided, "lb_policy",
                "a cluster that finds its hosts by the request needs lb_policy CLUSTER_PROVIDED");
    else
        a.check(m.lbPolicy != Cluster::LbPolicy::ClusterProvided, "lb_policy",
                "CLUSTER_PROVIDED goes with clusters only that find their hosts by the request");
    if (m.type == Cluster::Type::DynamicForwardProxy && !m.allowInsecureOptions)
        a.check(!m.http || (m.http->autoSni && m.http->autoSanValidation), "cluster_type",
                "a dynamic forward proxy needs auto_sni and auto_san_validation, or "
                "allow_insecure_cluster_options");
    constexpr std::chrono::milliseconds shortestRefresh(1);
    a.check(m.dnsRefreshRate > shortestRefresh, "dns_refresh_rate", "a time longer than 1ms is required");
    a.check(!m.cleanupInterval || *m.cleanupInterval > Duration::zero(), "cleanup_interval",
            "a time longer than 0s is required");
    a.check(m.type != Cluster::Type::OriginalDst || !m.loadAssignment, "load_assignment",
            "ORIGINAL_DST clusters must have no load assignment configured");
    a.check(m.type != Cluster::Type::Eds || a.has("eds_cluster_config"), "eds_cluster_config",
            "cannot create an EDS cluster without an EDS config");
    a.check(!m.bindAddress || m.bindAddress->address.empty() || isIpLiteral(m.bindAddress->address),
            "upstream_bind_config", "malformed IP address");
    const bool names = m.type == Cluster::Type::StrictDns || m.type == Cluster::Type::LogicalDns;
    std::size_t count = 0;
    if (m.loadAssignment) {
        for (const LocalityLbEndpoints &locality : m.loadAssignment->endpoints) {
            count += locality.endpoints.size();
            for (const LbEndpoint &endpoint : locality.endpoints)
                a.check(names || isIpLiteral(endpoint.address.address) || !endpoint.address.pipe.empty(),
                        "load_assignment",
                        "malformed IP address; Consider setting resolver_name or setting cluster type to "
                        "'STRICT_DNS' or 'LOGICAL_DNS'");
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
    a.field("lb_subset_config", m.subsets);
    a.group("typed_extension_protocol_options", [&](A &inner) {
        if constexpr (std::is_same_v<A, JsonReader>) {
            inner.any(httpOptionsKey,
                      [&](JsonReader &options, const std::string &) { describe(options, m.http.emplace()); });
        } else {
            if (m.http)
                writeAny(inner, httpOptionsKey, httpOptionsKey, *m.http);
        }
    });
    if constexpr (std::is_same_v<A, JsonReader>) {
        // The form that came before typed options.
        if (a.has("http2_protocol_options")) {
            m.http = m.http.value_or(UpstreamHttpProtocolOptions());
            m.http->protocol = UpstreamHttpProtocolOptions::Protocol::Http2;
            a.group("http2_protocol_options", [&](A &inner) { describe(inner, m.http->http2); });
        }
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
        inner.check(m.dnsFailureRefreshRate && *m.dnsFailureRefreshRate >= std::chrono::milliseconds(1),
                    "base_interval", "a time of at least 1ms is required");
        inner.field("max_interval", m.dnsFailureMaxInterval);
        inner.check(!m.dnsFailureRefreshRate || !m.dnsFailureMaxInterval ||
                        *m.dnsFailureRefreshRate <= *m.dnsFailureMaxInterval,
                    "",
                    "dns_failure_refresh_rate must have base_interval less than or equal to max_interval");
    });
    a.field("dns_jitter", m.dnsJitter);
    a.field("respect_dns_ttl", m.respectDnsTtl);
    a.field("cleanup_interval", m.cleanupInterval);
    std::optional<std::uint32_t> limit =
        m.perConnectionBufferLimit == 1U << 20U ? std::nullopt : std::optional(m.perConnectionBufferLimit);
    a.field("per_connection_buffer_limit_bytes", limit);
    if constexpr (A::reading)
        m.perConnectionBufferLimit = limit.value_or(1U << 20U);
    if (A::reading || m.bindAddress) {
        a.group("upstream_bind_config", [&](A &inner) {
            SocketAddress source = m.bindAddress.value_or(SocketAddress());
            inner.group("source_address", [&](A &address) {
                std::uint32_t never = ~0U;
                address.field("address", source.address);
                if constexpr (A::reading)
                    address.field("port_value", source.port);
                else
                    address.field("port_value", source.port, never);
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
    a.group("eds_cluster_config", [&](A &inner) {
        inner.field("service_name", m.edsServiceName);
        inner.ignored({"eds_config"});
    });
    a.refused({"filters", "protocol_selection", "track_cluster_stats"});
    a.ignored({"wait_for_warm_on_init", "lrs_report_endpoint_metrics"});
    describeResolver(a, "use_tcp_for_dns");
    a.refused({"track_timeout_budgets", "preconnect_policy", "connection_pool_per_downstream_connection"});
    a.refused({"health_checks", "load_balancing_policy", "lrs_server", "max_requests_per_connection",
               "common_http_protocol_options", "http_protocol_options", "upstream_http_protocol_options"});
    if constexpr (std::is_same_v<A, JsonReader>)
        checkCluster(a, m);
}
SALLYPORT_DESCRIBED(Cluster)

} // namespace sallyport::dataplane
