// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/cors_filter.h"

#include "core/dataplane/value_matchers.h"

#include <algorithm>

namespace sallyport::filters {

namespace {

struct CorsStats
{
    telemetry::Counter &originValid;
    telemetry::Counter &originInvalid;
};

class CorsFilter : public HttpFilter
{
public:
    explicit CorsFilter(std::shared_ptr<const CorsStats> stats)
        : m_stats(std::move(stats))
    {
    }

    FilterStatus decodeHeaders(http::HeaderMap &headers, bool) override
    {
        using http::Known;
        const dataplane::CompiledRoute *route = m_callbacks->route();
        m_policy = ofRoute<dataplane::CorsPolicy>();
        if (route && !m_policy && route->action() && route->action()->cors)
            m_policy = &*route->action()->cors;
        // Only requests on their way to a cluster are looked at.
        if (!route || !route->action())
            m_policy = nullptr;
        const std::string_view origin = headers.get(Known::Origin);
        if (!m_policy || origin.empty())
            return FilterStatus::Continue;
        const bool enabled = falls(m_policy->filterEnabled, true);
        if (!enabled && !falls(m_policy->shadowEnabled, false))
            return FilterStatus::Continue;
        m_originAllowed = std::any_of(m_policy->allowOrigins.begin(), m_policy->allowOrigins.end(),
                                      [&](const dataplane::StringMatcher &matcher) {
                                          return dataplane::CompiledString(matcher).matches(origin) ||
                                                 (matcher.kind == dataplane::StringMatchKind::Exact &&
                                                  matcher.value == "*");
                                      });
        (m_originAllowed ? m_stats->originValid : m_stats->originInvalid).inc();
        if (!enabled) {
            m_originAllowed = false;
            return FilterStatus::Continue;
        }
        m_origin = origin;
        const bool preflight = headers.get(Known::Method) == "OPTIONS" &&
                               headers.find("access-control-request-method") &&
                               !headers.get("access-control-request-method").empty();
        if (!preflight || (!m_originAllowed && m_policy->forwardNotMatchingPreflights.value_or(true)))
            return FilterStatus::Continue;
        LocalReply reply;
        reply.status = 200;
        reply.details = "cors_response";
        reply.modifyHeaders = [this, &headers](http::HeaderMap &response) {
            // Only the origin itself tells who is refused: the rest is answered to everybody.
            if (m_originAllowed)
                response.add("access-control-allow-origin", m_origin);
            if (m_policy->allowCredentials.value_or(false))
                response.add("access-control-allow-credentials", "true");
            addAllowed(response, "access-control-allow-methods", m_policy->allowMethods,
                       headers.get("access-control-request-method"));
            addAllowed(response, "access-control-allow-headers", m_policy->allowHeaders,
                       headers.get("access-control-request-headers"));
            if (!m_policy->maxAge.empty())
                response.add("access-control-max-age", m_policy->maxAge);
            if (m_policy->allowPrivateNetworkAccess.value_or(false) &&
                headers.get("access-control-request-private-network") == "true")
                response.add("access-control-allow-private-network", "true");
        };
        m_preflight = true;
        m_callbacks->sendLocalReply(reply);
        return FilterStatus::Stop;
    }

    void encodeHeaders(http::HeaderMap &headers, bool) override
    {
        if (!m_originAllowed || !m_policy)
            return;
        if (!m_preflight) {
            headers.set("access-control-allow-origin", m_origin);
            if (m_policy->allowCredentials.value_or(false))
                headers.set("access-control-allow-credentials", "true");
        }
        if (!m_policy->exposeHeaders.empty())
            headers.set("access-control-expose-headers", m_policy->exposeHeaders);
    }

private:
    bool falls(const std::optional<dataplane::RuntimeFractionalPercent> &configured, bool otherwise) const
    {
        if (!configured || !configured->defaultValue)
            return otherwise;
        const dataplane::FractionalPercent &percent = *configured->defaultValue;
        return m_callbacks->random() % percent.denominatorValue() < percent.numerator;
    }
    /// `*` allows whatever is asked for, and says so in the request's own words.
    static void addAllowed(http::HeaderMap &headers, std::string_view name, const std::string &allowed,
                           std::string_view asked)
    {
        if (!allowed.empty())
            headers.add(name, allowed == "*" ? asked : std::string_view(allowed));
    }

    std::shared_ptr<const CorsStats> m_stats;
    const dataplane::CorsPolicy *m_policy = nullptr;
    std::string m_origin;
    bool m_originAllowed = false;
    bool m_preflight = false;
};

} // namespace

FilterFactory makeCorsFactory(telemetry::StatsStore &store, const std::string &statPrefix)
{
    auto stats = std::make_shared<const CorsStats>(CorsStats{
        store.counter(statPrefix + "cors.origin_valid"), store.counter(statPrefix + "cors.origin_invalid")});
    return [stats] { return std::make_unique<CorsFilter>(stats); };
}

} // namespace sallyport::filters
