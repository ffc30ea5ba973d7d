// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/consistent_hash.h"

#include "proxy/upstream/load_balancer.h"

#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace sallyport::upstream {

std::uint64_t hashText(std::string_view text, std::uint64_t seed)
{
    return XXH64(text.data(), text.size(), seed);
}

std::uint64_t murmurHash2(std::string_view text, std::uint64_t seed)
{
    constexpr std::uint64_t multiplier = (0xc6a4a793ULL << 32U) + 0x5bd1e995ULL;
    const auto mix = [](std::uint64_t value) { return value ^ (value >> 47U); };
    const std::size_t whole = text.size() & ~std::size_t(7);
    std::uint64_t hash = seed ^ (text.size() * multiplier);
    for (std::size_t i = 0; i < whole; i += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + i, 8);
        hash = (hash ^ (mix(word * multiplier) * multiplier)) * multiplier;
    }
    if (whole < text.size()) {
        std::uint64_t rest = 0;
        for (std::size_t i = text.size(); i-- > whole;)
            rest = (rest << 8U) + static_cast<unsigned char>(text[i]);
        hash = (hash ^ rest) * multiplier;
    }
    return mix(mix(hash) * multiplier);
}

std::vector<RingPoint> hashRing(const std::vector<HashedHost> &hosts, std::uint64_t minimum,
                                std::uint64_t maximum, bool murmur)
{
    std::vector<RingPoint> ring;
    double total = 0;
    for (const HashedHost &host : hosts)
        total += host.weight;
    if (total <= 0)
        return ring;
    double smallest = 1;
    for (const HashedHost &host : hosts)
        smallest = std::min(smallest, host.weight / total);
    const double scale =
        std::min(std::ceil(smallest * static_cast<double>(minimum)) / smallest, static_cast<double>(maximum));
    ring.reserve(static_cast<std::size_t>(std::ceil(scale)));
    double current = 0;
    double target = 0;
    for (std::size_t index = 0; index < hosts.size(); ++index) {
        target += scale * hosts[index].weight / total;
        for (std::uint64_t i = 0; current < target; ++i, ++current) {
            const std::string key = hosts[index].key + '_' + std::to_string(i);
            ring.push_back({murmur ? murmurHash2(key) : hashText(key), static_cast<std::uint32_t>(index)});
        }
    }
    std::sort(ring.begin(), ring.end(),
              [](const RingPoint &a, const RingPoint &b) { return a.hash < b.hash; });
    return ring;
}

std::vector<std::uint32_t> maglevTable(const std::vector<HashedHost> &hosts, std::uint64_t size)
{
    struct Entry
    {
        std::uint64_t offset;
        std::uint64_t skip;
        double weight;
        double target = 0;
        std::uint64_t next = 0;
    };
    double largest = 0;
    for (const HashedHost &host : hosts)
        largest = std::max(largest, host.weight);
    std::vector<Entry> entries;
    entries.reserve(hosts.size());
    for (const HashedHost &host : hosts)
        entries.push_back({hashText(host.key) % size, hashText(host.key, 1) % (size - 1) + 1, host.weight});
    constexpr std::uint32_t none = ~0U;
    std::vector<std::uint32_t> table(entries.empty() ? 0 : size, none);
    std::uint64_t filled = 0;
    for (std::uint64_t pass = 1; filled < table.size(); ++pass) {
        for (std::size_t i = 0; i < entries.size() && filled < table.size(); ++i) {
            Entry &entry = entries[i];
            // A lighter host sits out until the passes have caught up with its share.
            if (static_cast<double>(pass) * entry.weight < entry.target)
                continue;
            entry.target += largest;
            std::uint64_t slot = (entry.offset + entry.skip * entry.next) % size;
            while (table[slot] != none) {
                ++entry.next;
                slot = (entry.offset + entry.skip * entry.next) % size;
            }
            table[slot] = static_cast<std::uint32_t>(i);
            ++entry.next;
            ++filled;
        }
    }
    return table;
}

} // namespace sallyport::upstream
