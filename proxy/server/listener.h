// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/filter_chain_matcher.h"
#include "proxy/server/filter_chain.h"
#include "proxy/server/listen_socket.h"
#include "proxy/server/listener_stats.h"

namespace sallyport::server {

/// One version of a listener: what its configuration was made into. Made on the main thread, shared by the
/// workers; connections keep the version that they were accepted with.
class Listener
{
public:
    /// `path` is the JSON path, for errors. Chains of `previous` (may be null) that did not change are taken
    /// over if nothing else of the listener changed, so that their connections go on untouched.
    static Result<std::shared_ptr<Listener>> create(const dataplane::Listener &configuration,
                                                    const std::string &path, const Listener *previous,
                                                    const ListenerContext &context);

    const dataplane::Listener &configuration() const { return m_configuration; }
    /// The name, or the address of a listener without one.
    const std::string &name() const { return m_name; }
    /// The configured addresses, the main one first.
    const std::vector<net::Address> &addresses() const { return m_addresses; }
    /// Null: no chain matches.
    FilterChainPtr findChain(const dataplane::ChainFacts &facts) const;
    /// Every connection gets it: the only chain, which asks for nothing. Null if the chains differ.
    const FilterChainPtr &onlyChain() const { return m_onlyChain; }
    /// In the order of the configuration, the default chain last.
    const std::vector<FilterChainPtr> &chains() const { return m_chains; }
    bool has(const FilterChain &chain) const;
    /// Those that do something here.
    const std::vector<dataplane::ListenerFilter> &listenerFilters() const { return m_listenerFilters; }
    /// 0: they may take for ever.
    std::chrono::milliseconds listenerFiltersTimeout() const { return m_listenerFiltersTimeout; }
    /// Most connections at a time; none: no limit.
    std::optional<std::uint64_t> connectionLimit() const { return m_connectionLimit; }
    /// The same for the process as a whole, unless this listener is exempt.
    std::optional<std::uint64_t> globalConnectionLimit() const { return m_globalConnectionLimit; }
    /// A connection came above the global limit, which an overload monitor may have set.
    void countGlobalOverflow() const
    {
        if (m_globalOverflows != nullptr)
            m_globalOverflows->inc();
    }
    OpenConnections &openConnections() const { return *m_openConnections; }

    telemetry::ListenerStats &stats() const { return *m_stats; }
    /// Counts a connection on a chain without filters.
    void countMissingFilters() const { m_filtersMissing->inc(); }
    ListenerTlsStats *tlsStats() const { return m_tlsStats.get(); }
    // There if the listener has the filter.
    TlsInspectorStats &tlsInspectorStats() const { return *m_tlsInspectorStats; }
    HttpInspectorStats &httpInspectorStats() const { return *m_httpInspectorStats; }
    ProxyProtocolStats &proxyProtocolStats() const { return *m_proxyProtocolStats; }
    const std::vector<std::shared_ptr<const telemetry::AccessLogger>> &accessLogs() const
    {
        return m_accessLogs;
    }

    /// The sockets that it takes connections from; set before workers see it.
    const std::vector<std::shared_ptr<ListenSocket>> &sockets() const { return m_sockets; }
    void setSockets(std::vector<std::shared_ptr<ListenSocket>> sockets) { m_sockets = std::move(sockets); }

private:
    Listener() = default;
    void limitConnections(const ListenerContext &context, std::optional<std::uint64_t> byRuntime);
    Result<void> makeChains(const std::string &path, const Listener *previous,
                            const ListenerContext &context);

    dataplane::Listener m_configuration;
    std::string m_name;
    std::vector<net::Address> m_addresses;
    std::vector<FilterChainPtr> m_chains;
    FilterChainPtr m_onlyChain;
    FilterChainPtr m_defaultChain;
    std::optional<dataplane::FilterChainMatcher> m_matcher;
    std::vector<dataplane::ListenerFilter> m_listenerFilters;
    std::chrono::milliseconds m_listenerFiltersTimeout{15'000};
    std::optional<std::uint64_t> m_connectionLimit;
    std::optional<std::uint64_t> m_globalConnectionLimit;
    telemetry::Counter *m_globalOverflows = nullptr; ///< the monitor's
    std::shared_ptr<OpenConnections> m_openConnections;
    std::shared_ptr<telemetry::ListenerStats> m_stats;
    telemetry::Counter *m_filtersMissing = nullptr;
    std::shared_ptr<ListenerTlsStats> m_tlsStats;
    std::unique_ptr<TlsInspectorStats> m_tlsInspectorStats;
    std::unique_ptr<HttpInspectorStats> m_httpInspectorStats;
    std::unique_ptr<ProxyProtocolStats> m_proxyProtocolStats;
    std::vector<std::shared_ptr<const telemetry::AccessLogger>> m_accessLogs;
    std::vector<std::shared_ptr<ListenSocket>> m_sockets;
};

/// The address of a listener's configuration; the error says what is wrong with it.
Result<net::Address> addressOf(const dataplane::SocketAddress &configured);

} // namespace sallyport::server
