// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

#include <set>

namespace sallyport::dataplane {

namespace {

/// What Envoy asks when it makes the filter, in its words (local_ratelimit_impl.cc, local_ratelimit.cc).
void checkLimits(JsonReader &a, const LocalRateLimit &m)
{
    for (const RateLimit &limit : m.rateLimits) {
        a.check(limit.stage == 0 && limit.disableKey.empty(), "rate_limits",
                "'stage' field and 'disable_key' field are not supported");
        a.check(!limit.overridesLimit, "rate_limits", "'limit' field is not supported");
    }
    std::set<RateLimitDescriptor> seen;
    for (const LocalRateLimitDescriptor &descriptor : m.descriptors) {
        a.check(descriptor.tokenBucket.fillInterval >= std::chrono::milliseconds(50), "descriptors",
                "local rate limit descriptor token bucket fill timer must be >= 50ms");
        std::string text = "duplicate descriptor in the local rate descriptor: ";
        const std::size_t begin = text.size();
        for (const RateLimitEntry &entry : descriptor.entries)
            text += (text.size() == begin ? "" : ", ") + entry.key + '=' + entry.value;
        a.check(seen.insert(descriptor.entries).second, "descriptors", text.c_str());
    }
}

} // namespace

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
    a.field("token_bucket", m.tokenBucket);
    a.field("filter_enabled", m.filterEnabled);
    a.field("filter_enforced", m.filterEnforced);
    a.field("request_headers_to_add_when_not_enforced", m.requestHeadersToAddWhenNotEnforced);
    a.field("response_headers_to_add", m.responseHeadersToAdd);
    checkAddedHeaders(a, "request_headers_to_add_when_not_enforced", m.requestHeadersToAddWhenNotEnforced);
    checkAddedHeaders(a, "response_headers_to_add", m.responseHeadersToAdd);
    a.word("enable_x_ratelimit_headers", m.xRateLimitHeaders, {"OFF", "DRAFT_VERSION_03"});
    a.field("enable_retry_after_header", m.retryAfter);
    a.field("rate_limited_as_resource_exhausted", m.resourceExhausted);
    a.field("stage", m.stage);
    a.word("vh_rate_limits", m.virtualHostLimits, {"OVERRIDE", "INCLUDE", "IGNORE"});
    a.field("rate_limits", m.rateLimits);
    a.field("descriptors", m.descriptors);
    a.field("always_consume_default_token_bucket", m.alwaysConsumeDefault, true);
    a.field("max_dynamic_descriptors", m.maxDynamicDescriptors, 20U);
    a.field("local_rate_limit_per_downstream_connection", m.perConnection);
    a.refused({"local_cluster_rate_limit"});
    if constexpr (A::reading)
        checkLimits(a, m);
}
SALLYPORT_DESCRIBED(LocalRateLimit)

} // namespace sallyport::dataplane
