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
    DynamicForwardProxyFilter(std::shared_ptr<upstream::DnsCache> cache, LookedUpBy by)
        : m_cache(std::move(cache))
        , m_by(by)
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
        const std::uint16_t usual = cluster->configuration().transport.tls ? tlsPort : plainPort;
        const Target target = targetOf(headers.get(http::Known::Authority),
                                       m_callbacks->streamInfo().forwardProxyPort.value_or(usual));
        if (const auto literal = net::Address::parseIp(target.host, target.port)) {
            take(*literal);
            return FilterStatus::Continue;
        }
        if (const std::optional<net::Address> known = m_cache->find(target.host, target.port)) {
            take(*known);
            return FilterStatus::Continue;
        }
        m_query = m_cache->resolve(
            target.host, target.port, m_callbacks->dispatcher(),
            [this](const net::Address &address, const std::string &why) { onAnswer(address, why); });
        return FilterStatus::Stop;
    }

private:
    void take(const net::Address &address) { m_callbacks->streamInfo().forwardProxyHost = address; }

    void onAnswer(const net::Address &address, const std::string &why)
    {
        if (address.isIp()) {
            take(address);
            m_callbacks->continueDecoding();
            return;
        }
        const std::string details = "dns_resolution_failure{" + why + '}';
        LocalReply reply;
        reply.status = 503;
        reply.details = details;
        if (m_by == LookedUpBy::Cluster) {
            m_cluster->stats().cxNoneHealthy.inc();
            reply.body = "no healthy upstream";
            reply.flag = telemetry::ResponseFlag::NoHealthyUpstream;
        } else {
            reply.body = "DNS resolution failure";
            reply.flag = telemetry::ResponseFlag::DnsResolutionFailed;
        }
        m_callbacks->sendLocalReply(reply);
    }

    std::shared_ptr<upstream::DnsCache> m_cache;
    LookedUpBy m_by;
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
    return FilterFactory([cache, by] { return std::make_unique<DynamicForwardProxyFilter>(cache, by); });
}

} // namespace sallyport::filters
