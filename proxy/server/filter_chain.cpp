// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/filter_chain.h"

#include "core/result/placed.h"
#include "proxy/upstream/dns_cache.h"

namespace sallyport::server {

Result<std::shared_ptr<const FilterChain>>
FilterChain::create(const dataplane::FilterChain &configuration, const std::string &path,
                    const std::string &address, const ListenerTraits &listener,
                    CertificatesChanged onCertificatesChanged, const ListenerContext &context)
{
    const std::shared_ptr<FilterChain> chain(new FilterChain);
    chain->m_keptBootstrap = context.configuration->kept;
    chain->m_configuration = configuration;
    chain->m_drain = std::make_shared<DrainState>();
    auto info = std::make_shared<ChainInfo>();
    info->name = configuration.name;
    info->metadata = configuration.metadata;
    info->listenerName = listener.name;
    info->listenerMetadata = listener.metadata;
    info->direction = listener.direction;
    info->bypassesOverload = listener.bypassesOverload;
    info->tls = configuration.tls.has_value();
    info->drain = chain->m_drain;
    for (const dataplane::NetworkFilter &filter : configuration.filters) {
        if (const auto *forward = std::get_if<dataplane::SniDynamicForwardProxy>(&filter.config)) {
            info->sniAddresses = upstream::DnsCache::create(forward->cache, context.stats);
            info->sniPort = static_cast<std::uint16_t>(forward->port);
        }
    }
    chain->m_info = std::move(info);
    if (configuration.transportSocketConnectTimeout &&
        configuration.transportSocketConnectTimeout->count() > 0)
        chain->m_transportConnectTimeout =
            std::chrono::ceil<std::chrono::milliseconds>(*configuration.transportSocketConnectTimeout);
    if (configuration.tls) {
        auto tls = net::TlsServerContext::create(*configuration.tls, &context.secrets,
                                                 configuration.match.serverNames);
        if (!tls)
            return fail(placedAt(tls.error(), path + ".transport_socket"));
        chain->m_tls = *tls;
        chain->m_tls->setOnUpdated(
            [context = tls->get(), onCertificatesChanged = std::move(onCertificatesChanged)] {
                onCertificatesChanged(context->certificates());
            });
    }

    const FactoryContext factory{context.stats,
                                 context.logFiles,
                                 context.logListener,
                                 *context.configuration->clusters,
                                 address,
                                 listener.direction,
                                 context.configuration->bootstrap.node,
                                 context.healthcheckFailed};
    for (std::size_t i = 0; i < configuration.filters.size(); ++i) {
        const dataplane::NetworkFilter &filter = configuration.filters[i];
        const std::string at = path + ".filters[" + std::to_string(i) + ']';
        Result<std::shared_ptr<const TerminalFilter>> terminal;
        if (const auto *rbac = std::get_if<dataplane::Rbac>(&filter.config)) {
            chain->m_rbac.push_back(
                {std::make_shared<const filters::RbacConfig>(
                     *rbac, context.stats, rbac->statPrefix + (rbac->statPrefix.ends_with('.') ? "" : ".")),
                 rbac->continuousEnforcement});
            continue;
        }
        if (std::holds_alternative<dataplane::SniCluster>(filter.config)) {
            chain->m_sniCluster = true;
            continue;
        }
        if (std::holds_alternative<dataplane::SniDynamicForwardProxy>(filter.config))
            continue;
        if (std::holds_alternative<dataplane::OpaqueConfig>(filter.config))
            continue; // Istio's own filters that carry facts for its telemetry only
        if (const auto *http = std::get_if<dataplane::HttpConnectionManager>(&filter.config))
            terminal = makeHttpConnectionManager(*http, factory);
        else if (const auto *tcp = std::get_if<dataplane::TcpProxy>(&filter.config))
            terminal = makeTcpProxy(*tcp, factory);
        else
            terminal = makeDirectResponse(std::get<dataplane::NetworkDirectResponse>(filter.config));
        if (!terminal)
            return fail(placedAt(terminal.error(), at));
        chain->m_terminal = *terminal;
    }
    return FilterChainPtr(chain);
}

} // namespace sallyport::server
