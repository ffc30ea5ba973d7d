// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/listener_stats.h"

namespace sallyport::telemetry {

ListenerStats::ListenerStats(StatsStore &store, const std::string &prefix,
                             const std::vector<std::string> &handlerNames)
    : cxTotal(store.counter(prefix + "downstream_cx_total"))
    , cxActive(store.gauge(prefix + "downstream_cx_active"))
    , cxDestroy(store.counter(prefix + "downstream_cx_destroy"))
    , cxLengthMs(store.histogram(prefix + "downstream_cx_length_ms"))
    , acceptedPerEvent(store.histogram(prefix + "connections_accepted_per_socket_event"))
    , cxOverflow(store.counter(prefix + "downstream_cx_overflow"))
    , globalCxOverflow(store.counter(prefix + "downstream_global_cx_overflow"))
    , cxOverloadReject(store.counter(prefix + "downstream_cx_overload_reject"))
    , transportConnectTimeout(store.counter(prefix + "downstream_cx_transport_socket_connect_timeout"))
    , preCxActive(store.gauge(prefix + "downstream_pre_cx_active"))
    , preCxTimeout(store.counter(prefix + "downstream_pre_cx_timeout"))
    , filterRemoteClose(store.counter(prefix + "downstream_listener_filter_remote_close"))
    , filterError(store.counter(prefix + "downstream_listener_filter_error"))
    , noFilterChainMatch(store.counter(prefix + "no_filter_chain_match"))
{
    for (const std::string &name : handlerNames) {
        const std::string handler = prefix + name + '.';
        handlers.push_back({&store.counter(handler + "downstream_cx_total"),
                            &store.gauge(handler + "downstream_cx_active")});
    }
}

} // namespace sallyport::telemetry
