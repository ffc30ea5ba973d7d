// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

#include <algorithm>

namespace sallyport::dataplane {

namespace {

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

} // namespace

template<typename A>
void describe(A &a, RedirectAction &m)
{
    a.message("envoy.config.route.v3.RedirectAction");
    a.field("https_redirect", m.httpsRedirect);
    a.field("scheme_redirect", m.schemeRedirect);
    a.field("host_redirect", m.hostRedirect);
    a.field("port_redirect", m.portRedirect);
    a.field("path_redirect", m.pathRedirect);
    a.field("prefix_rewrite", m.prefixRewrite);
    a.field("regex_rewrite", m.regexRewrite);
    static constexpr std::uint32_t codes[] = {301, 302, 303, 307, 308};
    int code =
        static_cast<int>(std::find(std::begin(codes), std::end(codes), m.responseCode) - std::begin(codes));
    a.word("response_code", code,
           {"MOVED_PERMANENTLY", "FOUND", "SEE_OTHER", "TEMPORARY_REDIRECT", "PERMANENT_REDIRECT"});
    if constexpr (A::reading)
        m.responseCode = codes[code];
    a.field("strip_query", m.stripQuery);
}
SALLYPORT_DESCRIBED(RedirectAction)

template<typename A>
void describe(A &a, DirectResponseAction &m)
{
    a.message("envoy.config.route.v3.DirectResponseAction");
    a.always("status", m.status);
    if (A::reading || m.body.isSet())
        a.field("body", m.body);
    a.field("body_format", m.bodyFormat);
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
        const auto action = [&]<typename T>(const char *name, T *) {
            if (a.has(name))
                a.field(name, m.action.template emplace<T>());
            else
                a.ignored({name});
        };
        action("route", static_cast<RouteAction *>(nullptr));
        action("redirect", static_cast<RedirectAction *>(nullptr));
        action("direct_response", static_cast<DirectResponseAction *>(nullptr));
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
    a.check(!m.headers.empty(), "headers", "virtual clusters must define 'headers'");
}
SALLYPORT_DESCRIBED(VirtualCluster)

template<typename A>
void describe(A &a, VirtualHost &m)
{
    a.message("envoy.config.route.v3.VirtualHost");
    a.field("name", m.name);
    a.field("domains", m.domains);
    a.field("routes", m.routes);
    a.word("require_tls", m.requireTls, {"NONE", "EXTERNAL_ONLY", "ALL"});
    describeHeaderMutations(a, m.headers);
    describePerFilter(a, m.perFilter);
    a.field("include_request_attempt_count", m.includeRequestAttemptCount);
    a.field("include_attempt_count_in_response", m.includeAttemptCountInResponse);
    a.field("include_is_timeout_retry_header", m.includeIsTimeoutRetryHeader);
    a.field("retry_policy", m.retryPolicy);
    a.field("hedge_policy", m.hedgePolicy);
    a.field("cors", m.cors);
    describeBufferLimit(a, m.bodyBufferLimit);
    if (A::reading || !m.metadata.filters.isEmpty())
        a.field("metadata", m.metadata);
    a.field("virtual_clusters", m.virtualClusters);
    a.field("request_mirror_policies", m.mirrors);
    a.field("rate_limits", m.rateLimits);
    a.refused({"matcher", "retry_policy_typed_config"});
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
    a.field("max_direct_response_body_size_bytes", m.maxDirectResponseBodyBytes, 4096U);
    a.field("ignore_port_in_host_matching", m.ignorePortInHostMatching);
    a.field("ignore_path_parameters_in_path_matching", m.ignorePathParametersInPathMatching);
    a.field("internal_only_headers", m.internalOnlyHeaders);
    a.ignored({"metadata"});
    describePerFilter(a, m.perFilter);
    a.field("request_mirror_policies", m.mirrors);
    a.refused({"vhds", "cluster_specifier_plugins"});
}
SALLYPORT_DESCRIBED(RouteConfiguration)

} // namespace sallyport::dataplane
