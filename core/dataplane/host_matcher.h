// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/route.h"

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sallyport::dataplane {

/// Which virtual host a Host header means: the exact name, else the longest `*suffix`, else the longest
/// `prefix*`, else `*`.
class HostMatcher
{
public:
    HostMatcher(const RouteConfiguration &routes, bool ignorePort);
    /// Index into the configuration's virtual hosts; -1 if none matches.
    int find(std::string_view authority) const;

private:
    struct Hash
    {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    using Names = std::unordered_map<std::string, int, Hash, std::equal_to<>>;

    Names m_exact;
    std::map<std::size_t, Names, std::greater<>> m_suffixes; ///< by length, longest first
    std::map<std::size_t, Names, std::greater<>> m_prefixes;
    int m_any = -1;
    bool m_ignorePort;
};

} // namespace sallyport::dataplane
