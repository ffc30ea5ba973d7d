// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"
#include "core/result/ascii_case.h"

#include <algorithm>

namespace sallyport::dataplane {

namespace {

constexpr const char *earlyMutationType =
    "envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation";
constexpr const char *requestIdType = "envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig";
constexpr const char *properCaseWords = "proper_case_words";
constexpr const char *preserveCase =
    "envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig";

template<typename A>
void describeHeaderCase(A &a, Http1ProtocolOptions::HeaderCase &headerCase)
{
    using Case = Http1ProtocolOptions::HeaderCase;
    if constexpr (A::reading) {
        a.group("header_key_format", [&](A &inner) {
            if (inner.has(properCaseWords))
                headerCase = Case::ProperWords;
            else if (inner.has("stateful_formatter"))
                headerCase = Case::Preserve;
            inner.ignored({properCaseWords});
            inner.group("stateful_formatter", [](A &formatter) {
                formatter.ignored({"name"});
                formatter.any("typed_config", [](A &config, const std::string &type) {
                    config.check(config.state().asked != nullptr || type == preserveCase, "@type",
                                 "this formatter is not supported by this gateway");
                    config.refused({"forward_reason_phrase", "formatter_type_on_envoy_headers"});
                });
            });
        });
    } else if (headerCase == Case::ProperWords) {
        a.group("header_key_format", [](A &inner) {
            inner.group(
                properCaseWords, [](A &) {}, true);
        });
    } else if (headerCase == Case::Preserve) {
        const QJsonObject config{
            {QStringLiteral("@type"), QLatin1String(typePrefix) + QLatin1String(preserveCase)}};
        a.set("header_key_format",
              QJsonObject{{QStringLiteral("stateful_formatter"),
                           QJsonObject{{QStringLiteral("name"), QStringLiteral("preserve_case")},
                                       {QStringLiteral("typed_config"), config}}}});
    }
}

/// A list of extensions, of which one kind is known here.
template<typename A>
void describeEarlyMutations(A &a, std::vector<HeaderMutation> &mutations)
{
    constexpr const char *field = "early_header_mutation_extensions";
    if constexpr (A::reading) {
        a.extensions(field, [&](JsonReader &config, const std::string &type) {
            config.check(type == earlyMutationType, "@type", "only header mutations are supported here");
            std::vector<HeaderMutation> more;
            config.field("mutations", more);
            mutations.insert(mutations.end(), more.begin(), more.end());
        });
    } else if (!mutations.empty()) {
        const QJsonObject config{
            {QStringLiteral("@type"), QLatin1String(typePrefix) + QLatin1String(earlyMutationType)},
            {QStringLiteral("mutations"), JsonWriter::write(mutations)}};
        a.set(field, QJsonArray{QJsonObject{{QStringLiteral("name"), QStringLiteral("header_mutation")},
                                            {QStringLiteral("typed_config"), config}}});
    }
}

/// Two older fields say the same as two of the message.
template<typename A>
void describeLogOptions(A &a, HttpConnectionManager &m)
{
    constexpr const char *field = "access_log_options";
    if constexpr (A::reading) {
        constexpr const char *twice = "Only one of it and access_log_options can be specified.";
        a.field("flush_access_log_on_new_request", m.logNewRequests);
        a.field("access_log_flush_interval", m.logInterval);
        const bool both = a.state().asked == nullptr && a.has(field);
        a.check(!both || !m.logNewRequests, "flush_access_log_on_new_request", twice);
        a.check(!both || !m.logInterval, "access_log_flush_interval", twice);
    }
    a.group(field, [&m](A &inner) {
        inner.field("access_log_flush_interval", m.logInterval);
        inner.field("flush_access_log_on_new_request", m.logNewRequests);
        inner.field("flush_log_on_tunnel_successfully_established", m.logTunnels);
    });
}

} // namespace

template<typename A>
void describe(A &a, CommonHttpProtocolOptions &m)
{
    a.message("envoy.config.core.v3.HttpProtocolOptions");
    a.field("idle_timeout", m.idleTimeout);
    a.field("max_connection_duration", m.maxConnectionDuration);
    a.field("max_headers_count", m.maxHeadersCount);
    a.field("max_response_headers_kb", m.maxResponseHeadersKb);
    a.field("max_stream_duration", m.maxStreamDuration);
    a.word("headers_with_underscores_action", m.headersWithUnderscores,
           {"ALLOW", "REJECT_REQUEST", "DROP_HEADER"});
    a.field("max_requests_per_connection", m.maxRequestsPerConnection);
}
SALLYPORT_DESCRIBED(CommonHttpProtocolOptions)

template<typename A>
void describe(A &a, Http1ProtocolOptions &m)
{
    a.message("envoy.config.core.v3.Http1ProtocolOptions");
    a.field("allow_absolute_url", m.allowAbsoluteUrl);
    a.field("accept_http_10", m.acceptHttp10);
    a.field("default_host_for_http_10", m.defaultHostForHttp10);
    describeHeaderCase(a, m.headerCase);
    a.field("enable_trailers", m.enableTrailers);
    a.field("allow_chunked_length", m.allowChunkedLength);
    a.field("override_stream_error_on_invalid_http_message", m.overrideStreamErrorOnInvalidHttpMessage);
    a.field("send_fully_qualified_url", m.sendFullyQualifiedUrl);
    a.field("use_balsa_parser", m.useBalsaParser);
    a.field("allow_custom_methods", m.allowCustomMethods);
    a.field("ignore_http_11_upgrade", m.ignoredUpgrades);
}
SALLYPORT_DESCRIBED(Http1ProtocolOptions)

template<typename A>
void describe(A &a, Http2ProtocolOptions &m)
{
    a.message("envoy.config.core.v3.Http2ProtocolOptions");
    a.field("hpack_table_size", m.hpackTableSize);
    a.field("max_concurrent_streams", m.maxConcurrentStreams);
    a.field("initial_stream_window_size", m.initialStreamWindowSize);
    a.field("initial_connection_window_size", m.initialConnectionWindowSize);
    a.field("allow_connect", m.allowConnect);
    a.field("max_outbound_frames", m.maxOutboundFrames);
    a.field("max_outbound_control_frames", m.maxOutboundControlFrames);
    a.field("max_consecutive_inbound_frames_with_empty_payload",
            m.maxConsecutiveInboundFramesWithEmptyPayload);
    a.field("max_inbound_priority_frames_per_stream", m.maxInboundPriorityFramesPerStream);
    a.field("max_inbound_window_update_frames_per_data_frame_sent",
            m.maxInboundWindowUpdateFramesPerDataFrameSent);
    a.field("override_stream_error_on_invalid_http_message", m.overrideStreamErrorOnInvalidHttpMessage);
    a.group("connection_keepalive", [&](A &inner) {
        inner.field("interval", m.keepaliveInterval);
        inner.field("timeout", m.keepaliveTimeout);
        inner.field("connection_idle_interval", m.keepaliveIdleInterval);
        inner.group("interval_jitter", [&](A &jitter) { jitter.field("value", m.keepaliveJitterPercent); });
    });
    a.refused({"allow_metadata"});
    if constexpr (A::reading) {
        // The older name, which the newer one goes before.
        std::optional<bool> streamErrors;
        a.field("stream_error_on_invalid_http_messaging", streamErrors);
        if (streamErrors.value_or(false) && !m.overrideStreamErrorOnInvalidHttpMessage)
            m.overrideStreamErrorOnInvalidHttpMessage = true;
    }
    a.ignored({"use_oghttp2_codec", "max_metadata_size", "enable_huffman_encoding"});
    a.refused({"custom_settings_parameters"});
}
SALLYPORT_DESCRIBED(Http2ProtocolOptions)

template<typename A>
void describe(A &a, LocalReplyConfig::Mapper &m)
{
    a.message("envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper");
    a.group(
        "filter", [&](A &inner) { describe(inner, m.filter); }, true);
    a.field("status_code", m.statusCode);
    a.field("body", m.body);
    a.field("body_format_override", m.bodyFormat);
    a.field("headers_to_add", m.headersToAdd);
    checkAddedHeaders(a, "headers_to_add", m.headersToAdd);
}
SALLYPORT_DESCRIBED(LocalReplyConfig::Mapper)

template<typename A>
void describe(A &a, LocalReplyConfig &m)
{
    a.message("envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig");
    a.field("mappers", m.mappers);
    a.field("body_format", m.bodyFormat);
}
SALLYPORT_DESCRIBED(LocalReplyConfig)

template<typename A>
void describe(A &a, HttpConnectionManager::Upgrade &m)
{
    a.message(
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.UpgradeConfig");
    a.field("upgrade_type", m.type);
    if constexpr (A::reading)
        m.type = asciiLowered(m.type);
    a.field("enabled", m.enabled, true);
    a.refused({"filters"});
}
SALLYPORT_DESCRIBED(HttpConnectionManager::Upgrade)

template<typename A>
void describe(A &a, InternalAddresses &m)
{
    a.message("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager."
              "InternalAddressConfig");
    a.field("cidr_ranges", m.ranges);
    a.field("unix_sockets", m.unixSockets);
}
SALLYPORT_DESCRIBED(InternalAddresses)

template<typename A>
void describe(A &a, HttpConnectionManager &m)
{
    a.message("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager");
    a.word("codec_type", m.codec, {"AUTO", "HTTP1", "HTTP2"});
    a.field("stat_prefix", m.statPrefix);
    a.group(
        "route_config", [&](A &inner) { describe(inner, m.routes); }, true);
    a.field("http_filters", m.filters);
    a.field("access_log", m.accessLogs);
    static const std::string envoy = "envoy";
    a.field("server_name", m.serverName, envoy);
    if (A::reading && m.serverName.empty())
        m.serverName = envoy;
    a.word("server_header_transformation", m.serverHeader, {"OVERWRITE", "APPEND_IF_ABSENT", "PASS_THROUGH"});
    a.group("scheme_header_transformation", [&](A &inner) {
        inner.field("scheme_to_overwrite", m.schemeOverwrite);
        inner.field("match_upstream", m.schemeMatchesUpstream);
    });
    a.field("use_remote_address", m.useRemoteAddress);
    a.field("xff_num_trusted_hops", m.xffNumTrustedHops);
    a.field("skip_xff_append", m.skipXffAppend);
    a.field("add_user_agent", m.addUserAgent);
    a.field("via", m.via);
    a.field("generate_request_id", m.generateRequestId);
    a.field("preserve_external_request_id", m.preserveExternalRequestId);
    a.field("always_set_request_id_in_response", m.alwaysSetRequestIdInResponse);
    if constexpr (A::reading) {
        a.group("request_id_extension", [&](A &inner) {
            inner.any("typed_config", [&](JsonReader &config, const std::string &type) {
                config.check(type == requestIdType || config.state().asked != nullptr, "@type",
                             "only UUIDs are supported by this gateway");
                config.field("pack_trace_reason", m.packTraceReason);
                config.field("use_request_id_for_trace_sampling", m.useRequestIdForTraceSampling);
            });
        });
    } else if (m.packTraceReason || !m.useRequestIdForTraceSampling) {
        QJsonObject config{
            {QStringLiteral("@type"), QLatin1String(typePrefix) + QLatin1String(requestIdType)}};
        if (m.packTraceReason)
            config[QStringLiteral("pack_trace_reason")] = *m.packTraceReason;
        if (!m.useRequestIdForTraceSampling)
            config[QStringLiteral("use_request_id_for_trace_sampling")] = false;
        a.set("request_id_extension", QJsonObject{{QStringLiteral("typed_config"), config}});
    }
    a.word("forward_client_cert_details", m.clientCert,
           {"SANITIZE", "FORWARD_ONLY", "APPEND_FORWARD", "SANITIZE_SET", "ALWAYS_FORWARD_ONLY"});
    a.group("set_current_client_cert_details", [&](A &inner) {
        inner.field("subject", m.setCurrentClientCert.subject);
        inner.field("cert", m.setCurrentClientCert.cert);
        inner.field("chain", m.setCurrentClientCert.chain);
        inner.field("dns", m.setCurrentClientCert.dns);
        inner.field("uri", m.setCurrentClientCert.uri);
    });
    a.field("proxy_100_continue", m.proxy100Continue);
    a.field("upgrade_configs", m.upgrades);
    for (auto upgrade = m.upgrades.begin(); upgrade != m.upgrades.end(); ++upgrade) {
        const bool again = std::any_of(m.upgrades.begin(), upgrade,
                                       [&](const auto &earlier) { return earlier.type == upgrade->type; });
        a.check(!again, "upgrade_configs", "multiple upgrade configs with the same name");
    }
    a.field("normalize_path", m.normalizePath);
    a.field("merge_slashes", m.mergeSlashes);
    a.word("path_with_escaped_slashes_action", m.escapedSlashes,
           {"IMPLEMENTATION_SPECIFIC_DEFAULT", "KEEP_UNCHANGED", "REJECT_REQUEST", "UNESCAPE_AND_REDIRECT",
            "UNESCAPE_AND_FORWARD"});
    a.field("internal_address_config", m.internalAddresses);
    a.field("local_reply_config", m.localReply);
    a.field("strip_matching_host_port", m.stripMatchingHostPort);
    a.field("strip_any_host_port", m.stripAnyHostPort);
    a.field("strip_trailing_host_dot", m.stripTrailingHostDot);
    a.check(!m.stripMatchingHostPort || !m.stripAnyHostPort, "strip_any_host_port",
            "Only one of `strip_matching_host_port` or `strip_any_host_port` can be set.");
    a.field("stream_error_on_invalid_http_message", m.streamErrorOnInvalidHttpMessage);
    a.group("common_http_protocol_options", [&](A &inner) {
        describe(inner, m.common);
        if constexpr (A::reading)
            inner.check(!inner.has("max_response_headers_kb") || inner.state().asked,
                        "max_response_headers_kb", "this cannot be set on a connection manager");
    });
    a.group("http_protocol_options", [&](A &inner) { describe(inner, m.http1); });
    a.group("http2_protocol_options", [&](A &inner) { describe(inner, m.http2); });
    a.field("max_request_headers_kb", m.maxRequestHeadersKb);
    a.field("stream_idle_timeout", m.streamIdleTimeout);
    a.field("request_timeout", m.requestTimeout);
    a.field("request_headers_timeout", m.requestHeadersTimeout);
    a.field("drain_timeout", m.drainTimeout);
    a.field("delayed_close_timeout", m.delayedCloseTimeout);
    a.field("append_local_overload", m.appendLocalOverload);
    a.field("append_x_forwarded_port", m.appendXForwardedPort);
    a.field("add_proxy_protocol_connection_state", m.addProxyProtocolConnectionState);
    a.field("tracing", m.tracing);
    if constexpr (A::reading) {
        a.group("tracing", [&m](A &tracing) { readTracing(tracing, m.traceHeaders); });
    }
    describeLogOptions(a, m);
    // Envoy has the switch and maps nothing (measured, 1.40).
    a.ignored({"http3_protocol_options", "represent_ipv4_remote_address_as_ipv4_mapped_ipv6"});
    a.field("stream_flush_timeout", m.streamFlushTimeout);
    describeEarlyMutations(a, m.earlyMutations);
    describeIpDetections(a, m.ipDetections);
    a.check(m.ipDetections.empty() || !m.useRemoteAddress, "original_ip_detection_extensions",
            "Original IP detection extensions and use_remote_address may not be mixed");
    a.check(m.ipDetections.empty() || m.xffNumTrustedHops == 0, "original_ip_detection_extensions",
            "Original IP detection extensions and xff_num_trusted_hops may not be mixed");
    a.refused({"rds", "scoped_routes", "path_normalization_options", "typed_header_validation_config"});
}
SALLYPORT_DESCRIBED(HttpConnectionManager)

} // namespace sallyport::dataplane
