// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

template<typename A>
void describe(A &a, CircuitBreakerThresholds &m)
{
    a.message("envoy.config.cluster.v3.CircuitBreakers.Thresholds");
    int priority = m.highPriority ? 1 : 0;
    a.word("priority", priority, {"DEFAULT", "HIGH"});
    if constexpr (A::reading)
        m.highPriority = priority == 1;
    a.field("max_connections", m.maxConnections, 1024);
    a.field("max_pending_requests", m.maxPendingRequests, 1024);
    a.field("max_requests", m.maxRequests, 1024);
    a.field("max_retries", m.maxRetries, 3);
    a.field("track_remaining", m.trackRemaining);
    a.field("max_connection_pools", m.maxConnectionPools);
    if (A::reading || m.retryBudgetPercent) {
        a.group("retry_budget", [&](A &inner) {
            double percent = m.retryBudgetPercent.value_or(20);
            describePercentField(inner, "budget_percent", percent, -1);
            inner.field("min_retry_concurrency", m.minRetryConcurrency, 3U);
            if constexpr (A::reading)
                m.retryBudgetPercent = inner.has("budget_percent") ? percent : 20;
        });
    }
}
SALLYPORT_DESCRIBED(CircuitBreakerThresholds)

} // namespace sallyport::dataplane
