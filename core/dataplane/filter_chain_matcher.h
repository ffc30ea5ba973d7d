// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/listener.h"
#include "core/dataplane/value_matchers.h"

namespace sallyport::dataplane {

/// What a filter chain is chosen by, once the listener filters have run.
struct ChainFacts
{
    IpAddress destinationIp;
    std::uint16_t destinationPort = 0;
    std::string_view serverName;        ///< SNI, lower case
    std::string_view transportProtocol; ///< `tls` or `raw_buffer`
    std::vector<std::string> applicationProtocols;
    IpAddress sourceIp;
    IpAddress directSourceIp;
    std::uint16_t sourcePort = 0;
};

/// Chooses a listener's filter chain. Envoy narrows the chains criterion by criterion (destination port,
/// address, server name, transport, application protocol, source type, source address, source port); at each
/// step the most specific value that fits wins and is not taken back
/// (envoy/config/listener/v3/listener_components.proto, FilterChainMatch).
class FilterChainMatcher
{
public:
    explicit FilterChainMatcher(const std::vector<FilterChain> &chains);
    /// Index of the chain; -1 if none matches.
    int find(const ChainFacts &facts) const;

private:
    struct Entry
    {
        FilterChainMatch match;
        std::vector<CompiledRange> destinations;
        std::vector<CompiledRange> sources;
        std::vector<CompiledRange> directSources;
        int index = 0;
    };
    std::vector<Entry> m_entries;
};

} // namespace sallyport::dataplane
