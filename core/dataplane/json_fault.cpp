// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

template<typename A>
void describe(A &a, Fault &m)
{
    a.message("envoy.extensions.filters.http.fault.v3.HTTPFault");
    const auto statusGood = [](std::uint32_t status) { return status >= 200 && status < 600; };
    if (A::reading || m.delay) {
        Fault::Delay delay = m.delay.value_or(Fault::Delay());
        a.group(
            "delay",
            [&](A &inner) {
                inner.field("fixed_delay", delay.fixed);
                if (A::reading || !delay.fixed)
                    inner.group(
                        "header_delay", [](A &) {}, true);
                inner.field("percentage", delay.percentage);
                if constexpr (A::reading) {
                    // A static runtime may have put another in its place.
                    inner.check(!delay.fixed || *delay.fixed > Duration::zero(), "fixed_delay",
                                "a delay must be longer than 0s");
                    m.delay = delay;
                }
            },
            true);
    }
    if (A::reading || m.abort) {
        Fault::Abort abort = m.abort.value_or(Fault::Abort());
        a.group(
            "abort",
            [&](A &inner) {
                inner.field("http_status", abort.httpStatus);
                inner.field("grpc_status", abort.grpcStatus);
                if (A::reading || (!abort.httpStatus && !abort.grpcStatus))
                    inner.group(
                        "header_abort", [](A &) {}, true);
                inner.field("percentage", abort.percentage);
                if constexpr (A::reading) {
                    // A static runtime may have put another in its place.
                    inner.check(!abort.httpStatus || statusGood(*abort.httpStatus), "http_status",
                                "a status from 200 to 599 is expected");
                    m.abort = abort;
                }
            },
            true);
    }
    a.field("upstream_cluster", m.upstreamCluster);
    a.field("headers", m.headers);
    a.field("max_active_faults", m.maxActiveFaults);
    a.keys({"delay_percent_runtime", "abort_percent_runtime", "delay_duration_runtime",
            "abort_http_status_runtime", "max_active_faults_runtime"});
    a.ignored({"response_rate_limit_percent_runtime"});
    a.refused({"abort_grpc_status_runtime"});
    a.field("disable_downstream_cluster_stats", m.disableDownstreamClusterStats);
    a.field("filter_metadata", m.filterMetadata);
    a.refused({"response_rate_limit", "downstream_nodes"});
}
SALLYPORT_DESCRIBED(Fault)

} // namespace sallyport::dataplane
