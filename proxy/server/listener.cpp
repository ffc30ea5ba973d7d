// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/listener.h"

#include "core/result/placed.h"

#include <QJsonArray>

#include <algorithm>

namespace sallyport::server {

namespace {

/// What a listener is apart from its chains: as long as it stays, unchanged chains may be kept.
dataplane::Listener withoutChains(dataplane::Listener configuration)
{
    configuration.filterChains.clear();
    configuration.defaultFilterChain.reset();
    return configuration;
}

bool asksForNothing(const dataplane::FilterChainMatch &match)
{
    return match == dataplane::FilterChainMatch();
}

} // namespace

Result<net::Address> addressOf(const dataplane::SocketAddress &configured)
{
    if (!configured.pipe.empty())
        return net::Address::pipe(configured.pipe);
    return net::Address::parseIp(configured.address, static_cast<std::uint16_t>(configured.port));
}

Result<std::shared_ptr<Listener>> Listener::create(const dataplane::Listener &configuration,
                                                   const std::string &path, const Listener *previous,
                                                   const ListenerContext &context)
{
    const std::shared_ptr<Listener> listener(new Listener);
    listener->m_configuration = configuration;
    const auto addAddress = [&](const dataplane::SocketAddress &configured,
                                const std::string &at) -> Result<void> {
        Result<net::Address> address = addressOf(configured);
        if (!address) {
            Error error = address.error();
            error.where.file = at;
            return fail(std::move(error));
        }
        listener->m_addresses.push_back(*address);
        return {};
    };
    if (Result<void> done = addAddress(configuration.address, path + ".address"); !done)
        return fail(done.error());
    for (std::size_t i = 0; i < configuration.additionalAddresses.size(); ++i) {
        if (Result<void> done = addAddress(configuration.additionalAddresses[i],
                                           path + ".additional_addresses[" + std::to_string(i) + ']');
            !done)
            return fail(done.error());
    }
    const std::string address = listener->m_addresses.front().toString();
    listener->m_name = configuration.name.empty() ? address : configuration.name;

    const std::string prefix =
        "listener." +
        telemetry::sanitizedStatName(configuration.statPrefix.empty() ? address : configuration.statPrefix) +
        '.';
    std::vector<std::string> workers;
    for (unsigned i = 0; i < context.workers; ++i)
        workers.push_back("worker_" + std::to_string(i));
    listener->m_stats = std::make_shared<telemetry::ListenerStats>(context.stats, prefix, workers);
    listener->m_filtersMissing = &context.stats.counter(prefix + "network_extension_config_missing");
    // Filters are never fetched from elsewhere here.
    context.stats.counter(prefix + "extension_config_missing");
    const bool anyTls =
        (configuration.defaultFilterChain && configuration.defaultFilterChain->tls) ||
        std::any_of(configuration.filterChains.begin(), configuration.filterChains.end(),
                    [](const dataplane::FilterChain &chain) { return chain.tls.has_value(); });
    if (anyTls)
        listener->m_tlsStats = std::make_shared<ListenerTlsStats>(context.stats, prefix);

    for (const dataplane::ListenerFilter &filter : configuration.listenerFilters) {
        using Kind = dataplane::ListenerFilter::Kind;
        if (filter.kind == Kind::TlsInspector)
            listener->m_tlsInspectorStats = std::make_unique<TlsInspectorStats>(context.stats);
        else if (filter.kind == Kind::HttpInspector)
            listener->m_httpInspectorStats = std::make_unique<HttpInspectorStats>(context.stats);
        else if (filter.kind == Kind::ProxyProtocol)
            listener->m_proxyProtocolStats = std::make_unique<ProxyProtocolStats>(
                context.stats, filter.proxyProtocol.statPrefix.empty()
                                   ? std::string()
                                   : telemetry::sanitizedStatName(filter.proxyProtocol.statPrefix) + '.');
        if (filter.kind != Kind::Other)
            listener->m_listenerFilters.push_back(filter);
    }
    if (configuration.listenerFiltersTimeout)
        listener->m_listenerFiltersTimeout =
            std::chrono::ceil<std::chrono::milliseconds>(*configuration.listenerFiltersTimeout);
    const auto runtime = dataplane::RuntimeLayers::read(context.configuration->bootstrap.runtimeLayers);
    listener->m_connectionLimit =
        runtime.number("envoy.resource_limits.listener." + listener->m_name + ".connection_limit");
    if (!configuration.ignoreGlobalConnLimit)
        listener->limitConnections(context, runtime.number("overload.global_downstream_max_connections"));
    listener->m_openConnections = context.openConnections;

    for (const dataplane::AccessLog &log : configuration.accessLogs) {
        auto logger = telemetry::AccessLogger::create(log, context.logFiles, context.logListener);
        if (!logger)
            return fail(placedAt(logger.error(), path + ".access_log"));
        listener->m_accessLogs.push_back(*logger);
    }
    if (Result<void> made = listener->makeChains(path, previous, context); !made)
        return fail(made.error());
    return listener;
}

/// Of the whole process; a monitor goes before the older key of the runtime.
void Listener::limitConnections(const ListenerContext &context, std::optional<std::uint64_t> byRuntime)
{
    m_globalConnectionLimit = byRuntime;
    const auto &manager = context.configuration->bootstrap.overloadManager;
    if (!manager)
        return;
    for (const dataplane::OverloadManager::Monitor &monitor : manager->monitors) {
        if (monitor.kind != dataplane::OverloadManager::Monitor::Kind::MaxConnections)
            continue;
        m_globalConnectionLimit = monitor.limit;
        m_globalOverflows = &context.stats.counter("overload." + monitor.name + ".failed_updates");
    }
}

Result<void> Listener::makeChains(const std::string &path, const Listener *previous,
                                  const ListenerContext &context)
{
    const bool mayKeep =
        previous != nullptr && withoutChains(previous->m_configuration) == withoutChains(m_configuration);
    const auto make = [&](const dataplane::FilterChain &chain,
                          const std::string &at) -> Result<FilterChainPtr> {
        if (mayKeep) {
            for (const FilterChainPtr &old : previous->m_chains) {
                if (old->configuration() == chain)
                    return old;
            }
        }
        const std::shared_ptr<ListenerTlsStats> tlsStats = m_tlsStats;
        return FilterChain::create(
            chain, at,
            m_configuration.statPrefix.empty() ? m_addresses.front().toString() : m_configuration.statPrefix,
            ListenerTraits{m_configuration.direction, m_configuration.bypassOverloadManager.value_or(false),
                           m_configuration.metadata, m_configuration.name},
            [tlsStats](const std::vector<net::CertificateInUse> &certificates) {
                tlsStats->onContextUpdated(certificates);
            },
            context);
    };
    for (std::size_t i = 0; i < m_configuration.filterChains.size(); ++i) {
        Result<FilterChainPtr> chain =
            make(m_configuration.filterChains[i], path + ".filter_chains[" + std::to_string(i) + ']');
        if (!chain)
            return fail(chain.error());
        m_chains.push_back(*chain);
    }
    if (m_configuration.filterChains.size() == 1 && asksForNothing(m_configuration.filterChains[0].match))
        m_onlyChain = m_chains.front();
    else
        m_matcher.emplace(m_configuration.filterChains);
    if (m_configuration.defaultFilterChain) {
        Result<FilterChainPtr> chain =
            make(*m_configuration.defaultFilterChain, path + ".default_filter_chain");
        if (!chain)
            return fail(chain.error());
        m_chains.push_back(*chain);
        m_defaultChain = *chain;
    }
    std::vector<net::CertificateInUse> certificates;
    for (const FilterChainPtr &chain : m_chains) {
        if (chain->tls() == nullptr)
            continue;
        const std::vector<net::CertificateInUse> more = chain->tls()->certificates();
        certificates.insert(certificates.end(), more.begin(), more.end());
    }
    if (m_tlsStats)
        m_tlsStats->setCertificates(certificates);
    return {};
}

FilterChainPtr Listener::findChain(const dataplane::ChainFacts &facts) const
{
    if (m_onlyChain)
        return m_onlyChain;
    const int index = m_matcher->find(facts);
    return index < 0 ? m_defaultChain : m_chains[static_cast<std::size_t>(index)];
}

bool Listener::has(const FilterChain &chain) const
{
    return std::any_of(m_chains.begin(), m_chains.end(),
                       [&](const FilterChainPtr &each) { return each.get() == &chain; });
}

} // namespace sallyport::server
