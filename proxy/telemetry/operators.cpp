// SPDX-License-Identifier: GPL-3.0-or-later
// Access-log commands, envoy-behaviour §1.3.
#include "core/dataplane/value_matchers.h"
#include "proxy/telemetry/formatter.h"
#include "proxy/telemetry/grpc_status.h"
#include "proxy/telemetry/header_operators.h"
#include "proxy/telemetry/log_time.h"
#include "proxy/telemetry/metadata_operators.h"

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

LogValue null()
{
    return {};
}
LogValue text(std::string_view value)
{
    return {Kind::Text, value, 0};
}
LogValue number(std::uint64_t value)
{
    return {Kind::Number, {}, value};
}
LogValue textOrNull(std::string_view value)
{
    return value.empty() ? null() : text(value);
}

std::string_view cut(std::string_view value, std::optional<std::size_t> length)
{
    return length ? value.substr(0, *length) : value;
}

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

LogValue joined(const std::vector<std::string> &names, std::string &scratch)
{
    if (names.empty())
        return null();
    for (const std::string &name : names) {
        if (!scratch.empty())
            scratch += ',';
        scratch += name;
    }
    return text(scratch);
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

LogValue span(const std::optional<TimePoint> &from, const std::optional<TimePoint> &to,
              std::chrono::nanoseconds unit = std::chrono::milliseconds(1))
{
    if (!from || !to || *to < *from)
        return null();
    return number(static_cast<std::uint64_t>((*to - *from) / unit));
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

Operator queryParameterOperator(const std::string &parameter, std::optional<std::size_t> length)
{
    return [parameter, length](Context context, std::string &scratch) {
        if (context.request == nullptr)
            return null();
        const auto value = dataplane::queryParameter(context.request->get(http::Known::Path), parameter);
        if (!value)
            return null();
        scratch =
            QByteArray::fromPercentEncoding(QByteArray(value->data(), static_cast<qsizetype>(value->size())))
                .toStdString();
        return text(cut(scratch, length));
    };
}

/// Facts of a certificate or handshake of either side.
using CertificateGetter = LogValue (*)(const net::CertificateFacts &facts, std::string &scratch);

Operator certificateOperator(bool downstream, bool peer, CertificateGetter get)
{
    return [downstream, peer, get](Context context, std::string &scratch) {
        const net::CertificateFacts *facts = nullptr;
        if (downstream) {
            const net::TlsInfo *tls = context.info.downstreamTls;
            facts = !tls ? nullptr : peer ? tls->peer() : tls->own();
        } else if (context.info.upstreamTls) {
            facts = peer ? context.info.upstreamTls->peer() : context.info.upstreamTls->own();
        }
        return facts ? get(*facts, scratch) : null();
    };
}

struct CertificateField
{
    std::string_view name;
    CertificateGetter get;
};
const CertificateField certificateFields[] = {
    {"SUBJECT", [](const net::CertificateFacts &facts, std::string &) { return textOrNull(facts.subject); }},
    {"ISSUER", [](const net::CertificateFacts &facts, std::string &) { return textOrNull(facts.issuer); }},
    {"SERIAL", [](const net::CertificateFacts &facts, std::string &) { return textOrNull(facts.serial); }},
    {"URI_SAN",
     [](const net::CertificateFacts &facts, std::string &scratch) { return joined(facts.uriSans, scratch); }},
    {"DNS_SAN",
     [](const net::CertificateFacts &facts, std::string &scratch) { return joined(facts.dnsSans, scratch); }},
    {"IP_SAN",
     [](const net::CertificateFacts &facts, std::string &scratch) { return joined(facts.ipSans, scratch); }},
    {"EMAIL_SAN", [](const net::CertificateFacts &facts,
                     std::string &scratch) { return joined(facts.emailSans, scratch); }},
    {"FINGERPRINT_256",
     [](const net::CertificateFacts &facts, std::string &) { return textOrNull(facts.sha256); }},
    {"FINGERPRINT_1",
     [](const net::CertificateFacts &facts, std::string &) { return textOrNull(facts.sha1); }},
    {"CHAIN_FINGERPRINTS_256", [](const net::CertificateFacts &facts,
                                  std::string &scratch) { return joined(facts.chainSha256, scratch); }},
    {"CHAIN_FINGERPRINTS_1", [](const net::CertificateFacts &facts,
                                std::string &scratch) { return joined(facts.chainSha1, scratch); }},
    {"CHAIN_SERIALS", [](const net::CertificateFacts &facts,
                         std::string &scratch) { return joined(facts.chainSerials, scratch); }},
    {"CERT",
     [](const net::CertificateFacts &facts, std::string &) { return textOrNull(facts.urlEncodedPem); }},
};

Operator certificateTime(bool downstream, bool start, const std::string &format)
{
    return [downstream, start, format](Context context, std::string &scratch) {
        const net::CertificateFacts *facts =
            downstream ? (context.info.downstreamTls ? context.info.downstreamTls->peer() : nullptr)
            : context.info.upstreamTls ? context.info.upstreamTls->peer()
                                       : nullptr;
        if (!facts)
            return null();
        appendTime(scratch, start ? facts->notBefore : facts->notAfter, format, false);
        return text(scratch);
    };
}

/// `DOWNSTREAM_PEER_…`, `UPSTREAM_LOCAL_…`; empty function if `name` is none of them.
Operator makeCertificateOperator(std::string_view name, const std::string &arguments)
{
    for (const bool downstream : {true, false}) {
        for (const bool peer : {true, false}) {
            const std::string prefix =
                std::string(downstream ? "DOWNSTREAM_" : "UPSTREAM_") + (peer ? "PEER_" : "LOCAL_");
            if (!name.starts_with(prefix))
                continue;
            const std::string_view field = name.substr(prefix.size());
            if (peer && (field == "CERT_V_START" || field == "CERT_V_END"))
                return certificateTime(downstream, field == "CERT_V_START", arguments);
            for (const CertificateField &known : certificateFields) {
                if (known.name == field)
                    return certificateOperator(downstream, peer, known.get);
            }
        }
    }
    return nullptr;
}

std::optional<TimePoint> pointNamed(const StreamInfo &info, std::string_view name)
{
    if (name == "DS_RX_BEG")
        return info.start;
    if (name == "DS_RX_END")
        return info.lastDownstreamRx;
    if (name == "US_CX_BEG")
        return info.upstreamConnectStart;
    if (name == "US_CX_END")
        return info.upstreamConnectEnd;
    if (name == "US_HS_END")
        return info.upstreamHandshakeEnd;
    if (name == "US_TX_BEG")
        return info.firstUpstreamTx;
    if (name == "US_TX_END")
        return info.lastUpstreamTx;
    if (name == "US_RX_BEG")
        return info.firstUpstreamRx;
    if (name == "US_RX_END")
        return info.lastUpstreamRx;
    if (name == "DS_TX_BEG")
        return info.firstDownstreamTx;
    if (name == "DS_TX_END")
        return info.lastDownstreamTx;
    return std::nullopt;
}

Operator durationBetween(const std::string &arguments)
{
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= arguments.size();) {
        const std::size_t colon = std::min(arguments.find(':', at), arguments.size());
        parts.push_back(arguments.substr(at, colon - at));
        at = colon + 1;
    }
    parts.resize(std::max<std::size_t>(parts.size(), 3));
    const std::chrono::nanoseconds unit = parts[2] == "us"   ? std::chrono::nanoseconds(1000)
                                          : parts[2] == "ns" ? std::chrono::nanoseconds(1)
                                                             : std::chrono::nanoseconds(1'000'000);
    return [from = parts[0], to = parts[1], unit](Context context, std::string &) {
        return span(pointNamed(context.info, from), pointNamed(context.info, to), unit);
    };
}

Operator grpcStatus(const std::string &form)
{
    return [form](Context context, std::string &scratch) {
        const std::string_view type =
            context.request ? context.request->get(http::Known::ContentType) : std::string_view();
        if (!type.starts_with("application/grpc"))
            return null();
        const std::optional<unsigned> status = grpcStatusOf(context);
        if (!status)
            return null();
        if (form == "NUMBER")
            return number(*status);
        scratch = grpcStatusName(*status, form == "SNAKE_STRING");
        return text(scratch);
    };
}

Operator pathOperator(const std::string &arguments, std::optional<std::size_t> length)
{
    const bool withoutQuery = arguments.starts_with("NQ");
    const bool original = arguments.ends_with(":ORIG");
    const bool current = arguments.ends_with(":PATH");
    return [=](Context context, std::string &) {
        if (!context.request)
            return null();
        const http::Header *path = current ? nullptr : context.request->find(http::Known::EnvoyOriginalPath);
        if (!path && !original)
            path = context.request->find(http::Known::Path);
        if (!path)
            return null();
        return text(cut(withoutQuery ? path->value.substr(0, path->value.find('?')) : path->value, length));
    };
}

/// The query as a whole, of the path as it is or as it came.
Operator queryOperator(bool original, std::optional<std::size_t> length)
{
    return [original, length](Context context, std::string &) {
        if (!context.request)
            return null();
        const http::Header *path = original ? context.request->find(http::Known::EnvoyOriginalPath) : nullptr;
        if (!path)
            path = context.request->find(http::Known::Path);
        const std::size_t question = path ? path->value.find('?') : std::string_view::npos;
        return question == std::string_view::npos ? null()
                                                  : textOrNull(cut(path->value.substr(question + 1), length));
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

/// `SNI_FIRST`, `HOST_FIRST`: the Host stands in for SNI, or the other way round; `:ORIG` means the Host
/// before it was rewritten.
Operator requestedServerName(const std::string &arguments)
{
    const bool original = arguments.ends_with(":ORIG");
    const bool hostFirst = arguments.starts_with("HOST");
    const bool sniOnly = arguments.empty() || arguments.starts_with("SNI_ONLY");
    return [=](Context context, std::string &scratch) {
        const LogValue sni = serverName(context.info.requestedServerName, scratch);
        if (sniOnly || (!hostFirst && sni.kind != Kind::Null))
            return sni;
        const http::Known name = original ? http::Known::EnvoyOriginalHost : http::Known::Authority;
        const http::Header *host = context.request ? context.request->find(name) : nullptr;
        return host ? text(host->value) : sni;
    };
}

using Simple = LogValue (*)(Context context, std::string &scratch);

const std::map<std::string_view, Simple> &simpleOperators()
{
    static const std::map<std::string_view, Simple> table{
        {"PROTOCOL", [](Context c, std::string &) { return textOrNull(protocolText(c.info.protocol)); }},
        {"UPSTREAM_PROTOCOL", [](Context c, std::string &) { return textOrNull(protocolText(c.info.upstreamProtocol)); }},
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
        {"CONNECTION_TERMINATION_DETAILS", [](Context c, std::string &) { return textOrNull(c.info.connectionTerminationDetails); }},
        {"CUSTOM_FLAGS", [](Context, std::string &) { return text(""); }},
        {"UPSTREAM_TRANSPORT_FAILURE_REASON", [](Context c, std::string &s) { return underscored(c.info.upstreamTransportFailure, s); }},
        {"DOWNSTREAM_TRANSPORT_FAILURE_REASON", [](Context c, std::string &s) { return underscored(c.info.downstreamTransportFailure, s); }},
        {"BYTES_RECEIVED", [](Context c, std::string &) { return number(c.info.bytesReceived); }},
        {"BYTES_SENT", [](Context c, std::string &) { return number(c.info.bytesSent); }},
        {"REQUEST_HEADERS_BYTES", [](Context c, std::string &) { return number(c.info.requestHeaderBytes); }},
        {"RESPONSE_HEADERS_BYTES", [](Context c, std::string &) { return number(c.info.responseHeaderBytes); }},
        {"RESPONSE_TRAILERS_BYTES", [](Context c, std::string &) { return number(c.info.responseTrailerBytes); }},
        {"DOWNSTREAM_WIRE_BYTES_RECEIVED", [](Context c, std::string &) { return number(c.info.downstreamWireReceived); }},
        {"DOWNSTREAM_WIRE_BYTES_SENT", [](Context c, std::string &) { return number(c.info.downstreamWireSent); }},
        {"UPSTREAM_WIRE_BYTES_RECEIVED", [](Context c, std::string &) { return number(c.info.upstreamWireReceived); }},
        {"UPSTREAM_WIRE_BYTES_SENT", [](Context c, std::string &) { return number(c.info.upstreamWireSent); }},
        {"DURATION", [](Context c, std::string &) { return span(c.info.start, c.info.end); }},
        {"REQUEST_DURATION", [](Context c, std::string &) { return span(c.info.start, c.info.lastDownstreamRx); }},
        {"REQUEST_TX_DURATION", [](Context c, std::string &) { return span(c.info.start, c.info.lastUpstreamTx); }},
        {"RESPONSE_DURATION", [](Context c, std::string &) { return span(c.info.start, c.info.firstUpstreamRx); }},
        {"RESPONSE_TX_DURATION", [](Context c, std::string &) { return span(c.info.firstUpstreamRx, c.info.lastDownstreamTx); }},
        {"UPSTREAM_CONNECTION_POOL_READY_DURATION", [](Context c, std::string &) { return span(c.info.upstreamRequestCreated, c.info.poolReady); }},
        {"DOWNSTREAM_HANDSHAKE_DURATION", [](Context c, std::string &) { return span(c.info.start, c.info.downstreamHandshakeEnd); }},
        {"UPSTREAM_HOST", [](Context c, std::string &s) { return address(c.info.upstreamHost, s); }},
        {"UPSTREAM_HOST_NAME", [](Context c, std::string &s) { return c.info.upstreamHostName.empty() ? address(c.info.upstreamHost, s) : text(c.info.upstreamHostName); }},
        {"UPSTREAM_HOST_NAME_WITHOUT_PORT",
         [](Context c, std::string &s) {
             if (c.info.upstreamHostName.empty())
                 return addressWithoutPort(c.info.upstreamHost, s);
             return text(std::string_view(c.info.upstreamHostName).substr(0, c.info.upstreamHostName.rfind(':')));
         }},
        {"UPSTREAM_REMOTE_ADDRESS", [](Context c, std::string &s) { return address(c.info.upstreamRemoteAddress, s); }},
        {"UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", [](Context c, std::string &s) { return addressWithoutPort(c.info.upstreamRemoteAddress, s); }},
        {"UPSTREAM_REMOTE_PORT", [](Context c, std::string &) { return port(c.info.upstreamRemoteAddress); }},
        {"UPSTREAM_LOCAL_ADDRESS", [](Context c, std::string &s) { return address(c.info.upstreamLocalAddress, s); }},
        {"UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", [](Context c, std::string &s) { return addressWithoutPort(c.info.upstreamLocalAddress, s); }},
        {"UPSTREAM_LOCAL_PORT", [](Context c, std::string &) { return port(c.info.upstreamLocalAddress); }},
        {"UPSTREAM_CLUSTER", [](Context c, std::string &) { return textOrNull(c.info.upstreamCluster); }},
        {"UPSTREAM_CLUSTER_RAW", [](Context c, std::string &) { return textOrNull(c.info.upstreamClusterRaw); }},
        {"UPSTREAM_REQUEST_ATTEMPT_COUNT", [](Context c, std::string &) { return number(c.info.attemptCount); }},
        {"UPSTREAM_CONNECTION_ID", [](Context c, std::string &) { return number(c.info.upstreamConnectionId); }},
        {"CONNECTION_ID", [](Context c, std::string &) { return number(c.info.connectionId); }},
        {"STREAM_ID", [](Context c, std::string &) { return textOrNull(c.info.requestId); }},
        {"DOWNSTREAM_LOCAL_ADDRESS", [](Context c, std::string &s) { return address(c.info.localAddress, s); }},
        {"DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", [](Context c, std::string &s) { return addressWithoutPort(c.info.localAddress, s); }},
        {"DOWNSTREAM_LOCAL_PORT", [](Context c, std::string &) { return port(c.info.localAddress); }},
        {"DOWNSTREAM_DIRECT_LOCAL_ADDRESS", [](Context c, std::string &s) { return address(c.info.directLocalAddress, s); }},
        {"DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT", [](Context c, std::string &s) { return addressWithoutPort(c.info.directLocalAddress, s); }},
        {"DOWNSTREAM_DIRECT_LOCAL_PORT", [](Context c, std::string &) { return port(c.info.directLocalAddress); }},
        {"DOWNSTREAM_REMOTE_ADDRESS", [](Context c, std::string &s) { return address(c.info.remoteAddress, s); }},
        {"DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", [](Context c, std::string &s) { return addressWithoutPort(c.info.remoteAddress, s); }},
        {"DOWNSTREAM_REMOTE_PORT", [](Context c, std::string &) { return port(c.info.remoteAddress); }},
        {"DOWNSTREAM_DIRECT_REMOTE_ADDRESS", [](Context c, std::string &s) { return address(c.info.directRemoteAddress, s); }},
        {"DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT", [](Context c, std::string &s) { return addressWithoutPort(c.info.directRemoteAddress, s); }},
        {"DOWNSTREAM_DIRECT_REMOTE_PORT", [](Context c, std::string &) { return port(c.info.directRemoteAddress); }},
        {"ROUTE_NAME", [](Context c, std::string &) { return textOrNull(c.info.routeName); }},
        {"FILTER_CHAIN_NAME", [](Context c, std::string &) { return textOrNull(c.info.filterChainName); }},
        {"DOWNSTREAM_TLS_VERSION", [](Context c, std::string &) { return c.info.downstreamTls ? textOrNull(c.info.downstreamTls->version()) : null(); }},
        {"DOWNSTREAM_TLS_CIPHER", [](Context c, std::string &) { return c.info.downstreamTls ? textOrNull(c.info.downstreamTls->cipher()) : null(); }},
        {"DOWNSTREAM_TLS_SESSION_ID", [](Context c, std::string &) { return c.info.downstreamTls ? textOrNull(c.info.downstreamTls->sessionId()) : null(); }},
        {"UPSTREAM_TLS_VERSION", [](Context c, std::string &) { return c.info.upstreamTls ? textOrNull(c.info.upstreamTls->version()) : null(); }},
        {"UPSTREAM_TLS_CIPHER", [](Context c, std::string &) { return c.info.upstreamTls ? textOrNull(c.info.upstreamTls->cipher()) : null(); }},
        {"UPSTREAM_TLS_SESSION_ID", [](Context c, std::string &) { return c.info.upstreamTls ? textOrNull(c.info.upstreamTls->sessionId()) : null(); }},
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
    if (name == "COMMON_DURATION")
        return durationBetween(arguments);
    if (Operator metadata = makeMetadataOperator(name, arguments, maxLength))
        return metadata;
    if (name == "GRPC_STATUS")
        return grpcStatus(arguments);
    if (name == "GRPC_STATUS_NUMBER")
        return grpcStatus("NUMBER");
    if (name == "QUERY_PARAM")
        return queryParameterOperator(arguments, maxLength);
    if (name == "QUERY_PARAMS")
        return queryOperator(arguments == "ORIG", maxLength);
    if (name == "PATH")
        return pathOperator(arguments, maxLength);
    if (name == "REQUESTED_SERVER_NAME")
        return requestedServerName(arguments);
    if (Operator masked = makeMaskedAddress(name, arguments))
        return masked;
    const auto simple = simpleOperators().find(name);
    if (simple != simpleOperators().end())
        return simple->second;
    if (Operator certificate = makeCertificateOperator(name, arguments))
        return certificate;
    // Known to the format check, but nothing here ever has a value for it (fingerprints of a ClientHello,
    // traces, …).
    return [](Context, std::string &) { return null(); };
}

} // namespace sallyport::telemetry
