// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/base.h"

namespace sallyport::dataplane {

/// Who is asked for names: envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig, or the
/// same by older fields; or the system's own way (getaddrinfo).
struct DnsResolver
{
    bool system = false;                  ///< getaddrinfo: nothing else counts
    std::vector<SocketAddress> resolvers; ///< the name servers; none: those of resolv.conf
    bool useTcp = false;                  ///< dns_resolver_options.use_tcp_for_dns_lookups
    bool noDefaultSearchDomain = false;   ///< dns_resolver_options: names are asked for as they are
    bool rotateNameservers = false;
    std::optional<std::uint64_t> queryTimeoutSeconds; ///< of one try; c-ares's 5 s
    std::optional<std::uint32_t> queryTries;          ///< c-ares's 4

    bool operator==(const DnsResolver &) const = default;
};

} // namespace sallyport::dataplane
