// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/address.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::net {

/// A PROXY protocol header, version 1 or 2, as HAProxy's specification defines it.
struct ProxyHeader
{
    struct Tlv
    {
        std::uint8_t type = 0;
        std::string value;
    };
    int version = 0;
    bool local = false; ///< LOCAL or UNKNOWN: the connection's own addresses count
    Address source;
    Address destination;
    std::vector<Tlv> tlvs;
};

struct ProxyHeaderParse
{
    enum class Status { Complete, NeedMore, NotProxy, Invalid };
    Status status = Status::NeedMore;
    std::size_t length = 0; ///< bytes that the header takes, when complete
    ProxyHeader header;
};

/// Looks at the first bytes of a connection.
ProxyHeaderParse parseProxyHeader(std::string_view bytes);

std::string proxyHeaderV1(const Address &source, const Address &destination);
/// LOCAL when the addresses are no IP addresses of one family.
std::string proxyHeaderV2(const Address &source, const Address &destination);

} // namespace sallyport::net
