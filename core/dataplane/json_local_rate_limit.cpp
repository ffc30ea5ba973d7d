// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

template<typename A>
void describe(A &a, LocalRateLimit &m)
{
    a.message("envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit");
    a.field("stat_prefix", m.statPrefix);
    if (A::reading || m.status != 429)
        a.group("status", [&](A &inner) {
            std::optional<std::uint32_t> status = m.status;
            describeStatus(inner, status);
            if constexpr (A::reading)
                m.status = status.value_or(m.status);
        });
    if (A::reading || m.hasTokenBucket) {
        a.group("token_bucket", [&](A &inner) {
            if constexpr (A::reading)
                m.hasTokenBucket = true;
            inner.field("max_tokens", m.maxTokens);
            inner.field("tokens_per_fill", m.tokensPerFill, 1U);
            inner.field("fill_interval", m.fillInterval);
        });
    }
    a.field("filter_enabled", m.filterEnabled);
    a.field("filter_enforced", m.filterEnforced);
    a.field("request_headers_to_add_when_not_enforced", m.requestHeadersToAddWhenNotEnforced);
    a.field("response_headers_to_add", m.responseHeadersToAdd);
    checkAddedHeaders(a, "request_headers_to_add_when_not_enforced", m.requestHeadersToAddWhenNotEnforced);
    checkAddedHeaders(a, "response_headers_to_add", m.responseHeadersToAdd);
    a.word("enable_x_ratelimit_headers", m.xRateLimitHeaders, {"OFF", "DRAFT_VERSION_03"});
    a.ignored({"stage", "always_consume_default_token_bucket"});
    a.refused({"vh_rate_limits", "local_rate_limit_per_downstream_connection"});
    a.refused({"descriptors", "local_cluster_rate_limit", "rate_limits"});
}
SALLYPORT_DESCRIBED(LocalRateLimit)

} // namespace sallyport::dataplane
