// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/dynamic_forward_proxy_filter.h"

#include "proxy/upstream/cluster_manager.h"
#include "proxy/upstream/dns_cache.h"

#include <charconv>

namespace sallyport::filters {

namespace {

struct Target
{
    std::string host;
    std::uint16_t port = 0;
};

/// `host`, `host:port`, `[v6]:port`.
Target targetOf(std::string_view authority, std::uint16_t defaultPort)
{
    Target target;
    target.port = defaultPort;
    const std::size_t bracket = authority.rfind(']');
    const std::size_t colon = authority.rfind(':');
    const bool hasPort =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    if (hasPort) {
        const std::string_view digits = authority.substr(colon + 1);
        std::uint16_t port = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
        if (error == std::errc() && end == digits.data() + digits.size() && port > 0)
            target.port = port;
        authority = authority.substr(0, colon);
    }
    if (authority.size() > 1 && authority.front() == '[' && authority.back() == ']')
        authority = authority.substr(1, authority.size() - 2);
    target.host = std::string(authority);
    return target;
}

class DynamicForwardProxyFilter final : public HttpFilter
{
public:
    DynamicForwardProxyFilter(std::shared_ptr<upstream::DnsCache> cache, LookedUpBy by,
                              bool allowsDynamicHost)
        : m_cache(std::move(cache))
        , m_by(by)
        , m_allowsDynamicHost(allowsDynamicHost)
    {
    }

    FilterStatus decodeHeaders(http::HeaderMap &headers, bool) override
    {
        const dataplane::CompiledRoute *route = m_callbacks->route();
        const dataplane::RouteAction *action = route ? route->action() : nullptr;
        const upstream::ClusterInfoPtr cluster =
            action ? m_callbacks->clusters().find(action->cluster) : nullptr;
        if (!cluster || cluster->configuration().type != dataplane::Cluster::Type::DynamicForwardProxy)
            return FilterStatus::Continue;
        m_cluster = cluster;
        constexpr std::uint16_t plainPort = 80;
        constexpr std::uint16_t tlsPort = 443;
        std::uint16_t usual = cluster->configuration().transport.tls ? tlsPort : plainPort;
        // Filters before this one may have said another host, and the port where the host has none.
        const telemetry::FilterState &state = m_callbacks->streamInfo().filterState;
        const std::string_view digits = state.text(dataplane::dynamicPortKey);
        if (std::uint16_t port = 0;
            std::from_chars(digits.data(), digits.data() + digits.size(), port).ec == std::errc() && port > 0)
            usual = port;
        const std::string_view dynamic = state.text(dataplane::dynamicHostKey);
        m_target = targetOf(dynamic.empty() ? headers.get(http::Known::Authority) : dynamic, usual);
        // A filter that may not believe it looks the request's own host up, before the cluster goes to the
        // other.
        if (!dynamic.empty() && m_by == LookedUpBy::Filter && !m_allowsDynamicHost)
            return find(targetOf(headers.get(http::Known::Authority), usual), [this] {
                m_by = LookedUpBy::Cluster;
                return find(m_target, [] { return FilterStatus::Continue; });
            });
        return find(m_target, [] { return FilterStatus::Continue; });
    }

private:
    using Next = std::function<FilterStatus()>;

    /// What is known at once goes on at once.
    FilterStatus find(const Target &target, const Next &next)
    {
        if (const auto literal = net::Address::parseIp(target.host, target.port)) {
            take(*literal);
            return next();
        }
        if (!m_cache->takesMore()) {
            refusePending();
            return FilterStatus::Stop;
        }
        if (const std::optional<upstream::DnsCache::Answer> known = m_cache->find(target.host, target.port)) {
            if (known->address.isIp()) {
                take(known->address);
                return next();
            }
            refuse(known->why);
            return FilterStatus::Stop;
        }
        m_query = m_cache->resolve(target.host, target.port, m_callbacks->dispatcher(),
                                   [this, next](const net::Address &address, const std::string &why) {
                                       if (!address.isIp()) {
                                           refuse(why);
                                           return;
                                       }
                                       take(address);
                                       if (next() == FilterStatus::Continue)
                                           m_callbacks->continueDecoding();
                                   });
        return FilterStatus::Stop;
    }

    void take(const net::Address &address) { m_callbacks->streamInfo().forwardProxyHost = address; }

    void refuse(const std::string &why)
    {
        reply("dns_resolution_failure{" + why + '}', "DNS resolution failure",
              telemetry::ResponseFlag::DnsResolutionFailed);
    }
    void refusePending()
    {
        if (m_by == LookedUpBy::Cluster)
            reply("dns_cache_pending_requests_overflow", {}, std::nullopt);
        else
            reply("dynamic_forward_proxy_pending_request_overflow",
                  "Dynamic forward proxy pending request overflow", std::nullopt);
    }
    /// A cluster has no host, and says no more than that.
    void reply(const std::string &details, std::string_view body, std::optional<telemetry::ResponseFlag> flag)
    {
        LocalReply local;
        local.status = 503;
        local.details = details;
        local.body = body;
        local.flag = flag;
        if (m_by == LookedUpBy::Cluster) {
            m_cluster->stats().cxNoneHealthy.inc();
            local.body = "no healthy upstream";
            local.flag = telemetry::ResponseFlag::NoHealthyUpstream;
        }
        m_callbacks->sendLocalReply(local);
    }

    std::shared_ptr<upstream::DnsCache> m_cache;
    LookedUpBy m_by;
    bool m_allowsDynamicHost;
    Target m_target;
    upstream::ClusterInfoPtr m_cluster;
    std::unique_ptr<upstream::DnsCache::Query> m_query;
};

} // namespace

Result<FilterFactory> makeDynamicForwardProxyFactory(const dataplane::DynamicForwardProxy &configuration,
                                                     LookedUpBy by, telemetry::StatsStore &store)
{
    std::shared_ptr<upstream::DnsCache> cache = upstream::DnsCache::create(configuration.cache, store);
    if (!cache)
        return fail("a dynamic forward proxy needs the main thread's event loop");
    return FilterFactory([cache, by, allows = configuration.allowDynamicHost] {
        return std::make_unique<DynamicForwardProxyFilter>(cache, by, allows);
    });
}

} // namespace sallyport::filters
