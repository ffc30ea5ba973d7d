// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

namespace {

template<typename A>
void describePatterns(A &a, const char *name, std::vector<StringMatcher> &patterns)
{
    a.group(name, [&](A &inner) { inner.field("patterns", patterns); });
}

template<typename A>
void describeHeaderValues(A &a, const char *name, std::vector<HeaderValueOption> &options)
{
    if constexpr (std::is_same_v<A, JsonReader>) {
        for (const QJsonValue &value : a.take(name).toArray()) {
            HeaderValueOption &option = options.emplace_back();
            option.key = fromQt(value.toObject().value(QLatin1String("key")).toString());
            option.value = fromQt(value.toObject().value(QLatin1String("value")).toString());
            option.action = HeaderAppendAction::OverwriteIfExistsOrAdd;
        }
    } else {
        QJsonArray array;
        for (const HeaderValueOption &option : options)
            array.append(QJsonObject{{QStringLiteral("key"), toQt(option.key)},
                                     {QStringLiteral("value"), toQt(option.value)}});
        if (!array.isEmpty())
            a.set(name, array);
    }
}

} // namespace

template<typename A>
void describe(A &a, ExtAuthz &m)
{
    a.message("envoy.extensions.filters.http.ext_authz.v3.ExtAuthz");
    if constexpr (!A::reading) {
        if (!m.grpcCluster.empty()) {
            a.group("grpc_service", [&](A &service) {
                service.group("envoy_grpc", [&](A &envoy) {
                    envoy.field("cluster_name", m.grpcCluster);
                    envoy.field("authority", m.grpcAuthority);
                });
                service.field("timeout", m.timeout);
            });
        }
    }
    const auto describeHttpService = [&](A &service) {
        service.message("envoy.extensions.filters.http.ext_authz.v3.HttpService");
        service.group("server_uri", [&](A &uri) {
            uri.field("uri", m.uri);
            uri.field("cluster", m.cluster);
            uri.field("timeout", m.timeout);
        });
        service.field("path_prefix", m.pathPrefix);
        service.check(m.pathPrefix.empty() || m.pathPrefix.starts_with('/'), "path_prefix",
                      "path_prefix should start with \"/\".");
        service.group("authorization_request", [&](A &request) {
            describePatterns(request, "allowed_headers", m.allowedRequestHeaders);
            describeHeaderValues(request, "headers_to_add", m.requestHeadersToAdd);
        });
        service.group("authorization_response", [&](A &response) {
            describePatterns(response, "allowed_upstream_headers", m.allowedUpstreamHeaders);
            describePatterns(response, "allowed_upstream_headers_to_append",
                             m.allowedUpstreamHeadersToAppend);
            describePatterns(response, "allowed_client_headers", m.allowedClientHeaders);
            describePatterns(response, "allowed_client_headers_on_success", m.allowedClientHeadersOnSuccess);
            response.refused({"dynamic_metadata_from_headers"});
        });
        service.refused({"path_override", "retry_policy"});
    };
    if (A::reading || m.grpcCluster.empty())
        a.group("http_service", describeHttpService);
    // The newer place of the same list; it is written in the older one.
    if constexpr (A::reading) {
        a.check(m.allowedRequestHeaders.empty() || !a.has("allowed_headers"), "allowed_headers",
                "Invalid duplicate configuration for allowed_headers.");
        describePatterns(a, "allowed_headers", m.allowedRequestHeaders);
    }
    a.field("failure_mode_allow", m.failureModeAllow);
    a.field("failure_mode_allow_header_add", m.failureModeAllowHeaderAdd);
    a.group("with_request_body", [&](A &body) {
        body.field("max_request_bytes", m.maxRequestBytes);
        body.field("allow_partial_message", m.allowPartialMessage);
        body.field("pack_as_bytes", m.packAsBytes);
    });
    if (A::reading || m.statusOnError) {
        a.group("status_on_error", [&](A &inner) { describeStatus(inner, m.statusOnError); });
    }
    a.field("stat_prefix", m.statPrefix);
    a.field("clear_route_cache", m.clearRouteCache);
    a.field("include_peer_certificate", m.includePeerCertificate);
    a.field("filter_enabled_metadata", m.enabledMetadata);
    a.field("filter_enabled", m.filterEnabled);
    a.field("transport_api_version", m.transportApiVersion);
    a.field("charge_cluster_response_stats", m.chargeClusterResponseStats);
    a.ignored({"metadata_context_namespaces", "bootstrap_metadata_labels_key"});
    a.refused({"grpc_service", "deny_at_disable", "disallowed_headers", "validate_mutations",
               "decoder_header_mutation_rules"});
    if constexpr (A::reading)
        a.check(!m.cluster.empty(), "http_service", "only an HTTP service is supported here");
}
SALLYPORT_DESCRIBED(ExtAuthz)

} // namespace sallyport::dataplane
