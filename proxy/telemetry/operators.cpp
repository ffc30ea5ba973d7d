// SPDX-License-Identifier: GPL-3.0-or-later
// Access-log commands, envoy-behaviour §1.3.
#include "core/dataplane/value_matchers.h"
#include "proxy/telemetry/cel_operator.h"
#include "proxy/telemetry/certificate_operators.h"
#include "proxy/telemetry/coalesce_operator.h"
#include "proxy/telemetry/connection_operators.h"
#include "proxy/telemetry/duration_operators.h"
#include "proxy/telemetry/filter_state_operator.h"
#include "proxy/telemetry/formatter.h"
#include "proxy/telemetry/grpc_status.h"
#include "proxy/telemetry/header_operators.h"
#include "proxy/telemetry/log_time.h"
#include "proxy/telemetry/log_value.h"
#include "proxy/telemetry/metadata_operators.h"
#include "proxy/telemetry/path_operators.h"
#include "proxy/telemetry/xfcc_operator.h"

#include <QUuid>

#include <unistd.h>

#include <QByteArray>
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <map>

namespace sallyport::telemetry {

namespace {

using Kind = LogValue::Kind;
using Context = const LogContext &;

LogValue address(const net::Address &value, std::string &scratch)
{
    if (!value.isValid())
        return null();
    value.appendTo(scratch);
    return text(scratch);
}

LogValue addressWithoutPort(const net::Address &value, std::string &scratch)
{
    if (!value.isValid())
        return null();
    value.appendIpTo(scratch);
    return text(scratch);
}

LogValue port(const net::Address &value)
{
    return value.isIp() ? number(value.port()) : null();
}

/// Of headers as they are by now, or as they were.
LogValue sizeOf(const http::HeaderMap *headers, std::uint64_t before)
{
    return number(headers ? headers->byteSize() : before);
}

LogValue underscored(std::string_view value, std::string &scratch)
{
    if (value.empty())
        return null();
    const auto isSpace = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    if (std::none_of(value.begin(), value.end(), isSpace))
        return text(value);
    scratch = value;
    std::replace_if(scratch.begin(), scratch.end(), isSpace, '_');
    return text(scratch);
}

std::string_view protocolText(const std::optional<http::Protocol> &protocol)
{
    return protocol ? http::protocolName(*protocol) : std::string_view();
}

/// What a client asked for by SNI is believed as far as it could be a name (source/common/common/utility.cc).
LogValue serverName(const std::string &name, std::string &scratch)
{
    const auto belongs = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '-' || c == '_';
    };
    if (std::all_of(name.begin(), name.end(), belongs))
        return textOrNull(name);
    scratch = "invalid:" + name;
    std::replace_if(
        scratch.begin() + 8, scratch.end(), [&](char c) { return !belongs(c); }, '_');
    return text(scratch);
}

Operator grpcStatus(const std::string &form)
{
    return [form](Context context, std::string &scratch) {
        // What has no path (CONNECT) is no call of it.
        if (context.request == nullptr || !context.request->has(http::Known::Path))
            return null();
        const std::string_view type = context.request->get(http::Known::ContentType);
        if (type != "application/grpc" && !type.starts_with("application/grpc+"))
            return null();
        const std::optional<int> status = grpcStatusOf(context);
        if (!status)
            return null();
        if (form == "NUMBER" && *status >= 0)
            return number(static_cast<std::uint64_t>(*status));
        if (form == "NUMBER") {
            scratch = std::to_string(*status);
            return LogValue{LogValue::Kind::Json, scratch, 0};
        }
        scratch = grpcStatusName(*status, form == "SNAKE_STRING");
        return text(scratch);
    };
}

/// `…_WITHOUT_PORT(24)`: the network that an address is in, as a CIDR range.
Operator maskedAddress(net::Address StreamInfo::*which, unsigned length)
{
    return [which, length](Context context, std::string &scratch) {
        const net::Address &address = context.info.*which;
        if (!address.isIp())
            return null();
        address.appendNetworkTo(scratch, length);
        return text(scratch);
    };
}

/// An empty function if `name` has no mask, or `arguments` are no length.
Operator makeMaskedAddress(std::string_view name, const std::string &arguments)
{
    struct Masked
    {
        std::string_view name;
        net::Address StreamInfo::*which;
    };
    static constexpr Masked table[] = {
        {"DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", &StreamInfo::remoteAddress},
        {"DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT", &StreamInfo::directRemoteAddress},
        {"DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", &StreamInfo::localAddress},
        {"DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT", &StreamInfo::directLocalAddress},
        {"UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", &StreamInfo::upstreamRemoteAddress},
        {"UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", &StreamInfo::upstreamLocalAddress},
    };
    unsigned length = 0;
    const char *last = arguments.data() + arguments.size();
    const auto [end, error] = std::from_chars(arguments.data(), last, length);
    if (arguments.empty() || error != std::errc() || end != last)
        return nullptr;
    const auto *found = std::find_if(std::begin(table), std::end(table),
                                     [name](const Masked &masked) { return masked.name == name; });
    return found == std::end(table) ? nullptr : maskedAddress(found->which, length);
}

/// `SNI_FIRST`, `HOST_FIRST`: the Host stands in for SNI, or the other way round. It is the one before a
/// rewrite if there was one; `:ORIG` means that one only, `:HOST` the one that the request has now.
Operator requestedServerName(const std::string &arguments)
{
    const bool originalOnly = arguments.ends_with(":ORIG");
    const bool currentOnly = arguments.ends_with(":HOST");
    const bool hostFirst = arguments.starts_with("HOST");
    const bool sniOnly = arguments.empty() || arguments.starts_with("SNI_ONLY");
    return [=](Context context, std::string &scratch) {
        const LogValue sni = serverName(context.info.requestedServerName, scratch);
        if (sniOnly || (!hostFirst && sni.kind != Kind::Null) || context.request == nullptr)
            return sni;
        const http::Header *host =
            currentOnly ? nullptr : context.request->find(http::Known::EnvoyOriginalHost);
        if (host == nullptr && !originalOnly)
            host = context.request->find(http::Known::Authority);
        return host ? text(host->value) : sni;
    };
}

using Simple = LogValue (*)(Context context, std::string &scratch);

const std::map<std::string_view, Simple> &simpleOperators()
{
    static const std::map<std::string_view, Simple> table{
        {"PROTOCOL", [](Context c, std::string &) { return textOrNull(protocolText(c.info.protocol)); }},
        {"UPSTREAM_PROTOCOL",
         [](Context c, std::string &) { return textOrNull(protocolText(c.info.upstreamProtocol)); }},
        {"RESPONSE_CODE", [](Context c, std::string &) { return number(c.info.responseCode); }},
        {"RESPONSE_FLAGS",
         [](Context c, std::string &s) {
             c.info.flags.appendShort(s);
             return text(s);
         }},
        {"RESPONSE_FLAGS_LONG",
         [](Context c, std::string &s) {
             c.info.flags.appendLong(s);
             return text(s);
         }},
        {"CUSTOM_FLAGS", [](Context, std::string &) { return text(""); }},
        {"UPSTREAM_TRANSPORT_FAILURE_REASON",
         [](Context c, std::string &s) { return underscored(c.info.upstreamTransportFailure, s); }},
        {"DOWNSTREAM_TRANSPORT_FAILURE_REASON",
         [](Context c, std::string &s) { return underscored(c.info.downstreamTransportFailure, s); }},
        {"BYTES_RECEIVED", [](Context c, std::string &) { return number(c.info.bytesReceived); }},
        {"BYTES_SENT", [](Context c, std::string &) { return number(c.info.bytesSent); }},
        {"REQUEST_HEADERS_BYTES",
         [](Context c, std::string &) { return sizeOf(c.request, c.info.requestHeaderBytes); }},
        {"RESPONSE_HEADERS_BYTES",
         [](Context c, std::string &) { return sizeOf(c.response, c.info.responseHeaderBytes); }},
        {"RESPONSE_TRAILERS_BYTES",
         [](Context c, std::string &) { return sizeOf(c.trailers, c.info.responseTrailerBytes); }},
        {"UPSTREAM_HOST", [](Context c, std::string &s) { return address(c.info.upstreamHost, s); }},
        {"UPSTREAM_HOST_NAME",
         [](Context c, std::string &s) {
             return c.info.upstreamHostName.empty() ? address(c.info.upstreamHost, s)
                                                    : text(c.info.upstreamHostName);
         }},
        {"UPSTREAM_HOST_NAME_WITHOUT_PORT",
         [](Context c, std::string &s) {
             if (c.info.upstreamHostName.empty())
                 return addressWithoutPort(c.info.upstreamHost, s);
             return text(
                 std::string_view(c.info.upstreamHostName).substr(0, c.info.upstreamHostName.rfind(':')));
         }},
        {"UPSTREAM_REMOTE_ADDRESS",
         [](Context c, std::string &s) { return address(c.info.upstreamRemoteAddress, s); }},
        {"UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
         [](Context c, std::string &s) { return addressWithoutPort(c.info.upstreamRemoteAddress, s); }},
        {"UPSTREAM_REMOTE_PORT", [](Context c, std::string &) { return port(c.info.upstreamRemoteAddress); }},
        {"UPSTREAM_LOCAL_ADDRESS",
         [](Context c, std::string &s) { return address(c.info.upstreamLocalAddress, s); }},
        {"UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT",
         [](Context c, std::string &s) { return addressWithoutPort(c.info.upstreamLocalAddress, s); }},
        {"UPSTREAM_LOCAL_PORT", [](Context c, std::string &) { return port(c.info.upstreamLocalAddress); }},
        {"UPSTREAM_CLUSTER", [](Context c, std::string &) { return textOrNull(c.info.upstreamCluster); }},
        {"UPSTREAM_CLUSTER_RAW",
         [](Context c, std::string &) { return textOrNull(c.info.upstreamClusterRaw); }},
        {"TRACE_ID", [](Context c, std::string &) { return textOrNull(c.info.traceId); }},
        {"SPAN_ID", [](Context c, std::string &) { return textOrNull(c.info.spanId); }},
        {"STREAM_ID",
         [](Context c, std::string &) {
             // A request's is what its header says by now; an attempt's own log has none.
             if (c.info.requestId.empty() || c.request == nullptr)
                 return textOrNull(c.info.requestId);
             return textOrNull(c.request->get(http::Known::RequestId));
         }},
        {"DOWNSTREAM_LOCAL_ADDRESS",
         [](Context c, std::string &s) { return address(c.info.localAddress, s); }},
        {"DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT",
         [](Context c, std::string &s) { return addressWithoutPort(c.info.localAddress, s); }},
        {"DOWNSTREAM_LOCAL_PORT", [](Context c, std::string &) { return port(c.info.localAddress); }},
        {"DOWNSTREAM_DIRECT_LOCAL_ADDRESS",
         [](Context c, std::string &s) { return address(c.info.directLocalAddress, s); }},
        {"DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT",
         [](Context c, std::string &s) { return addressWithoutPort(c.info.directLocalAddress, s); }},
        {"DOWNSTREAM_DIRECT_LOCAL_PORT",
         [](Context c, std::string &) { return port(c.info.directLocalAddress); }},
        {"DOWNSTREAM_REMOTE_ADDRESS",
         [](Context c, std::string &s) { return address(c.info.remoteAddress, s); }},
        {"DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
         [](Context c, std::string &s) { return addressWithoutPort(c.info.remoteAddress, s); }},
        {"DOWNSTREAM_REMOTE_PORT", [](Context c, std::string &) { return port(c.info.remoteAddress); }},
        {"DOWNSTREAM_DIRECT_REMOTE_ADDRESS",
         [](Context c, std::string &s) { return address(c.info.directRemoteAddress, s); }},
        {"DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT",
         [](Context c, std::string &s) { return addressWithoutPort(c.info.directRemoteAddress, s); }},
        {"DOWNSTREAM_DIRECT_REMOTE_PORT",
         [](Context c, std::string &) { return port(c.info.directRemoteAddress); }},
        {"VIRTUAL_CLUSTER_NAME",
         [](Context c, std::string &) { return textOrNull(c.info.virtualClusterName); }},
        {"ROUTE_NAME", [](Context c, std::string &) { return textOrNull(c.info.routeName); }},
        {"ROUTE_RESOLUTION_COUNT", [](Context c, std::string &) { return number(c.info.routeResolutions); }},
        {"ROUTE_RESOLUTION_TIME_US",
         [](Context c, std::string &) {
             if (c.info.routeResolutions == 0)
                 return null();
             return number(static_cast<std::uint64_t>(
                 std::chrono::duration_cast<std::chrono::microseconds>(c.info.routeResolutionTime).count()));
         }},
        {"LISTENER_NAME", [](Context c, std::string &) { return textOrNull(c.info.listenerName); }},
        {"FILTER_CHAIN_NAME", [](Context c, std::string &) { return textOrNull(c.info.filterChainName); }},
        {"LOCAL_REPLY_BODY", [](Context c, std::string &) { return text(c.localReplyBody); }},
        {"ACCESS_LOG_TYPE", [](Context c, std::string &) { return text(c.info.logType); }},
        {"UNIQUE_ID",
         [](Context, std::string &s) {
             s = QUuid::createUuid().toString(QUuid::WithoutBraces).toStdString();
             return text(s);
         }},
        {"HOSTNAME",
         [](Context, std::string &s) {
             std::array<char, 256> name{};
             s = gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
             return textOrNull(s);
         }},
    };
    return table;
}

} // namespace

Operator makeOperator(const std::string &name, const std::string &arguments,
                      std::optional<std::size_t> maxLength)
{
    if (Operator header = makeHeaderOperator(name, arguments, maxLength))
        return header;
    if (name == "START_TIME" || name == "START_TIME_LOCAL" || name == "EMIT_TIME" ||
        name == "EMIT_TIME_LOCAL") {
        const bool local = name.ends_with("_LOCAL");
        const bool emit = name.starts_with("EMIT");
        return [=](Context context, std::string &scratch) {
            appendTime(scratch, emit ? std::chrono::system_clock::now() : context.info.startWall, arguments,
                       local);
            return text(scratch);
        };
    }
    if (name == "RESPONSE_CODE_DETAILS") {
        const bool keep = arguments == "ALLOW_WHITESPACES";
        return [keep](Context context, std::string &scratch) {
            return keep ? textOrNull(context.info.responseCodeDetails)
                        : underscored(context.info.responseCodeDetails, scratch);
        };
    }
    if (name == "ENVIRONMENT") {
        const char *value = std::getenv(arguments.c_str());
        const std::string fixed(cut(value ? value : "-", maxLength));
        return [fixed](Context, std::string &scratch) {
            scratch = fixed;
            return text(scratch);
        };
    }
    if (name == "COALESCE")
        return coalesceOperator(arguments, maxLength);
    if (name == "CEL")
        return celOperator(arguments, maxLength);
    if (name == "FILTER_STATE" || name == "UPSTREAM_FILTER_STATE")
        return filterStateOperator(name == "UPSTREAM_FILTER_STATE", arguments, maxLength);
    if (name == "XFCC_VALUE")
        return xfccOperator(arguments);
    if (Operator duration = makeDurationOperator(name, arguments))
        return duration;
    if (Operator metadata = makeMetadataOperator(name, arguments, maxLength))
        return metadata;
    if (name == "GRPC_STATUS")
        return grpcStatus(arguments);
    if (name == "GRPC_STATUS_NUMBER")
        return grpcStatus("NUMBER");
    if (Operator path = makePathOperator(name, arguments, maxLength))
        return path;
    if (name == "REQUESTED_SERVER_NAME")
        return requestedServerName(arguments);
    if (Operator masked = makeMaskedAddress(name, arguments))
        return masked;
    const auto simple = simpleOperators().find(name);
    if (simple != simpleOperators().end())
        return simple->second;
    if (Operator connection = makeConnectionOperator(name))
        return connection;
    if (Operator certificate = makeCertificateOperator(name, arguments))
        return certificate;
    // Known to the format check, but nothing here ever has a value for it.
    return [](Context, std::string &) { return null(); };
}

} // namespace sallyport::telemetry
