// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::upstream {

/// A host as it stands on a ring or in a table.
struct HashedHost
{
    std::string key;
    double weight = 1;
};

/// A place of the ring: what hashes to it or before it belongs to the host with this index.
struct RingPoint
{
    std::uint64_t hash = 0;
    std::uint32_t host = 0;
};

/// Envoy's ring: points `<key>_<i>`, as many as the host's share of the ring, sorted by hash.
std::vector<RingPoint> hashRing(const std::vector<HashedHost> &hosts, std::uint64_t minimum,
                                std::uint64_t maximum, bool murmur);

/// Envoy's Maglev table: entry → index of the host.
std::vector<std::uint32_t> maglevTable(const std::vector<HashedHost> &hosts, std::uint64_t size);

} // namespace sallyport::upstream
