// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

#include <QByteArray>

#include <algorithm>
#include <array>

namespace sallyport::dataplane {

namespace {

/// Of an even number of hexadecimal digits; none: they are something else.
std::optional<std::string> bytesOfHex(const std::string &text)
{
    const auto isHex = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    if (text.empty() || text.size() % 2 != 0 || !std::all_of(text.begin(), text.end(), isHex))
        return std::nullopt;
    return QByteArray::fromHex(QByteArray::fromStdString(text)).toStdString();
}

template<typename A>
void checkRanges(A &a, const char *name, const char *kind, const std::vector<StatusRange> &ranges)
{
    if constexpr (A::reading) {
        const std::string prefix = std::string("Invalid http ") + kind + " status range: expecting ";
        constexpr std::int64_t least = 100;
        constexpr std::int64_t most = 600;
        for (const StatusRange &range : ranges) {
            const std::string start = std::to_string(range.start);
            const std::string end = std::to_string(range.end);
            if (range.start >= range.end)
                a.fail(name, prefix + "start < end, but found start=" + start + " and end=" + end);
            else if (range.start < least)
                a.fail(name, prefix + "start >= 100, but found start=" + start);
            else if (range.end > most)
                a.fail(name, prefix + "end <= 600, but found end=" + end);
        }
    }
}

template<typename A>
void describeMethod(A &a, HttpHealthCheck &m)
{
    constexpr std::array methods{
        "METHOD_UNSPECIFIED", "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
    const auto *known = std::find(methods.begin(), methods.end(), m.method);
    auto index = static_cast<int>(known - methods.begin());
    a.word("method", index,
           {"METHOD_UNSPECIFIED", "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE",
            "PATCH"},
           1);
    if constexpr (A::reading) {
        m.method = methods[static_cast<std::size_t>(std::max(index, 1))];
        constexpr std::array withBody{"POST", "PUT", "PATCH", "OPTIONS"};
        a.check(!m.send || std::find(withBody.begin(), withBody.end(), m.method) != withBody.end(), "send",
                "a payload goes with the methods POST, PUT, PATCH and OPTIONS only");
    }
}

template<typename A>
void describeHttp(A &a, HttpHealthCheck &m)
{
    a.message("envoy.config.core.v3.HealthCheck.HttpHealthCheck");
    a.field("host", m.host);
    a.field("path", m.path);
    a.field("send", m.send);
    a.field("receive", m.receive);
    a.field("response_buffer_size", m.responseBufferSize, 1024);
    a.field("request_headers_to_add", m.requestHeadersToAdd);
    a.field("request_headers_to_remove", m.requestHeadersToRemove);
    a.field("expected_statuses", m.expectedStatuses);
    a.field("retriable_statuses", m.retriableStatuses);
    a.word("codec_client_type", m.codec, {"HTTP1", "HTTP2"});
    a.field("service_name_matcher", m.serviceName);
    describeMethod(a, m);
    checkRanges(a, "expected_statuses", "expected", m.expectedStatuses);
    checkRanges(a, "retriable_statuses", "retriable", m.retriableStatuses);
    checkAddedHeaders(a, "request_headers_to_add", m.requestHeadersToAdd);
    for (const std::string &name : m.requestHeadersToRemove)
        a.check(!name.starts_with(':') && name != "host" && name != "Host", "request_headers_to_remove",
                ":-prefixed or host headers may not be removed");
    std::size_t wanted = 0;
    for (const HealthCheckPayload &payload : m.receive)
        wanted += payload.bytes.size();
    a.check(m.responseBufferSize == 0 || wanted <= m.responseBufferSize, "receive",
            "more bytes are expected than response_buffer_size lets be looked at");
}

template<typename A>
void describeTcp(A &a, TcpHealthCheck &m)
{
    a.message("envoy.config.core.v3.HealthCheck.TcpHealthCheck");
    a.field("send", m.send);
    a.field("receive", m.receive);
    a.refused({"proxy_protocol_config"});
}

template<typename A>
void describeGrpc(A &a, GrpcHealthCheck &m)
{
    a.message("envoy.config.core.v3.HealthCheck.GrpcHealthCheck");
    a.field("service_name", m.serviceName);
    a.field("authority", m.authority);
    a.field("initial_metadata", m.initialMetadata);
    checkAddedHeaders(a, "initial_metadata", m.initialMetadata);
}

/// One of several messages.
template<typename Kind, typename A, typename Describe>
void describeProbe(A &a, const char *name, HealthCheck &m, Describe describeIt)
{
    if constexpr (A::reading) {
        a.group(name, [&](A &inner) { describeIt(inner, m.probe.template emplace<Kind>()); });
    } else if (auto *probe = std::get_if<Kind>(&m.probe)) {
        a.group(
            name, [&](A &inner) { describeIt(inner, *probe); }, true);
    }
}

} // namespace

template<typename A>
void describe(A &a, HealthCheckPayload &m)
{
    a.message("envoy.config.core.v3.HealthCheck.Payload");
    if constexpr (A::reading) {
        std::string text;
        std::optional<std::string> binary;
        a.field("text", text);
        a.field("binary", binary);
        const std::optional<std::string> bytes = bytesOfHex(text);
        if (binary)
            m.bytes = QByteArray::fromBase64(QByteArray::fromStdString(*binary)).toStdString();
        else if (bytes)
            m.bytes = *bytes;
        else
            a.fail("text", "invalid hex string '" + text + "'");
    } else if (m.bytes.empty()) {
        a.set("binary", QString());
    } else {
        a.set("text", QString::fromLatin1(QByteArray::fromStdString(m.bytes).toHex()));
    }
}
SALLYPORT_DESCRIBED(HealthCheckPayload)

template<typename A>
void describe(A &a, StatusRange &m)
{
    a.message("envoy.type.v3.Int64Range");
    a.field("start", m.start);
    a.field("end", m.end);
}
SALLYPORT_DESCRIBED(StatusRange)

template<typename A>
void describe(A &a, HealthCheck &m)
{
    a.message("envoy.config.core.v3.HealthCheck");
    const HealthCheck standard;
    a.field("name", m.name);
    a.field("timeout", m.timeout);
    a.field("interval", m.interval);
    a.field("initial_jitter", m.initialJitter);
    a.field("interval_jitter", m.intervalJitter);
    a.field("interval_jitter_percent", m.intervalJitterPercent);
    a.always("unhealthy_threshold", m.unhealthyThreshold);
    a.always("healthy_threshold", m.healthyThreshold);
    a.field("reuse_connection", m.reuseConnection, true);
    describeProbe<HttpHealthCheck>(a, "http_health_check", m,
                                   [](A &inner, HttpHealthCheck &probe) { describeHttp(inner, probe); });
    describeProbe<TcpHealthCheck>(a, "tcp_health_check", m,
                                  [](A &inner, TcpHealthCheck &probe) { describeTcp(inner, probe); });
    describeProbe<GrpcHealthCheck>(a, "grpc_health_check", m,
                                   [](A &inner, GrpcHealthCheck &probe) { describeGrpc(inner, probe); });
    a.field("no_traffic_interval", m.noTrafficInterval, standard.noTrafficInterval);
    a.field("no_traffic_healthy_interval", m.noTrafficHealthyInterval);
    a.field("unhealthy_interval", m.unhealthyInterval);
    a.field("unhealthy_edge_interval", m.unhealthyEdgeInterval);
    a.field("healthy_edge_interval", m.healthyEdgeInterval);
    if (A::reading || m.alpnProtocols) {
        a.group(
            "tls_options",
            [&](A &inner) {
                if constexpr (A::reading)
                    m.alpnProtocols.emplace();
                inner.field("alpn_protocols", *m.alpnProtocols);
            },
            true);
    }
    a.field("transport_socket_match_criteria", m.transportSocketMatchCriteria);
    // They say how much an event log tells, and there is none without a logger.
    a.ignored({"alt_port", "always_log_health_check_failures", "always_log_health_check_success"});
    a.refused({"custom_health_check", "event_log_path", "event_logger", "event_service"});
}
SALLYPORT_DESCRIBED(HealthCheck)

template<typename A>
void describe(A &a, HealthCheckFilter &m)
{
    a.message("envoy.extensions.filters.http.health_check.v3.HealthCheck");
    a.always("pass_through_mode", m.passThrough);
    a.field("cache_time", m.cacheTime);
    if constexpr (A::reading) {
        std::map<std::string, QJsonObject> percentages;
        a.field("cluster_min_healthy_percentages", percentages);
        for (const auto &[cluster, percent] : percentages)
            m.clusterMinHealthyPercentages[cluster] = percent.value(QLatin1String("value")).toDouble();
    } else if (!m.clusterMinHealthyPercentages.empty()) {
        QJsonObject percentages;
        for (const auto &[cluster, percent] : m.clusterMinHealthyPercentages)
            percentages.insert(toQt(cluster), QJsonObject{{QStringLiteral("value"), percent}});
        a.set("cluster_min_healthy_percentages", percentages);
    }
    a.field("headers", m.headers);
    a.check(m.passThrough || m.cacheTime.count() == 0, "cache_time",
            "cache_time_ms must not be set when path_through_mode is disabled");
}
SALLYPORT_DESCRIBED(HealthCheckFilter)

} // namespace sallyport::dataplane
