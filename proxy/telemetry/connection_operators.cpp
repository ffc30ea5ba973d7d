// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/connection_operators.h"

#include "proxy/telemetry/log_value.h"

#include <map>

namespace sallyport::telemetry {

namespace {

using Context = const LogContext &;
using Simple = LogValue (*)(Context context, std::string &scratch);

const std::map<std::string_view, Simple> &operators()
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
    };
    return table;
}

} // namespace

Operator makeConnectionOperator(std::string_view name)
{
    const auto found = operators().find(name);
    return found == operators().end() ? Operator() : Operator(found->second);
}

} // namespace sallyport::telemetry
