// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"
#include "core/dataplane/header_text.h"

#include <algorithm>
#include <sstream>

namespace sallyport::dataplane {

namespace {

using PathKind = RouteMatch::PathKind;

constexpr const char *templateMatchType =
    "envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig";
constexpr const char *templateRewriteType =
    "envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig";
constexpr const char *previousHostsType =
    "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate";
constexpr const char *previousPrioritiesType =
    "envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig";

template<typename A>
void describePerFilter(A &a, PerFilterConfig &m)
{
    if constexpr (std::is_same_v<A, JsonReader>)
        readPerFilter(a, m);
    else
        writePerFilter(a, m);
}

void readPath(JsonReader &a, RouteMatch &m)
{
    int given = 0;
    const auto take = [&](const char *name, PathKind kind) {
        if (a.has(name)) {
            m.pathKind = kind;
            ++given;
        }
        a.field(name, m.path);
    };
    take("prefix", PathKind::Prefix);
    take("path", PathKind::Path);
    take("path_separated_prefix", PathKind::PathSeparatedPrefix);
    if (a.has("path_separated_prefix")) {
        a.check(m.path.starts_with('/') && m.path.size() > 1 && !m.path.ends_with('/') &&
                    m.path.find_first_of("?#") == std::string::npos,
                "path_separated_prefix", "it begins with / and has neither ? nor # nor a / at the end");
    }
    if (a.has("safe_regex")) {
        m.pathKind = PathKind::Regex;
        ++given;
    }
    describeRegex(a, "safe_regex", m.path);
    if (a.has("connect_matcher")) {
        m.pathKind = PathKind::Connect;
        ++given;
    }
    a.ignored({"connect_matcher"});
    a.group("path_match_policy", [&](JsonReader &policy) {
        policy.ignored({"name"});
        policy.any("typed_config", [&](JsonReader &config, const std::string &type) {
            config.check(type == templateMatchType, "@type", "only URI templates are supported here");
            config.field("path_template", m.path);
        });
        m.pathKind = PathKind::Template;
        ++given;
    });
    a.check(given == 1, "",
            "exactly one of prefix, path, safe_regex, path_separated_prefix, path_match_policy and "
            "connect_matcher is required");
}

void writePath(JsonWriter &a, RouteMatch &m)
{
    static const std::string never("\0", 1);
    switch (m.pathKind) {
    case PathKind::Prefix:
        a.field("prefix", m.path, never);
        break;
    case PathKind::Path:
        a.field("path", m.path, never);
        break;
    case PathKind::PathSeparatedPrefix:
        a.field("path_separated_prefix", m.path, never);
        break;
    case PathKind::Regex:
        describeRegex(a, "safe_regex", m.path);
        break;
    case PathKind::Connect:
        a.group(
            "connect_matcher", [](JsonWriter &) {}, true);
        break;
    case PathKind::Template:
        a.set("path_match_policy",
              QJsonObject{{QStringLiteral("name"),
                           QStringLiteral("envoy.path.match.uri_template.uri_template_matcher")},
                          {QStringLiteral("typed_config"),
                           QJsonObject{{QStringLiteral("@type"),
                                        QLatin1String(typePrefix) + QLatin1String(templateMatchType)},
                                       {QStringLiteral("path_template"), toQt(m.path)}}}});
        break;
    }
}

} // namespace

/// Two fields of the same meaning; the younger one goes first.
template<typename A>
void describeBufferLimit(A &a, std::optional<std::uint64_t> &limit)
{
    if constexpr (A::reading) {
        std::optional<std::uint32_t> older;
        a.field("per_request_buffer_limit_bytes", older);
        a.field("request_body_buffer_limit", limit);
        if (!limit && older)
            limit = *older;
    } else {
        a.field("request_body_buffer_limit", limit);
    }
}

template<typename A>
void describe(A &a, CookieMatcher &m)
{
    a.message("envoy.config.route.v3.CookieMatcher");
    a.field("name", m.name);
    a.field("string_match", m.value);
    a.field("invert_match", m.invert);
    a.check(!m.name.empty(), "name", "a cookie's name is required");
    if constexpr (A::reading)
        a.check(a.has("string_match"), "string_match", "a matcher is required");
}
SALLYPORT_DESCRIBED(CookieMatcher)

template<typename A>
void describe(A &a, RouteMatch &m)
{
    a.message("envoy.config.route.v3.RouteMatch");
    if constexpr (std::is_same_v<A, JsonReader>)
        readPath(a, m);
    else
        writePath(a, m);
    std::optional<bool> caseSensitive = m.caseSensitive ? std::nullopt : std::optional(false);
    a.field("case_sensitive", caseSensitive);
    if constexpr (A::reading)
        m.caseSensitive = caseSensitive.value_or(true);
    a.field("headers", m.headers);
    a.field("query_parameters", m.queryParameters);
    a.field("runtime_fraction", m.runtimeFraction);
    a.field("dynamic_metadata", m.dynamicMetadata);
    if constexpr (A::reading) {
        m.grpc = a.has("grpc");
        a.ignored({"grpc"});
    } else if (m.grpc) {
        a.group(
            "grpc", [](A &) {}, true);
    }
    a.field("cookies", m.cookies);
    a.refused({"tls_context", "filter_state"});
}
SALLYPORT_DESCRIBED(RouteMatch)

template<typename A>
void describe(A &a, RetryPolicy::RateLimitedReset &m)
{
    a.message("envoy.config.route.v3.RetryPolicy.ResetHeader");
    a.field("name", m.header);
    int format = m.unixTimestamp ? 1 : 0;
    a.word("format", format, {"SECONDS", "UNIX_TIMESTAMP"});
    if constexpr (A::reading)
        m.unixTimestamp = format == 1;
}
SALLYPORT_DESCRIBED(RetryPolicy::RateLimitedReset)

template<typename A>
void describe(A &a, RetryPolicy &m)
{
    a.message("envoy.config.route.v3.RetryPolicy");
    a.field("retry_on", m.retryOn);
    std::optional<std::uint32_t> retries = m.numRetries == 1 ? std::nullopt : std::optional(m.numRetries);
    a.field("num_retries", retries);
    if constexpr (A::reading)
        m.numRetries = retries.value_or(1);
    a.field("per_try_timeout", m.perTryTimeout);
    a.field("per_try_idle_timeout", m.perTryIdleTimeout);
    a.field("host_selection_retry_max_attempts", m.hostSelectionMaxAttempts, std::int64_t(1));
    a.field("retriable_status_codes", m.retriableStatusCodes);
    a.field("retriable_headers", m.retriableHeaders);
    a.field("retriable_request_headers", m.retriableRequestHeaders);
    if constexpr (A::reading) {
        for (const QJsonValue &predicate : a.take("retry_host_predicate").toArray()) {
            const QString type = predicate.toObject()
                                     .value(QLatin1String("typed_config"))
                                     .toObject()
                                     .value(QLatin1String("@type"))
                                     .toString();
            const QString name = predicate.toObject().value(QLatin1String("name")).toString();
            if (type.endsWith(QLatin1String(previousHostsType)) ||
                name == QLatin1String("envoy.retry_host_predicates.previous_hosts"))
                m.avoidPreviousHosts = true;
            else
                a.fail("retry_host_predicate", "only previous_hosts is supported by this gateway");
        }
    } else if (m.avoidPreviousHosts) {
        a.set("retry_host_predicate",
              QJsonArray{QJsonObject{
                  {QStringLiteral("name"), QStringLiteral("envoy.retry_host_predicates.previous_hosts")},
                  {QStringLiteral("typed_config"),
                   QJsonObject{{QStringLiteral("@type"),
                                QLatin1String(typePrefix) + QLatin1String(previousHostsType)}}}}});
    }
    a.group("retry_back_off", [&](A &inner) {
        if constexpr (A::reading)
            inner.check(inner.has("base_interval"), "base_interval", "an interval is required");
        Duration standard = std::chrono::milliseconds(25);
        inner.field("base_interval", m.backOffBase, standard);
        inner.field("max_interval", m.backOffMax);
        inner.check(m.backOffBase > Duration::zero(), "base_interval",
                    "an interval longer than 0s is required");
        inner.check(!m.backOffMax || *m.backOffMax >= m.backOffBase, "max_interval",
                    "it must not be shorter than base_interval");
    });
    a.group("rate_limited_retry_back_off", [&](A &inner) {
        inner.field("reset_headers", m.rateLimitedResets);
        if constexpr (A::reading)
            inner.check(!m.rateLimitedResets.empty(), "reset_headers", "at least one header is required");
        for (const RetryPolicy::RateLimitedReset &reset : m.rateLimitedResets)
            inner.check(!reset.header.empty(), "reset_headers", "a header's name is required");
        inner.field("max_interval", m.rateLimitedMax);
    });
    if constexpr (std::is_same_v<A, JsonReader>) {
        a.group("retry_priority", [&](JsonReader &priority) {
            priority.ignored({"name"});
            priority.any("typed_config", [&](JsonReader &config, const std::string &type) {
                config.field("update_frequency", m.previousPrioritiesUpdate);
                config.check(type == previousPrioritiesType, "@type",
                             "only previous_priorities is supported by this gateway");
                config.check(m.previousPrioritiesUpdate > 0, "update_frequency",
                             "a frequency of at least 1 is required");
            });
        });
    } else if (m.previousPrioritiesUpdate > 0) {
        a.set("retry_priority",
              QJsonObject{
                  {QStringLiteral("name"), QStringLiteral("envoy.retry_priorities.previous_priorities")},
                  {QStringLiteral("typed_config"),
                   QJsonObject{{QStringLiteral("@type"),
                                QLatin1String(typePrefix) + QLatin1String(previousPrioritiesType)},
                               {QStringLiteral("update_frequency"),
                                static_cast<qint64>(m.previousPrioritiesUpdate)}}}});
    }
    a.refused({"retry_options_predicates"});
}
SALLYPORT_DESCRIBED(RetryPolicy)

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
        if constexpr (A::reading) {
            if (a.has(name))
                m.kind = kind;
        } else if (m.kind != kind) {
            return;
        }
        a.group(name, describeGroup, true);
    };
    group("header", Kind::Header, [&](A &inner) {
        inner.field("header_name", m.name);
        inner.field("regex_rewrite", m.headerRewrite);
        inner.check(!m.name.empty(), "header_name", "a header name is required");
    });
    group("cookie", Kind::Cookie, [&](A &inner) {
        inner.field("name", m.name);
        inner.field("ttl", m.cookieTtl);
        inner.field("path", m.cookiePath);
        inner.field("attributes", m.cookieAttributes);
        inner.check(!m.name.empty(), "name", "a cookie's name is required");
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
    a.field("weight", m.weight);
    describeHeaderMutations(a, m.headers);
    a.field("metadata_match", m.metadataMatch);
    a.field("host_rewrite_literal", m.hostRewriteLiteral);
    a.check(isOneLine(m.hostRewriteLiteral), "host_rewrite_literal", "a host holds no line break");
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
        std::transform(m.type.begin(), m.type.end(), m.type.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::optional<bool> enabled = m.enabled ? std::nullopt : std::optional(false);
    a.field("enabled", enabled);
    if constexpr (A::reading)
        m.enabled = enabled.value_or(true);
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
            inner.refused({"use_hash_policy"});
            std::uint64_t sum = 0;
            for (const WeightedCluster &cluster : m.weightedClusters)
                sum += cluster.weight;
            inner.check(!m.weightedClusters.empty(), "clusters", "at least one cluster is required");
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
    a.check(isOneLine(m.prefixRewrite), "prefix_rewrite", "a path holds no line break");
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
    a.check(isOneLine(m.hostRewriteLiteral), "host_rewrite_literal", "a host holds no line break");
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
    a.field("hash_policy", m.hashPolicies);
    a.field("request_mirror_policies", m.mirrors);
    a.field("upgrade_configs", m.upgrades);
    for (auto upgrade = m.upgrades.begin(); upgrade != m.upgrades.end(); ++upgrade) {
        const bool again = std::any_of(m.upgrades.begin(), upgrade, [&](const UpgradeConfig &earlier) {
            return earlier.type == upgrade->type;
        });
        a.check(!again, "upgrade_configs", "Duplicate upgrade");
        a.check(!upgrade->type.empty(), "upgrade_configs", "a type is required");
        a.check(!upgrade->connect || upgrade->type == "connect", "upgrade_configs",
                "Non-CONNECT upgrade type has ConnectConfig");
    }
    a.field("cors", m.cors);
    int priority = m.highPriority ? 1 : 0;
    a.word("priority", priority, {"DEFAULT", "HIGH"});
    if constexpr (A::reading)
        m.highPriority = priority == 1;
    a.ignored({"include_vh_rate_limits"});
    a.field("grpc_timeout_offset", m.grpcTimeoutOffset);
    a.refused({"flush_timeout"});
    a.refused({"cluster_specifier_plugin", "inline_cluster_specifier_plugin", "rate_limits",
               "internal_redirect_policy", "hedge_policy", "early_data_policy", "retry_policy_typed_config",
               "host_rewrite"});
    if constexpr (A::reading) {
        const int targets = (m.cluster.empty() ? 0 : 1) + (m.clusterHeader.empty() ? 0 : 1) +
                            (m.weightedClusters.empty() ? 0 : 1);
        a.check(targets == 1, "", "exactly one of cluster, cluster_header and weighted_clusters is required");
        const int rewrites =
            (m.prefixRewrite.empty() ? 0 : 1) + (m.regexRewrite ? 1 : 0) + (m.pathTemplateRewrite ? 1 : 0);
        a.check(rewrites <= 1, "",
                "Specify only one of prefix_rewrite, regex_rewrite or path_rewrite_policy");
        const int hosts = (m.hostRewriteLiteral.empty() ? 0 : 1) + (m.hostRewriteHeader.empty() ? 0 : 1) +
                          (m.hostRewritePathRegex ? 1 : 0) + (m.autoHostRewrite ? 1 : 0);
        a.check(hosts <= 1, "", "only one rewrite of the host is possible");
        for (const HashPolicy &policy : m.hashPolicies)
            a.check(policy.kind == HashPolicy::Kind::SourceIp || !policy.name.empty(), "hash_policy",
                    "a hash policy needs a name");
    }
}
SALLYPORT_DESCRIBED(RouteAction)

template<typename A>
void describe(A &a, RedirectAction &m)
{
    a.message("envoy.config.route.v3.RedirectAction");
    a.field("https_redirect", m.httpsRedirect);
    a.field("scheme_redirect", m.schemeRedirect);
    a.field("host_redirect", m.hostRedirect);
    a.field("port_redirect", m.portRedirect);
    a.field("path_redirect", m.pathRedirect);
    a.check(isOneLine(m.hostRedirect), "host_redirect", "a host holds no line break");
    a.check(isOneLine(m.pathRedirect), "path_redirect", "a path holds no line break");
    if constexpr (A::reading)
        a.check(!a.has("https_redirect") || !a.has("scheme_redirect"), "scheme_redirect",
                "only one of https_redirect and scheme_redirect is possible");
    a.field("prefix_rewrite", m.prefixRewrite);
    a.field("regex_rewrite", m.regexRewrite);
    static constexpr std::uint32_t codes[] = {301, 302, 303, 307, 308};
    int code =
        static_cast<int>(std::find(std::begin(codes), std::end(codes), m.responseCode) - std::begin(codes));
    a.word("response_code", code,
           {"MOVED_PERMANENTLY", "FOUND", "SEE_OTHER", "TEMPORARY_REDIRECT", "PERMANENT_REDIRECT"});
    if constexpr (A::reading) {
        m.responseCode = codes[code];
        const int paths =
            (m.pathRedirect.empty() ? 0 : 1) + (m.prefixRewrite.empty() ? 0 : 1) + (m.regexRewrite ? 1 : 0);
        a.check(paths <= 1, "", "only one of path_redirect, prefix_rewrite and regex_rewrite is possible");
        a.check(m.portRedirect <= 65535, "port_redirect", "a port is at most 65535");
    }
    a.field("strip_query", m.stripQuery);
}
SALLYPORT_DESCRIBED(RedirectAction)

template<typename A>
void describe(A &a, DirectResponseAction &m)
{
    a.message("envoy.config.route.v3.DirectResponseAction");
    std::uint32_t never = 0;
    a.field("status", m.status, never);
    if constexpr (A::reading)
        a.check(a.has("status"), "status", "a status is required");
    if (A::reading || m.body.isSet())
        a.field("body", m.body);
    a.field("body_format", m.bodyFormat);
    a.check(m.status >= 200 && m.status < 600, "status", "a status from 200 to 599 is required");
}
SALLYPORT_DESCRIBED(DirectResponseAction)

template<typename A>
void describe(A &a, TraceSampling &m)
{
    a.message("envoy.config.route.v3.Tracing");
    a.field("client_sampling", m.client);
    a.field("random_sampling", m.random);
    a.field("overall_sampling", m.overall);
    a.ignored({"custom_tags", "operation", "upstream_operation"});
}
SALLYPORT_DESCRIBED(TraceSampling)

template<typename A>
void describe(A &a, Route &m)
{
    a.message("envoy.config.route.v3.Route");
    a.field("name", m.name);
    a.group(
        "match", [&](A &inner) { describe(inner, m.match); }, true);
    if constexpr (A::reading) {
        a.check(a.has("match"), "match", "a match is required");
        const auto action = [&]<typename T>(const char *name, T *) {
            if (a.has(name))
                a.field(name, m.action.template emplace<T>());
            else
                a.ignored({name});
        };
        action("route", static_cast<RouteAction *>(nullptr));
        action("redirect", static_cast<RedirectAction *>(nullptr));
        action("direct_response", static_cast<DirectResponseAction *>(nullptr));
        a.check(m.action.index() != 0, "", "an action (route, redirect or direct_response) is required");
    } else {
        if (const auto *route = std::get_if<RouteAction>(&m.action))
            a.set("route", JsonWriter::write(*route));
        else if (const auto *redirect = std::get_if<RedirectAction>(&m.action))
            a.set("redirect", JsonWriter::write(*redirect));
        else if (const auto *direct = std::get_if<DirectResponseAction>(&m.action))
            a.set("direct_response", JsonWriter::write(*direct));
    }
    describeHeaderMutations(a, m.headers);
    describePerFilter(a, m.perFilter);
    if (A::reading || !m.metadata.filters.isEmpty())
        a.field("metadata", m.metadata);
    a.group("decorator", [&](A &inner) {
        inner.field("operation", m.decoratorOperation);
        inner.field("propagate", m.decoratorPropagate);
    });
    a.field("stat_prefix", m.statPrefix);
    a.field("tracing", m.tracing);
    describeBufferLimit(a, m.bodyBufferLimit);
    a.refused({"filter_action", "non_forwarding_action"});
}
SALLYPORT_DESCRIBED(Route)

template<typename A>
void describe(A &a, VirtualCluster &m)
{
    a.message("envoy.config.route.v3.VirtualCluster");
    a.field("name", m.name);
    a.field("headers", m.headers);
    a.check(!m.name.empty(), "name", "a name is required");
}
SALLYPORT_DESCRIBED(VirtualCluster)

template<typename A>
void describe(A &a, VirtualHost &m)
{
    a.message("envoy.config.route.v3.VirtualHost");
    a.field("name", m.name);
    a.field("domains", m.domains);
    a.check(!m.name.empty(), "name", "a name is required");
    a.check(!m.domains.empty(), "domains", "at least one domain is required");
    for (const std::string &domain : m.domains)
        a.check(isOneLine(domain), "domains", "a domain holds no line break");
    a.field("routes", m.routes);
    a.word("require_tls", m.requireTls, {"NONE", "EXTERNAL_ONLY", "ALL"});
    describeHeaderMutations(a, m.headers);
    describePerFilter(a, m.perFilter);
    a.field("include_request_attempt_count", m.includeRequestAttemptCount);
    a.field("include_attempt_count_in_response", m.includeAttemptCountInResponse);
    a.field("retry_policy", m.retryPolicy);
    a.field("cors", m.cors);
    describeBufferLimit(a, m.bodyBufferLimit);
    if (A::reading || !m.metadata.filters.isEmpty())
        a.field("metadata", m.metadata);
    a.refused({"include_is_timeout_retry_header"});
    a.field("virtual_clusters", m.virtualClusters);
    a.refused(
        {"matcher", "rate_limits", "hedge_policy", "retry_policy_typed_config", "request_mirror_policies"});
}
SALLYPORT_DESCRIBED(VirtualHost)

template<typename A>
void describe(A &a, RouteConfiguration &m)
{
    a.message("envoy.config.route.v3.RouteConfiguration");
    a.field("name", m.name);
    a.field("virtual_hosts", m.virtualHosts);
    describeHeaderMutations(a, m.headers);
    a.field("most_specific_header_mutations_wins", m.mostSpecificHeaderMutationsWins);
    a.field("validate_clusters", m.validateClusters);
    std::optional<std::uint32_t> bodyLimit =
        m.maxDirectResponseBodyBytes == 4096 ? std::nullopt : std::optional(m.maxDirectResponseBodyBytes);
    a.field("max_direct_response_body_size_bytes", bodyLimit);
    if constexpr (A::reading)
        m.maxDirectResponseBodyBytes = bodyLimit.value_or(4096);
    a.field("ignore_port_in_host_matching", m.ignorePortInHostMatching);
    a.field("ignore_path_parameters_in_path_matching", m.ignorePathParametersInPathMatching);
    a.field("internal_only_headers", m.internalOnlyHeaders);
    a.ignored({"metadata"});
    a.refused({"vhds", "cluster_specifier_plugins", "request_mirror_policies", "typed_per_filter_config"});
}
SALLYPORT_DESCRIBED(RouteConfiguration)

} // namespace sallyport::dataplane
