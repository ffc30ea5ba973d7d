// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/duration_operators.h"

#include "proxy/telemetry/log_value.h"

#include <algorithm>
#include <map>
#include <vector>

namespace sallyport::telemetry {

namespace {

using Context = const LogContext &;
using Simple = LogValue (*)(Context context, std::string &scratch);

LogValue span(const std::optional<TimePoint> &from, const std::optional<TimePoint> &to,
              std::chrono::nanoseconds unit = std::chrono::milliseconds(1))
{
    if (!from || !to || *to < *from)
        return null();
    return number(static_cast<std::uint64_t>((*to - *from) / unit));
}

/// From the stream's beginning to the end of the handshake, which came before it: 0 or less.
LogValue handshakeSpan(Context context, std::string &scratch)
{
    if (!context.info.downstreamHandshakeEnd)
        return null();
    scratch = std::to_string((*context.info.downstreamHandshakeEnd - context.info.start) /
                             std::chrono::milliseconds(1));
    return {LogValue::Kind::Json, scratch, 0};
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

const std::map<std::string_view, Simple> &durationOperators()
{
    static const std::map<std::string_view, Simple> table{
        {"REQUEST_DURATION",
         [](Context c, std::string &) { return span(c.info.start, c.info.lastDownstreamRx); }},
        {"REQUEST_TX_DURATION",
         [](Context c, std::string &) { return span(c.info.start, c.info.lastUpstreamTx); }},
        {"RESPONSE_DURATION",
         [](Context c, std::string &) { return span(c.info.start, c.info.firstUpstreamRx); }},
        {"RESPONSE_TX_DURATION",
         [](Context c, std::string &) { return span(c.info.firstUpstreamRx, c.info.lastDownstreamTx); }},
        {"UPSTREAM_CONNECTION_POOL_READY_DURATION",
         [](Context c, std::string &) { return span(c.info.upstreamRequestCreated, c.info.poolReady); }},
        {"DURATION", [](Context c, std::string &) { return span(c.info.start, c.info.end); }},
        {"DOWNSTREAM_HANDSHAKE_DURATION", [](Context c, std::string &s) { return handshakeSpan(c, s); }},
    };
    return table;
}

} // namespace

Operator makeDurationOperator(std::string_view name, const std::string &arguments)
{
    if (name == "COMMON_DURATION")
        return durationBetween(arguments);
    const auto found = durationOperators().find(name);
    return found == durationOperators().end() ? Operator() : Operator(found->second);
}

} // namespace sallyport::telemetry
