// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"
#include "core/dataplane/ip_literal.h"

#include <algorithm>

namespace sallyport::dataplane {

namespace {

constexpr const char *caresResolver = "envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig";
constexpr const char *systemResolver =
    "envoy.extensions.network.dns_resolver.getaddrinfo.v3.GetAddrInfoDnsResolverConfig";

template<typename A>
void describeOptions(A &a, DnsResolver &m)
{
    a.group("dns_resolver_options", [&](A &options) {
        options.field("use_tcp_for_dns_lookups", m.useTcp);
        options.field("no_default_search_domain", m.noDefaultSearchDomain);
    });
}

template<typename A>
void describeServers(A &a, DnsResolver &m)
{
    a.field("resolvers", m.resolvers);
    describeOptions(a, m);
    a.check(std::all_of(m.resolvers.begin(), m.resolvers.end(),
                        [](const SocketAddress &server) {
                            return server.pipe.empty() && isIpLiteral(server.address);
                        }),
            "resolvers", "a name server has an IP address");
}

template<typename A>
void describeCares(A &a, DnsResolver &m)
{
    describeServers(a, m);
    a.field("rotate_nameservers", m.rotateNameservers);
    a.field("query_timeout_seconds", m.queryTimeoutSeconds);
    a.field("query_tries", m.queryTries);
    // Sizes and lives of sockets, and a cache that answers only what was answered.
    a.ignored({"udp_max_queries", "edns0_max_payload_size", "max_udp_channel_duration",
               "reinit_channel_on_timeout", "qcache_max_ttl"});
    a.refused({"filter_unroutable_families", "use_resolvers_as_fallback"});
}

std::optional<DnsResolver> readTyped(JsonReader &a)
{
    std::optional<DnsResolver> typed;
    a.group("typed_dns_resolver_config", [&](JsonReader &extension) {
        extension.ignored({"name"});
        extension.any("typed_config", [&](JsonReader &config, const std::string &type) {
            typed.emplace().system = type == systemResolver;
            if (typed->system) {
                config.ignoreRest();
                return;
            }
            config.check(type == caresResolver || config.state().asked != nullptr, "@type",
                         "this field of Envoy's is not supported by this gateway with such a type");
            describeCares(config, *typed);
        });
    });
    return typed;
}

void writeTyped(JsonWriter &a, DnsResolver &m)
{
    QJsonObject typed;
    if (!m.system) {
        JsonWriter config;
        describeCares(config, m);
        typed = config.object();
    }
    typed.insert(QStringLiteral("@type"),
                 QLatin1String(typePrefix) + QLatin1String(m.system ? systemResolver : caresResolver));
    const QString name = m.system ? QStringLiteral("envoy.network.dns_resolver.getaddrinfo")
                                  : QStringLiteral("envoy.network.dns_resolver.cares");
    a.set("typed_dns_resolver_config",
          QJsonObject{{QStringLiteral("name"), name}, {QStringLiteral("typed_config"), typed}});
}

} // namespace

template<typename A>
void describeResolver(A &a, const char *useTcp, std::optional<DnsResolver> &m)
{
    if constexpr (A::reading) {
        // The newest of the three counts.
        bool tcp = false;
        a.field(useTcp, tcp);
        if (tcp)
            m.emplace().useTcp = true;
        if (a.has("dns_resolution_config") || a.state().asked != nullptr)
            m.emplace();
        a.group("dns_resolution_config", [&m](A &config) { describeServers(config, *m); });
        if (std::optional<DnsResolver> typed = readTyped(a))
            m = std::move(typed);
        if (a.state().asked != nullptr)
            m.reset();
    } else if (m) {
        writeTyped(a, *m);
    }
}

template void describeResolver(JsonReader &, const char *, std::optional<DnsResolver> &);
template void describeResolver(JsonWriter &, const char *, std::optional<DnsResolver> &);

} // namespace sallyport::dataplane
