// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/access_log.h"
#include "core/dataplane/dns_resolver.h"
#include "core/dataplane/rate_limit.h"
#include "core/dataplane/rbac.h"

#include <map>
#include <variant>

/// The HTTP filters that run here; route configurations carry some of them per route.
namespace sallyport::dataplane {

/// envoy.extensions.filters.http.fault.v3.HTTPFault
struct Fault
{
    struct Delay
    {
        std::optional<Duration> fixed; ///< none: by the x-envoy-fault-delay-request header
        FractionalPercent percentage;
        bool operator==(const Delay &) const = default;
    };
    struct Abort
    {
        std::optional<std::uint32_t>
            httpStatus; ///< neither status: by the x-envoy-fault-abort-request header
        std::optional<std::uint32_t> grpcStatus;
        FractionalPercent percentage;
        bool operator==(const Abort &) const = default;
    };
    std::optional<Delay> delay;
    std::optional<Abort> abort;
    std::string upstreamCluster;
    std::vector<HeaderMatcher> headers;
    std::optional<std::uint32_t> maxActiveFaults;
    bool disableDownstreamClusterStats = false;
    QJsonObject filterMetadata; ///< becomes dynamic metadata of a request with a fault

    bool operator==(const Fault &) const = default;
};

/// envoy.extensions.filters.http.cors.v3.CorsPolicy
struct CorsPolicy
{
    std::vector<StringMatcher> allowOrigins;
    std::string allowMethods;
    std::string allowHeaders;
    std::string exposeHeaders;
    std::string maxAge;
    std::optional<bool> allowCredentials;
    std::optional<RuntimeFractionalPercent> filterEnabled;
    std::optional<RuntimeFractionalPercent> shadowEnabled;
    std::optional<bool> allowPrivateNetworkAccess;
    std::optional<bool> forwardNotMatchingPreflights;

    bool operator==(const CorsPolicy &) const = default;
};

/// envoy.extensions.filters.http.jwt_authn.v3.JwtProvider
struct JwtProvider
{
    struct Header
    {
        std::string name;
        std::string valuePrefix;
        bool operator==(const Header &) const = default;
    };
    struct ClaimToHeader
    {
        std::string headerName;
        std::string claimName;
        bool operator==(const ClaimToHeader &) const = default;
    };
    std::string issuer;
    std::vector<std::string> audiences;
    DataSource localJwks;
    bool forward = false;
    std::vector<Header> fromHeaders;
    std::vector<std::string> fromParams;
    std::vector<std::string> fromCookies;
    std::string forwardPayloadHeader;
    bool padForwardPayloadHeader = false;
    std::string payloadInMetadata;
    std::string headerInMetadata;
    std::string failedStatusInMetadata;
    std::uint32_t clockSkewSeconds = 60;
    std::vector<ClaimToHeader> claimToHeaders;
    std::vector<std::string> normalizeSpaceDelimitedClaims;
    bool clearRouteCache = false; ///< claims and headers of a good token may lead to another route

    bool operator==(const JwtProvider &) const = default;
};

/// envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement
struct JwtRequirement
{
    enum class Kind { None, Provider, ProviderAndAudiences, Any, All, AllowMissingOrFailed, AllowMissing };
    Kind kind = Kind::None;
    std::string provider;
    std::vector<std::string> audiences;
    std::vector<JwtRequirement> requirements;

    bool operator==(const JwtRequirement &) const = default;
};

struct RouteMatch;
struct JwtRule;

/// envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication
struct JwtAuthentication
{
    std::map<std::string, JwtProvider> providers;
    std::vector<JwtRule> rules;
    bool bypassCorsPreflight = false;
    std::map<std::string, JwtRequirement> requirementMap;
    std::string statPrefix;

    bool operator==(const JwtAuthentication &) const;
};

/// envoy.extensions.filters.http.ext_authz.v3.ExtAuthz with an HTTP service
struct ExtAuthz
{
    std::string uri;
    std::string cluster;
    Duration timeout{};
    /// Set: grpc_service instead of http_service, which is written for Envoy and refused by this gateway.
    std::string grpcCluster;
    std::string grpcAuthority;
    std::string pathPrefix;
    std::vector<StringMatcher> allowedRequestHeaders;
    std::vector<HeaderValueOption> requestHeadersToAdd;
    std::vector<StringMatcher> allowedUpstreamHeaders;
    std::vector<StringMatcher> allowedUpstreamHeadersToAppend;
    std::vector<StringMatcher> allowedClientHeaders;
    std::vector<StringMatcher> allowedClientHeadersOnSuccess;
    bool failureModeAllow = false;
    bool failureModeAllowHeaderAdd = false;
    std::uint32_t maxRequestBytes = 0; ///< with_request_body; 0: the body is not sent
    bool allowPartialMessage = false;
    bool packAsBytes = false;
    std::optional<std::uint32_t> statusOnError;
    std::string statPrefix;
    bool clearRouteCache = false;
    bool includePeerCertificate = false;
    std::optional<MetadataMatcher> enabledMetadata; ///< Istio: only requests that the shadow RBAC marked
    std::optional<RuntimeFractionalPercent> filterEnabled;
    std::string transportApiVersion;
    std::optional<bool> chargeClusterResponseStats; ///< none: yes

    bool operator==(const ExtAuthz &) const = default;
};

/// envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit
struct LocalRateLimit
{
    std::string statPrefix;
    std::uint32_t status = 429;
    std::optional<TokenBucket> tokenBucket; ///< of what no descriptor is about, or of everything
    RuntimeFractionalPercent filterEnabled;
    RuntimeFractionalPercent filterEnforced;
    std::vector<HeaderValueOption> requestHeadersToAddWhenNotEnforced;
    std::vector<HeaderValueOption> responseHeadersToAdd;
    bool xRateLimitHeaders = false; ///< enable_x_ratelimit_headers: DRAFT_VERSION_03
    bool retryAfter = false;        ///< enable_retry_after_header
    bool resourceExhausted = false; ///< rate_limited_as_resource_exhausted: the gRPC status
    std::uint32_t stage = 0;        ///< of the route's rate_limits that count here
    enum class VirtualHostLimits { Override, Include, Ignore };
    VirtualHostLimits virtualHostLimits = VirtualHostLimits::Override;
    std::vector<RateLimit> rateLimits; ///< in the place of the route's
    std::vector<LocalRateLimitDescriptor> descriptors;
    bool alwaysConsumeDefault = true;
    /// local_rate_limit_per_downstream_connection: each connection has buckets of its own, those that the
    /// first filter on it asked.
    bool perConnection = false;
    std::uint32_t maxDynamicDescriptors = 20; ///< of those with any value; the one not used for longest goes

    bool operator==(const LocalRateLimit &) const = default;
};

/// envoy.extensions.filters.http.health_check.v3.HealthCheck: answers, or lets pass, what other proxies ask
/// about this one's health.
struct HealthCheckFilter
{
    bool passThrough = false;
    Duration cacheTime{}; ///< 0: answers of the upstream are not kept
    std::map<std::string, double> clusterMinHealthyPercentages;
    std::vector<HeaderMatcher> headers; ///< of such a request; all of them

    bool operator==(const HealthCheckFilter &) const = default;
};

/// envoy.extensions.filters.http.buffer.v3.Buffer: requests are held until they are complete.
struct BufferFilter
{
    std::uint32_t maxRequestBytes = 0;

    bool operator==(const BufferFilter &) const = default;
};

/// istio.envoy.config.filter.http.alpn: which ALPN list an upstream connection offers, by the protocol spoken
/// on it
struct IstioAlpn
{
    std::map<std::string, std::vector<std::string>> overrides; ///< HTTP10, HTTP11, HTTP2

    bool operator==(const IstioAlpn &) const = default;
};

enum class DnsFamily { Auto, V4Only, V6Only, V4Preferred, All };

/// envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig: filter and cluster of one name share it.
struct DnsCache
{
    std::string name;
    DnsFamily family = DnsFamily::Auto;
    std::optional<std::uint32_t> maxHosts;           ///< 1024
    Duration refreshRate = std::chrono::seconds(60); ///< of names without records, and after failures
    Duration minRefreshRate = std::chrono::seconds(5);
    Duration hostTtl = std::chrono::minutes(5); ///< a host that nobody asked for so long is forgotten
    std::optional<Duration> failureRefreshRate;
    std::optional<Duration> failureMaxInterval;      ///< none: ten times the failure refresh rate
    Duration queryTimeout = std::chrono::seconds(5); ///< 0: none
    std::uint32_t maxPendingRequests = 1024;
    bool disableRefreshOnFailure = false;
    std::optional<DnsResolver> resolver; ///< none: the bootstrap's

    bool operator==(const DnsCache &) const = default;
};

/// envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig: finds the address of the request's
/// own host, where the route's cluster asks for that.
struct DynamicForwardProxy
{
    DnsCache cache;
    bool allowDynamicHost = false; ///< set_filter_state may say the host whose name is looked up

    bool operator==(const DynamicForwardProxy &) const = default;
};

/// envoy.extensions.filters.http.router.v3.Router
struct Router
{
    bool suppressEnvoyHeaders = false;
    bool respectExpectedTimeout = false; ///< what the proxy before has set is the request's timeout
    std::optional<bool> dynamicStats;
    std::vector<std::string> strictCheckHeaders;
    std::vector<AccessLog> upstreamLogs; ///< one record an attempt
    // upstream_log_options: further records.
    bool logPoolReady = false; ///< flush_upstream_log_on_upstream_stream
    std::optional<Duration> upstreamLogInterval;

    bool operator==(const Router &) const = default;
};

/// envoy.extensions.filters.http.header_mutation.v3: each list in its order
struct HeaderMutationFilter
{
    std::vector<HeaderMutation> request;
    std::vector<HeaderMutation> response;
    bool mostSpecificWins = false; ///< else the virtual host's come after the route's

    bool operator==(const HeaderMutationFilter &) const = default;
};

/// envoy.config.route.v3.FilterConfig with `disabled`: the filter does not run here.
struct FilterOff
{
    bool operator==(const FilterOff &) const = default;
};

/// envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute
struct ExtAuthzPerRoute
{
    bool disabled = false;

    bool operator==(const ExtAuthzPerRoute &) const = default;
};

/// envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig: no requirement, or the one of this name
struct JwtPerRoute
{
    std::optional<std::string> requirementName;

    bool operator==(const JwtPerRoute &) const = default;
};

/// envoy.extensions.filters.http.buffer.v3.BufferPerRoute: off, or with another limit
struct BufferPerRoute
{
    std::optional<BufferFilter> buffer;

    bool operator==(const BufferPerRoute &) const = default;
};

/// What a route may say of a filter. An Rbac with neither rules nor shadow rules lets everything pass.
using FilterOverride = std::variant<FilterOff, Fault, CorsPolicy, Rbac, LocalRateLimit, HeaderMutationFilter,
                                    ExtAuthzPerRoute, JwtPerRoute, BufferPerRoute>;

/// typed_per_filter_config: by the name that the filter has in its chain.
using PerFilterConfig = std::map<std::string, FilterOverride, std::less<>>;

} // namespace sallyport::dataplane
