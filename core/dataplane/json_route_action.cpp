// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"
#include "core/result/ascii_case.h"

#include <algorithm>

namespace sallyport::dataplane {

namespace {

constexpr const char *templateRewriteType =
    "envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig";

/// A policy that takes properties of the connection and names none is as good as none.
void forgetEmptyPolicies(const JsonReader &a, std::vector<HashPolicy> &policies)
{
    const QJsonArray written = a.object().value(QLatin1String("hash_policy")).toArray();
    for (std::size_t i = policies.size(); i-- > 0;) {
        const QJsonObject properties = written.at(static_cast<qsizetype>(i))
                                           .toObject()
                                           .value(QLatin1String("connection_properties"))
                                           .toObject();
        if (policies[i].kind == HashPolicy::Kind::SourceIp &&
            !properties.value(QLatin1String("source_ip")).toBool())
            policies.erase(policies.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

} // namespace

template<typename A>
void describe(A &a, HashPolicy::CookieAttribute &m)
{
    a.message("envoy.config.route.v3.RouteAction.HashPolicy.CookieAttribute");
    a.field("name", m.name);
    a.field("value", m.value);
}
SALLYPORT_DESCRIBED(HashPolicy::CookieAttribute)

template<typename A>
void describe(A &a, HashPolicy &m)
{
    using Kind = HashPolicy::Kind;
    a.message("envoy.config.route.v3.RouteAction.HashPolicy");
    const auto group = [&](const char *name, Kind kind, auto &&describeGroup) {
        if (takesCase(a, name, kind, m.kind))
            a.group(name, describeGroup, true);
    };
    group("header", Kind::Header, [&](A &inner) {
        inner.field("header_name", m.name);
        inner.field("regex_rewrite", m.headerRewrite);
    });
    group("cookie", Kind::Cookie, [&](A &inner) {
        inner.field("name", m.name);
        inner.field("ttl", m.cookieTtl);
        inner.field("path", m.cookiePath);
        inner.field("attributes", m.cookieAttributes);
    });
    group("connection_properties", Kind::SourceIp, [&](A &inner) {
        bool sourceIp = true;
        inner.field("source_ip", sourceIp);
    });
    group("query_parameter", Kind::QueryParameter, [&](A &inner) { inner.field("name", m.name); });
    group("filter_state", Kind::FilterState, [&](A &inner) { inner.field("key", m.name); });
    a.field("terminal", m.terminal);
}
SALLYPORT_DESCRIBED(HashPolicy)

template<typename A>
void describe(A &a, MirrorPolicy &m)
{
    a.message("envoy.config.route.v3.RouteAction.RequestMirrorPolicy");
    a.field("cluster", m.cluster);
    a.field("cluster_header", m.clusterHeader);
    a.field("runtime_fraction", m.fraction);
    a.field("disable_shadow_host_suffix_append", m.disableShadowHostSuffix);
    a.check(m.cluster.empty() != m.clusterHeader.empty(), "",
            "Exactly one of cluster or cluster_header in request mirror policy need to be specified");
    a.ignored({"trace_sampled"});
    a.field("host_rewrite_literal", m.hostRewriteLiteral);
    a.refused({"request_headers_mutations"});
}
SALLYPORT_DESCRIBED(MirrorPolicy)

template<typename A>
void describe(A &a, WeightedCluster &m)
{
    a.message("envoy.config.route.v3.WeightedCluster.ClusterWeight");
    a.field("name", m.name);
    a.field("cluster_header", m.clusterHeader);
    a.always("weight", m.weight);
    describeHeaderMutations(a, m.headers);
    a.field("metadata_match", m.metadataMatch);
    a.field("host_rewrite_literal", m.hostRewriteLiteral);
    a.check(m.name.empty() != m.clusterHeader.empty(), "",
            "Exactly one of name or cluster_header need to be specified");
    describePerFilter(a, m.perFilter);
}
SALLYPORT_DESCRIBED(WeightedCluster)

template<typename A>
void describe(A &a, UpgradeConfig &m)
{
    a.message("envoy.config.route.v3.RouteAction.UpgradeConfig");
    a.field("upgrade_type", m.type);
    if constexpr (A::reading)
        m.type = asciiLowered(m.type);
    a.field("enabled", m.enabled, true);
    if (A::reading || m.connect) {
        a.group(
            "connect_config",
            [&](A &inner) {
                if constexpr (A::reading)
                    m.connect = true;
                inner.field("allow_post", m.allowPost);
                inner.refused({"proxy_protocol_config"});
            },
            true);
    }
}
SALLYPORT_DESCRIBED(UpgradeConfig)

template<typename A>
void describe(A &a, RouteAction &m)
{
    a.message("envoy.config.route.v3.RouteAction");
    a.field("cluster", m.cluster);
    a.field("cluster_header", m.clusterHeader);
    if (A::reading || !m.weightedClusters.empty()) {
        a.group("weighted_clusters", [&](A &inner) {
            inner.field("clusters", m.weightedClusters);
            inner.field("total_weight", m.totalWeight);
            inner.keys({"runtime_key_prefix"});
            inner.field("header_name", m.weightHeader);
            inner.field("use_hash_policy", m.weightByHash);
            std::uint64_t sum = 0;
            for (const WeightedCluster &cluster : m.weightedClusters)
                sum += cluster.weight;
            constexpr std::uint64_t mostWeight = 4294967295;
            inner.check(sum <= mostWeight, "clusters",
                        "The sum of weights of all weighted clusters of route exceeds 4294967295");
            inner.check(sum > 0, "clusters",
                        "Sum of weights in the weighted_cluster must be greater than 0.");
        });
    }
    int notFound = m.clusterNotFoundStatus == 404 ? 1 : m.clusterNotFoundStatus == 500 ? 2 : 0;
    a.word("cluster_not_found_response_code", notFound,
           {"SERVICE_UNAVAILABLE", "NOT_FOUND", "INTERNAL_SERVER_ERROR"});
    if constexpr (A::reading)
        m.clusterNotFoundStatus = notFound == 1 ? 404 : notFound == 2 ? 500 : 503;
    a.field("metadata_match", m.metadataMatch);
    a.field("prefix_rewrite", m.prefixRewrite);
    a.field("regex_rewrite", m.regexRewrite);
    if constexpr (A::reading) {
        a.group("path_rewrite_policy", [&](A &policy) {
            policy.ignored({"name"});
            policy.any("typed_config", [&](JsonReader &config, const std::string &) {
                m.pathTemplateRewrite.emplace();
                config.field("path_template_rewrite", *m.pathTemplateRewrite);
            });
        });
    } else if (m.pathTemplateRewrite) {
        a.set("path_rewrite_policy",
              QJsonObject{
                  {QStringLiteral("name"),
                   QStringLiteral("envoy.path.rewrite.uri_template.uri_template_rewriter")},
                  {QStringLiteral("typed_config"),
                   QJsonObject{{QStringLiteral("@type"),
                                QLatin1String(typePrefix) + QLatin1String(templateRewriteType)},
                               {QStringLiteral("path_template_rewrite"), toQt(*m.pathTemplateRewrite)}}}});
    }
    a.field("host_rewrite_literal", m.hostRewriteLiteral);
    a.field("host_rewrite_header", m.hostRewriteHeader);
    a.field("host_rewrite_path_regex", m.hostRewritePathRegex);
    a.field("auto_host_rewrite", m.autoHostRewrite);
    a.field("append_x_forwarded_host", m.appendXForwardedHost);
    a.field("timeout", m.timeout);
    a.field("idle_timeout", m.idleTimeout);
    a.field("max_grpc_timeout", m.maxGrpcTimeout);
    a.group("max_stream_duration", [&](A &inner) {
        inner.field("max_stream_duration", m.maxStreamDuration);
        inner.field("grpc_timeout_header_max", m.grpcTimeoutHeaderMax);
        inner.field("grpc_timeout_header_offset", m.grpcTimeoutHeaderOffset);
    });
    a.field("retry_policy", m.retryPolicy);
    a.field("hedge_policy", m.hedgePolicy);
    a.field("hash_policy", m.hashPolicies);
    if constexpr (std::is_same_v<A, JsonReader>)
        forgetEmptyPolicies(a, m.hashPolicies);
    a.field("request_mirror_policies", m.mirrors);
    a.field("upgrade_configs", m.upgrades);
    for (auto upgrade = m.upgrades.begin(); upgrade != m.upgrades.end(); ++upgrade) {
        const bool again = std::any_of(m.upgrades.begin(), upgrade, [&](const UpgradeConfig &earlier) {
            return earlier.type == upgrade->type;
        });
        a.check(!again, "upgrade_configs", "Duplicate upgrade");
        a.check(!upgrade->connect || upgrade->type == "connect", "upgrade_configs",
                "Non-CONNECT upgrade type has ConnectConfig");
    }
    a.field("cors", m.cors);
    int priority = m.highPriority ? 1 : 0;
    a.word("priority", priority, {"DEFAULT", "HIGH"});
    if constexpr (A::reading)
        m.highPriority = priority == 1;
    a.field("rate_limits", m.rateLimits);
    a.field("include_vh_rate_limits", m.includeVirtualHostRateLimits);
    a.field("grpc_timeout_offset", m.grpcTimeoutOffset);
    a.field("flush_timeout", m.flushTimeout);
    a.field("internal_redirect_policy", m.internalRedirects);
    a.refused({"cluster_specifier_plugin", "inline_cluster_specifier_plugin", "early_data_policy",
               "retry_policy_typed_config", "host_rewrite"});
    if constexpr (A::reading) {
        const int rewrites =
            (m.prefixRewrite.empty() ? 0 : 1) + (m.regexRewrite ? 1 : 0) + (m.pathTemplateRewrite ? 1 : 0);
        a.check(rewrites <= 1, "",
                "Specify only one of prefix_rewrite, regex_rewrite or path_rewrite_policy");
    }
}
SALLYPORT_DESCRIBED(RouteAction)

} // namespace sallyport::dataplane
