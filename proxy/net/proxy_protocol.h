// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/address.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::net {

/// A type-length-value of a PROXY header of version 2.
struct ProxyTlv
{
    std::uint8_t type = 0;
    std::string value;
};

/// A PROXY protocol header, version 1 or 2, as HAProxy's specification defines it.
struct ProxyHeader
{
    int version = 0;
    bool local = false; ///< LOCAL or UNKNOWN: the connection's own addresses count
    Address source;
    Address destination;
    std::vector<ProxyTlv> tlvs;
};

/// What is known of a PROXY header by the bytes that have come.
struct ProxyHeaderParse
{
    /// NotProxy: bytes enough to know that there is no header.
    enum class Status { Complete, NeedMore, NotProxy, Invalid };
    Status status = Status::NeedMore;
    int version = 0;        ///< 1 or 2 as soon as it is known
    std::size_t length = 0; ///< bytes that the header takes, when complete
    ProxyHeader header;
};

/// Looks at the first bytes of a connection. Without a signature it is certain only after as many bytes as a
/// header of version 2 has, or at the end of a line (source/extensions/filters/listener/proxy_protocol).
ProxyHeaderParse parseProxyHeader(std::string_view bytes);

/// As far as they go, the bytes are those that a header of this version begins with.
bool mayBeProxyHeader(std::string_view bytes, int version);

/// UNKNOWN when the addresses are no IP addresses of one family.
std::string proxyHeaderV1(const Address &source, const Address &destination);
/// LOCAL when the addresses are no IP addresses of one family.
std::string proxyHeaderV2(const Address &source, const Address &destination,
                          const std::vector<ProxyTlv> &tlvs = {});

} // namespace sallyport::net
