// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/resource.h"

namespace sallyport::model {

/// networking.istio.io StringMatch: one way to compare a text
struct StringMatch
{
    enum class Kind { Unset, Exact, Prefix, Regex };
    Kind kind = Kind::Unset; ///< Unset on a header or query parameter: presence
    std::string value;
    bool operator==(const StringMatch &) const = default;
};

/// HTTPMatchRequest: all of its conditions must hold; one that is empty always does
struct HttpMatch
{
    std::string name;
    std::optional<StringMatch> uri;
    std::optional<StringMatch> scheme;
    std::optional<StringMatch> method;
    std::optional<StringMatch> authority;
    std::map<std::string, StringMatch> headers;
    std::map<std::string, StringMatch> withoutHeaders;
    std::map<std::string, StringMatch> queryParams;
    std::uint32_t port = 0;
    Labels sourceLabels;
    std::string sourceNamespace;
    std::vector<std::string> gateways;
    bool ignoreUriCase = false;
    std::string statPrefix;
    bool operator==(const HttpMatch &) const = default;
};

/// Destination: a host of the registry, a subset of its DestinationRule, one of its ports
struct Destination
{
    std::string host;
    std::string subset;
    std::uint32_t port = 0; ///< 0: not given
    bool operator==(const Destination &) const = default;
};

/// Headers.HeaderOperations: what is done to the headers of one message
struct HeaderOperations
{
    std::map<std::string, std::string> set;
    std::map<std::string, std::string> add;
    std::vector<std::string> remove;
    bool operator==(const HeaderOperations &) const = default;
};

/// Headers: of the request on its way out, and of the answer on its way back
struct Headers
{
    HeaderOperations request;
    HeaderOperations response;
    bool operator==(const Headers &) const = default;
};

/// HTTPRouteDestination, RouteDestination: one of those among whom traffic is divided by weight
struct RouteDestination
{
    Destination destination;
    std::int32_t weight = 0;
    Headers headers;
    bool operator==(const RouteDestination &) const = default;
};

/// HTTPRedirect: the answer sends the client elsewhere; what is empty stays as it was asked for
struct HttpRedirect
{
    std::string uri;
    std::string prefixRewrite;
    std::string authority;
    std::string scheme;
    std::uint32_t port = 0;
    enum class DerivePort { ProtocolDefault, RequestPort };
    std::optional<DerivePort> derivePort;
    std::uint32_t redirectCode = 0;
    bool operator==(const HttpRedirect &) const = default;
};

/// HTTPDirectResponse: the proxy answers by itself
struct HttpDirectResponse
{
    std::uint32_t status = 0;
    std::optional<std::string> body; ///< string, or decoded bytes
    bool operator==(const HttpDirectResponse &) const = default;
};

/// HTTPRewrite: what the host gets to see instead of what the client asked for
struct HttpRewrite
{
    std::string uri;
    std::string authority;
    std::string regexMatch;
    std::string regexRewrite;
    bool operator==(const HttpRewrite &) const = default;
};

/// HTTPRetry: how often and when a failed attempt is made again
struct HttpRetry
{
    std::int32_t attempts = 0;
    std::optional<Duration> perTryTimeout;
    std::string retryOn;
    std::optional<bool> retryRemoteLocalities;
    std::optional<bool> retryIgnorePreviousHosts;
    std::optional<Duration> backoff;
    bool operator==(const HttpRetry &) const = default;
};

/// HTTPFaultInjection.Delay: this share of the requests waits
struct HttpDelay
{
    std::optional<Duration> fixedDelay;
    std::optional<double> percentage;
    std::int32_t percent = 0; ///< deprecated
    bool operator==(const HttpDelay &) const = default;
};

/// HTTPFaultInjection.Abort: this share of the requests is answered with an error
struct HttpAbort
{
    std::int32_t httpStatus = 0;
    std::string grpcStatus;
    std::optional<double> percentage;
    bool operator==(const HttpAbort &) const = default;
};

/// HTTPFaultInjection: faults to be seen how clients take them
struct HttpFault
{
    using Delay = HttpDelay;
    using Abort = HttpAbort;
    std::optional<Delay> delay;
    std::optional<Abort> abort;
    bool operator==(const HttpFault &) const = default;
};

/// HTTPMirrorPolicy: this share of the requests is sent there as well, its answers are dropped
struct HttpMirror
{
    Destination destination;
    std::optional<double> percentage;
    bool operator==(const HttpMirror &) const = default;
};

/// CorsPolicy: which pages of other origins may ask
struct HttpCors
{
    std::vector<StringMatch> allowOrigins;
    std::vector<std::string> allowMethods;
    std::vector<std::string> allowHeaders;
    std::vector<std::string> exposeHeaders;
    std::optional<Duration> maxAge;
    std::optional<bool> allowCredentials;
    bool ignoreUnmatchedPreflights = false;
    bool operator==(const HttpCors &) const = default;
};

/// Delegate: the VirtualService that has the rest of the route
struct Delegate
{
    std::string name;
    std::string delegateNamespace;
    bool operator==(const Delegate &) const = default;
};

/// HTTPRoute: the first one with a match that holds decides
struct HttpRoute
{
    std::string name;
    std::vector<HttpMatch> match;
    std::vector<RouteDestination> route;
    std::optional<HttpRedirect> redirect;
    std::optional<HttpDirectResponse> directResponse;
    std::optional<Delegate> delegate;
    std::optional<HttpRewrite> rewrite;
    std::optional<Duration> timeout;
    std::optional<HttpRetry> retries;
    std::optional<HttpFault> fault;
    std::vector<HttpMirror> mirrors;        ///< `mirror` with its percentage is the first
    bool hasMirror = false;                 ///< whether the first is `mirror`, not one of `mirrors`
    std::optional<double> mirrorPercentage; ///< as written, also without `mirror`: delegates inherit it
    std::optional<HttpCors> cors;
    Headers headers;
    std::string fieldPath; ///< `spec.http[0]`, for places; of the delegate if it came from one
};

/// L4MatchAttributes, TLSMatchAttributes: what is known of a connection before any request
struct L4Match
{
    std::vector<std::string> sniHosts; ///< tls only
    std::vector<std::string> destinationSubnets;
    std::uint32_t port = 0;
    Labels sourceLabels;
    std::string sourceNamespace;
    std::string sourceSubnet; ///< tcp only, deprecated
    std::vector<std::string> gateways;
};

/// A `tls` or a `tcp` rule
struct L4Route
{
    std::vector<L4Match> match;
    std::vector<RouteDestination> route;
    std::string fieldPath;
};

/// networking.istio.io VirtualService
struct VirtualService : Resource
{
    std::vector<std::string> hosts;    ///< empty: a delegate
    std::vector<std::string> gateways; ///< as written; empty means `mesh`
    std::vector<HttpRoute> http;
    std::vector<L4Route> tls;
    std::vector<L4Route> tcp;
    std::vector<std::string> exportTo;
};

} // namespace sallyport::model
