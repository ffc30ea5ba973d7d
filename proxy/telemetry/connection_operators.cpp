// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/connection_operators.h"

#include "proxy/telemetry/log_value.h"

#include <map>

namespace sallyport::telemetry {

namespace {

using Context = const LogContext &;
using Simple = LogValue (*)(Context context, std::string &scratch);
using Attempted = StreamInfo::Attempted;

LogValue closeType(bool resetByPeer)
{
    return text(resetByPeer ? "RemoteReset" : "Normal");
}

/// One text per attempted host. A request tells of its last attempt only, once it had a connection.
template<typename AppendText>
LogValue attempted(Context context, std::string &scratch, AppendText &&append)
{
    const StreamInfo &info = context.info;
    std::vector<Attempted> attempts = info.upstreamAttempted;
    if (attempts.empty() && info.upstreamConnectionId != 0)
        attempts.push_back({info.upstreamHost, info.upstreamHostName, info.upstreamConnectionId});
    std::vector<std::string> texts;
    for (const Attempted &attempt : attempts) {
        std::string one;
        append(attempt, one);
        if (!one.empty())
            texts.push_back(std::move(one));
    }
    return joined(texts, scratch);
}

void appendName(const Attempted &attempt, std::string &to)
{
    if (attempt.hostName.empty())
        attempt.host.appendTo(to);
    else
        to += attempt.hostName;
}

void appendNameWithoutPort(const Attempted &attempt, std::string &to)
{
    if (attempt.hostName.empty())
        attempt.host.appendIpTo(to);
    else
        to += std::string_view(attempt.hostName).substr(0, attempt.hostName.rfind(':'));
}

LogValue endpointId(const net::Address &address)
{
    return address.isValid() ? text("") : null();
}

const std::map<std::string_view, Simple> &connectionOperators()
{
    static const std::map<std::string_view, Simple> table{
        {"CONNECTION_TERMINATION_DETAILS",
         [](Context c, std::string &) { return textOrNull(c.info.connectionTerminationDetails); }},
        {"DOWNSTREAM_WIRE_BYTES_RECEIVED",
         [](Context c, std::string &) { return number(c.info.downstreamWireReceived); }},
        {"DOWNSTREAM_WIRE_BYTES_SENT",
         [](Context c, std::string &) { return number(c.info.downstreamWireSent); }},
        {"UPSTREAM_WIRE_BYTES_RECEIVED",
         [](Context c, std::string &) { return number(c.info.upstreamWireReceived); }},
        {"UPSTREAM_WIRE_BYTES_SENT",
         [](Context c, std::string &) { return number(c.info.upstreamWireSent); }},
        {"UPSTREAM_REQUEST_ATTEMPT_COUNT",
         [](Context c, std::string &) { return number(c.info.attemptCount); }},
        {"UPSTREAM_CONNECTION_ID",
         [](Context c, std::string &) { return number(c.info.upstreamConnectionId); }},
        {"CONNECTION_ID", [](Context c, std::string &) { return number(c.info.connectionId); }},
        {"DOWNSTREAM_TLS_VERSION",
         [](Context c, std::string &) {
             return c.info.downstreamTls ? textOrNull(c.info.downstreamTls->version()) : null();
         }},
        {"DOWNSTREAM_TLS_CIPHER",
         [](Context c, std::string &) {
             return c.info.downstreamTls ? textOrNull(c.info.downstreamTls->cipher()) : null();
         }},
        {"DOWNSTREAM_TLS_SESSION_ID",
         [](Context c, std::string &) {
             return c.info.downstreamTls ? textOrNull(c.info.downstreamTls->sessionId()) : null();
         }},
        {"UPSTREAM_TLS_VERSION",
         [](Context c, std::string &) {
             return c.info.upstreamTls ? textOrNull(c.info.upstreamTls->version()) : null();
         }},
        {"UPSTREAM_TLS_CIPHER",
         [](Context c, std::string &) {
             return c.info.upstreamTls ? textOrNull(c.info.upstreamTls->cipher()) : null();
         }},
        {"UPSTREAM_TLS_SESSION_ID",
         [](Context c, std::string &) {
             return c.info.upstreamTls ? textOrNull(c.info.upstreamTls->sessionId()) : null();
         }},
        {"DOWNSTREAM_HEADER_BYTES_RECEIVED",
         [](Context c, std::string &) { return number(c.info.downstreamHeaderReceived); }},
        {"DOWNSTREAM_HEADER_BYTES_SENT",
         [](Context c, std::string &) { return number(c.info.downstreamHeaderSent); }},
        {"UPSTREAM_HEADER_BYTES_RECEIVED",
         [](Context c, std::string &) { return number(c.info.upstreamHeaderReceived); }},
        {"UPSTREAM_HEADER_BYTES_SENT",
         [](Context c, std::string &) { return number(c.info.upstreamHeaderSent); }},
        {"DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED",
         [](Context c, std::string &) { return number(c.info.downstreamDecompressedHeaderReceived); }},
        {"DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT",
         [](Context c, std::string &) { return number(c.info.downstreamDecompressedHeaderSent); }},
        {"UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED",
         [](Context c, std::string &) { return number(c.info.upstreamDecompressedHeaderReceived); }},
        {"UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT",
         [](Context c, std::string &) { return number(c.info.upstreamDecompressedHeaderSent); }},
        {"DOWNSTREAM_TLS_GROUP",
         [](Context c, std::string &) {
             return c.info.downstreamTls ? textOrNull(c.info.downstreamTls->group()) : null();
         }},
        {"UPSTREAM_TLS_GROUP",
         [](Context c, std::string &) {
             return c.info.upstreamTls ? textOrNull(c.info.upstreamTls->group()) : null();
         }},
        // Known of QUIC's connections only.
        {"BYTES_RETRANSMITTED", [](Context, std::string &) { return number(0); }},
        {"PACKETS_RETRANSMITTED", [](Context, std::string &) { return number(0); }},
        {"DOWNSTREAM_CX_RTT", [](Context, std::string &) { return number(0); }},
        // Internal listeners' addresses have one.
        {"DOWNSTREAM_LOCAL_ADDRESS_ENDPOINT_ID",
         [](Context c, std::string &) { return endpointId(c.info.localAddress); }},
        {"DOWNSTREAM_DIRECT_LOCAL_ADDRESS_ENDPOINT_ID",
         [](Context c, std::string &) { return endpointId(c.info.directLocalAddress); }},
        {"UPSTREAM_REMOTE_ADDRESS_ENDPOINT_ID",
         [](Context c, std::string &) { return endpointId(c.info.upstreamRemoteAddress); }},
        {"DOWNSTREAM_DETECTED_CLOSE_TYPE",
         [](Context c, std::string &) { return closeType(c.info.downstreamResetByPeer); }},
        {"UPSTREAM_DETECTED_CLOSE_TYPE",
         [](Context c, std::string &) {
             return c.info.upstreamRequestCreated || c.info.logType == "TcpConnectionEnd"
                        ? closeType(c.info.upstreamResetByPeer)
                        : null();
         }},
        {"DOWNSTREAM_LOCAL_CLOSE_REASON",
         [](Context c, std::string &) { return textOrNull(c.info.downstreamLocalCloseReason); }},
        {"UPSTREAM_LOCAL_CLOSE_REASON",
         [](Context c, std::string &) { return textOrNull(c.info.upstreamLocalCloseReason); }},
        {"UPSTREAM_SERVER_NAME",
         [](Context c, std::string &) {
             return c.info.upstreamTls ? textOrNull(c.info.upstreamTls->sni()) : null();
         }},
        {"TLS_JA3_FINGERPRINT",
         [](Context c, std::string &) {
             return c.info.fingerprints ? textOrNull(c.info.fingerprints->ja3) : null();
         }},
        {"TLS_JA4_FINGERPRINT",
         [](Context c, std::string &) {
             return c.info.fingerprints ? textOrNull(c.info.fingerprints->ja4) : null();
         }},
        {"UPSTREAM_HOSTS_ATTEMPTED",
         [](Context c, std::string &s) {
             return attempted(c, s, [](const Attempted &a, std::string &to) { a.host.appendTo(to); });
         }},
        {"UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT",
         [](Context c, std::string &s) {
             return attempted(c, s, [](const Attempted &a, std::string &to) { a.host.appendIpTo(to); });
         }},
        {"UPSTREAM_HOST_NAMES_ATTEMPTED",
         [](Context c, std::string &s) { return attempted(c, s, appendName); }},
        {"UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT",
         [](Context c, std::string &s) { return attempted(c, s, appendNameWithoutPort); }},
        {"UPSTREAM_CONNECTION_IDS_ATTEMPTED",
         [](Context c, std::string &s) {
             return attempted(c, s, [](const Attempted &a, std::string &to) {
                 if (a.connectionId != 0)
                     to = std::to_string(a.connectionId);
             });
         }},
    };
    return table;
}

} // namespace

Operator makeConnectionOperator(std::string_view name)
{
    const auto found = connectionOperators().find(name);
    return found == connectionOperators().end() ? Operator() : Operator(found->second);
}

} // namespace sallyport::telemetry
