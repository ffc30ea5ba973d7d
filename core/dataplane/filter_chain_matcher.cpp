// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/filter_chain_matcher.h"

#include "core/result/ascii_case.h"

#include <algorithm>
#include <functional>

namespace sallyport::dataplane {

namespace {

constexpr int noFit = -1;

std::vector<CompiledRange> compile(const std::vector<CidrRange> &ranges)
{
    return {ranges.begin(), ranges.end()};
}

/// How well an address fits a list of ranges: the longest prefix + 1, 0 without a list, noFit outside of it.
int rangeFit(const std::vector<CompiledRange> &ranges, const IpAddress &address)
{
    if (ranges.empty())
        return 0;
    int best = noFit;
    for (const CompiledRange &range : ranges) {
        if (range.contains(address))
            best = std::max(best, static_cast<int>(range.length()) + 1);
    }
    return best;
}

/// An exact name fits best, then the longest `*.suffix`.
int nameFit(const std::vector<std::string> &names, std::string_view serverName)
{
    if (names.empty())
        return 0;
    int best = noFit;
    for (const std::string &name : names) {
        if (name == serverName)
            best = std::max(best, 100'000);
        else if (name.starts_with("*.") && serverName.size() > name.size() - 1 &&
                 serverName.ends_with(std::string_view(name).substr(1)))
            best = std::max(best, static_cast<int>(name.size()));
        else if (name == "*")
            best = std::max(best, 0);
    }
    return best;
}

bool isLoopback(const IpAddress &address)
{
    if (address.family == 4)
        return address.bytes[0] == 127;
    return address.family == 6 &&
           std::all_of(address.bytes.begin(), address.bytes.end() - 1,
                       [](std::uint8_t byte) { return byte == 0; }) &&
           address.bytes[15] == 1;
}

int sourceTypeFit(FilterChainMatch::SourceType type, const ChainFacts &facts)
{
    const bool local = isLoopback(facts.sourceIp) || facts.sourceIp == facts.destinationIp;
    switch (type) {
    case FilterChainMatch::SourceType::Any:
        return 0;
    case FilterChainMatch::SourceType::SameIpOrLoopback:
        return local ? 1 : noFit;
    case FilterChainMatch::SourceType::External:
        return local ? noFit : 1;
    }
    return noFit;
}

} // namespace

FilterChainMatcher::FilterChainMatcher(const std::vector<FilterChain> &chains)
{
    int index = 0;
    for (const FilterChain &chain : chains) {
        const FilterChainMatch &match = chain.match;
        m_entries.push_back({match, compile(match.prefixRanges), compile(match.sourcePrefixRanges),
                             compile(match.directSourcePrefixRanges), index++});
        for (std::string &name : m_entries.back().match.serverNames)
            name = asciiLowered(name);
    }
}

int FilterChainMatcher::find(const ChainFacts &facts) const
{
    std::vector<const Entry *> left;
    left.reserve(m_entries.size());
    for (const Entry &entry : m_entries)
        left.push_back(&entry);

    const auto narrow = [&](const auto &fit) {
        int best = noFit;
        for (const Entry *entry : left)
            best = std::max(best, fit(*entry));
        std::erase_if(left, [&](const Entry *entry) { return best == noFit || fit(*entry) != best; });
    };
    narrow([&](const Entry &entry) {
        return !entry.match.destinationPort                            ? 0
               : *entry.match.destinationPort == facts.destinationPort ? 1
                                                                       : noFit;
    });
    narrow([&](const Entry &entry) { return rangeFit(entry.destinations, facts.destinationIp); });
    narrow([&](const Entry &entry) { return nameFit(entry.match.serverNames, facts.serverName); });
    narrow([&](const Entry &entry) {
        return entry.match.transportProtocol.empty()                      ? 0
               : entry.match.transportProtocol == facts.transportProtocol ? 1
                                                                          : noFit;
    });
    narrow([&](const Entry &entry) {
        const std::vector<std::string> &wanted = entry.match.applicationProtocols;
        if (wanted.empty())
            return 0;
        // The client's first protocol that any chain wants decides.
        for (std::size_t i = 0; i < facts.applicationProtocols.size(); ++i) {
            if (std::find(wanted.begin(), wanted.end(), facts.applicationProtocols[i]) != wanted.end())
                return 1000 - static_cast<int>(std::min<std::size_t>(i, 900));
        }
        return noFit;
    });
    narrow([&](const Entry &entry) { return rangeFit(entry.directSources, facts.directSourceIp); });
    narrow([&](const Entry &entry) { return sourceTypeFit(entry.match.sourceType, facts); });
    narrow([&](const Entry &entry) { return rangeFit(entry.sources, facts.sourceIp); });
    narrow([&](const Entry &entry) {
        const auto &ports = entry.match.sourcePorts;
        return ports.empty()                                                            ? 0
               : std::find(ports.begin(), ports.end(), facts.sourcePort) != ports.end() ? 1
                                                                                        : noFit;
    });
    return left.empty() ? -1 : left.front()->index;
}

} // namespace sallyport::dataplane
