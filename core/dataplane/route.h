// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/access_log.h"
#include "core/dataplane/http_filters.h"

namespace sallyport::dataplane {

/// A cookie of the request; a missing one meets only an inverted matcher.
struct CookieMatcher
{
    std::string name;
    StringMatcher value;
    bool invert = false;

    bool operator==(const CookieMatcher &) const = default;
};

/// envoy.config.route.v3.RouteMatch
struct RouteMatch
{
    enum class PathKind { Prefix, Path, PathSeparatedPrefix, Regex, Template, Connect };
    PathKind pathKind = PathKind::Prefix;
    std::string path; ///< the text, expression or template
    bool caseSensitive = true;
    std::vector<HeaderMatcher> headers;
    std::vector<QueryParameterMatcher> queryParameters;
    std::optional<RuntimeFractionalPercent> runtimeFraction;
    std::vector<MetadataMatcher> dynamicMetadata;
    std::vector<CookieMatcher> cookies;
    bool grpc = false;
    // tls_context: whether the client showed a certificate, and whether that was checked.
    std::optional<bool> tlsPresented;
    std::optional<bool> tlsValidated;

    bool operator==(const RouteMatch &) const = default;
};

/// envoy.extensions.filters.http.jwt_authn.v3.RequirementRule
struct JwtRule
{
    RouteMatch match;
    std::optional<JwtRequirement> requirement;
    std::string requirementName;

    bool operator==(const JwtRule &) const = default;
};

inline bool JwtAuthentication::operator==(const JwtAuthentication &other) const
{
    return providers == other.providers && rules == other.rules &&
           bypassCorsPreflight == other.bypassCorsPreflight && requirementMap == other.requirementMap &&
           statPrefix == other.statPrefix;
}

/// envoy.type.matcher.v3.RegexMatchAndSubstitute
struct RegexRewrite
{
    std::string pattern;
    std::string substitution;

    bool operator==(const RegexRewrite &) const = default;
};

/// envoy.config.route.v3.RetryPolicy
struct RetryPolicy
{
    std::string retryOn;
    std::uint32_t numRetries = 1;
    std::optional<Duration> perTryTimeout;
    std::optional<Duration> perTryIdleTimeout;
    bool avoidPreviousHosts = false; ///< envoy.retry_host_predicates.previous_hosts
    bool avoidCanaries = false;      ///< envoy.retry_host_predicates.omit_canary_hosts
    /// envoy.retry_host_predicates.omit_host_metadata: hosts with all the `envoy.lb` labels of one are
    /// avoided.
    std::vector<Metadata> avoidedMetadata;
    std::int64_t hostSelectionMaxAttempts = 1;
    /// envoy.retry_priorities.previous_priorities: after how many attempts priorities that were tried give
    /// way to others; 0: never.
    std::uint32_t previousPrioritiesUpdate = 0;
    std::vector<std::uint32_t> retriableStatusCodes;
    std::vector<HeaderMatcher> retriableHeaders;
    std::vector<HeaderMatcher> retriableRequestHeaders;
    Duration backOffBase = std::chrono::milliseconds(25);
    std::optional<Duration> backOffMax; ///< ten times the base
    struct RateLimitedReset
    {
        std::string header;
        bool unixTimestamp = false;
        bool operator==(const RateLimitedReset &) const = default;
    };
    std::vector<RateLimitedReset> rateLimitedResets;
    std::optional<Duration> rateLimitedMax;

    bool operator==(const RetryPolicy &) const = default;
};

/// envoy.config.route.v3.HedgePolicy
struct HedgePolicy
{
    bool hedgeOnPerTryTimeout = false; ///< an attempt that takes too long goes on beside the next one

    bool operator==(const HedgePolicy &) const = default;
};

/// envoy.config.route.v3.RouteAction.HashPolicy
struct HashPolicy
{
    enum class Kind { Header, Cookie, SourceIp, QueryParameter, FilterState };
    Kind kind = Kind::Header;
    std::string name;
    std::optional<Duration> cookieTtl; ///< set (even 0): a cookie is made when there is none
    std::string cookiePath;
    struct CookieAttribute
    {
        std::string name;
        std::string value; ///< may be empty: `; Secure`
        bool operator==(const CookieAttribute &) const = default;
    };
    std::vector<CookieAttribute> cookieAttributes;
    std::optional<RegexRewrite> headerRewrite;
    bool terminal = false;

    bool operator==(const HashPolicy &) const = default;
};

/// envoy.config.route.v3.RouteAction.RequestMirrorPolicy
struct MirrorPolicy
{
    std::string cluster;
    std::string clusterHeader;
    std::optional<RuntimeFractionalPercent> fraction;
    bool disableShadowHostSuffix = false;
    std::string hostRewriteLiteral; ///< in the place of the host with its suffix

    bool operator==(const MirrorPolicy &) const = default;
};

/// envoy.config.route.v3.InternalRedirectPolicy: which answers the router follows itself.
struct InternalRedirectPolicy
{
    struct Predicate
    {
        enum class Kind { PreviousRoutes, AllowListedRoutes, SafeCrossScheme };
        Kind kind = Kind::PreviousRoutes;
        std::vector<std::string> allowedRoutes;
        bool operator==(const Predicate &) const = default;
    };
    std::uint32_t maxInternalRedirects = 1;
    std::vector<std::uint32_t> responseCodes; ///< none: 302
    std::vector<Predicate> predicates;        ///< of the route that a redirect leads to; all of them
    bool allowCrossScheme = false;
    std::vector<std::string> responseHeadersToCopy;

    bool operator==(const InternalRedirectPolicy &) const = default;
};

/// envoy.config.route.v3.WeightedCluster.ClusterWeight
struct WeightedCluster
{
    std::string name;
    std::string clusterHeader;
    std::uint32_t weight = 0;
    HeaderMutations headers;
    std::optional<Metadata> metadataMatch;
    std::string hostRewriteLiteral;
    PerFilterConfig perFilter;

    bool operator==(const WeightedCluster &) const = default;
};

/// envoy.config.route.v3.RouteAction.UpgradeConfig
struct UpgradeConfig
{
    std::string type; ///< lower case
    bool enabled = true;
    bool connect = false; ///< CONNECT ends here and becomes a TCP stream
    bool allowPost = false;

    bool operator==(const UpgradeConfig &) const = default;
};

/// envoy.config.route.v3.RouteAction
struct RouteAction
{
    std::string cluster;
    std::string clusterHeader;
    std::vector<WeightedCluster> weightedClusters;
    std::uint32_t totalWeight = 0; ///< the older field; 0: the sum
    std::string weightHeader;      ///< a request header with the number that picks the cluster
    bool weightByHash = false;     ///< use_hash_policy: the request's hash picks it, if there is one
    std::uint32_t clusterNotFoundStatus = 503;
    std::optional<Metadata> metadataMatch;
    std::string prefixRewrite;
    std::optional<RegexRewrite> regexRewrite;
    std::optional<std::string> pathTemplateRewrite;
    std::string hostRewriteLiteral;
    std::string hostRewriteHeader;
    std::optional<RegexRewrite> hostRewritePathRegex;
    bool autoHostRewrite = false;
    bool appendXForwardedHost = false;
    std::optional<Duration> timeout; ///< 15 s when absent
    std::optional<Duration> idleTimeout;
    std::optional<Duration> flushTimeout;
    std::optional<Duration> maxGrpcTimeout;
    std::optional<Duration> grpcTimeoutOffset; ///< is taken off what the client asks for
    /// max_stream_duration: with either of the two, Envoy looks at them and no longer at `timeout`.
    std::optional<Duration> maxStreamDuration;
    std::optional<Duration> grpcTimeoutHeaderMax;
    std::optional<Duration> grpcTimeoutHeaderOffset;
    std::optional<RetryPolicy> retryPolicy;
    std::optional<HedgePolicy> hedgePolicy;
    std::vector<HashPolicy> hashPolicies;
    std::vector<RateLimit> rateLimits;
    bool includeVirtualHostRateLimits = false;
    std::vector<MirrorPolicy> mirrors;
    std::vector<UpgradeConfig> upgrades;
    std::optional<InternalRedirectPolicy> internalRedirects;
    std::optional<CorsPolicy> cors;
    bool highPriority = false;

    bool operator==(const RouteAction &) const = default;
};

/// envoy.config.route.v3.RedirectAction
struct RedirectAction
{
    bool httpsRedirect = false;
    std::string schemeRedirect;
    std::string hostRedirect;
    std::uint32_t portRedirect = 0;
    std::string pathRedirect;
    std::string prefixRewrite;
    std::optional<RegexRewrite> regexRewrite;
    std::uint32_t responseCode = 301;
    bool stripQuery = false;

    bool operator==(const RedirectAction &) const = default;
};

/// envoy.config.route.v3.DirectResponseAction
struct DirectResponseAction
{
    std::uint32_t status = 200;
    DataSource body;
    std::optional<FormatString> bodyFormat;

    bool operator==(const DirectResponseAction &) const = default;
};

using RouteActionVariant = std::variant<std::monostate, RouteAction, RedirectAction, DirectResponseAction>;

/// Of the requests that a client asks to trace, of all, and of both together the part that is traced; all of
/// them when absent (envoy.config.route.v3.Tracing).
struct TraceSampling
{
    std::optional<FractionalPercent> client;
    std::optional<FractionalPercent> random;
    std::optional<FractionalPercent> overall;

    bool operator==(const TraceSampling &) const = default;
};

/// envoy.config.route.v3.Route
struct Route
{
    std::string name;
    RouteMatch match;
    RouteActionVariant action;
    HeaderMutations headers;
    PerFilterConfig perFilter;
    Metadata metadata;
    std::string decoratorOperation;
    std::optional<bool> decoratorPropagate;
    std::optional<TraceSampling> tracing; ///< in the place of the connection manager's
    std::string statPrefix;
    std::optional<std::uint64_t> bodyBufferLimit; ///< for retries and shadows; goes before the virtual host's

    bool operator==(const Route &) const = default;
};

/// Requests that are counted together (envoy.config.route.v3.VirtualCluster).
struct VirtualCluster
{
    std::string name;
    std::vector<HeaderMatcher> headers;

    bool operator==(const VirtualCluster &) const = default;
};

/// envoy.config.route.v3.VirtualHost
struct VirtualHost
{
    enum class TlsRequirement { None, ExternalOnly, All };
    std::string name;
    std::vector<std::string> domains;
    std::vector<Route> routes;
    TlsRequirement requireTls = TlsRequirement::None;
    HeaderMutations headers;
    PerFilterConfig perFilter;
    bool includeRequestAttemptCount = false;
    bool includeAttemptCountInResponse = false;
    bool includeIsTimeoutRetryHeader = false;
    std::optional<RetryPolicy> retryPolicy;
    std::optional<HedgePolicy> hedgePolicy;
    std::optional<CorsPolicy> cors;
    std::optional<std::uint64_t> bodyBufferLimit;
    std::vector<VirtualCluster> virtualClusters;
    std::vector<MirrorPolicy> mirrors; ///< of routes without mirrors of their own
    std::vector<RateLimit> rateLimits;
    Metadata metadata;

    bool operator==(const VirtualHost &) const = default;
};

/// envoy.config.route.v3.RouteConfiguration
struct RouteConfiguration
{
    std::string name;
    std::vector<VirtualHost> virtualHosts;
    HeaderMutations headers;
    PerFilterConfig perFilter;
    bool mostSpecificHeaderMutationsWins = false;
    std::optional<bool> validateClusters;
    std::uint32_t maxDirectResponseBodyBytes = 4096;
    bool ignorePortInHostMatching = false;
    bool ignorePathParametersInPathMatching = false;
    std::vector<std::string> internalOnlyHeaders;
    std::vector<MirrorPolicy> mirrors; ///< of virtual hosts and routes without any

    bool operator==(const RouteConfiguration &) const = default;
};

/// Where copies of a request go, as the most specific level says that names any.
inline const std::vector<MirrorPolicy> &mirrorsOf(const RouteAction &action, const VirtualHost &host,
                                                  const RouteConfiguration &configuration)
{
    if (!action.mirrors.empty())
        return action.mirrors;
    return host.mirrors.empty() ? configuration.mirrors : host.mirrors;
}

} // namespace sallyport::dataplane
