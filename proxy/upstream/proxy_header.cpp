// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/proxy_header.h"

#include <algorithm>

namespace sallyport::upstream {

namespace {

/// Those that are configured come first, and in the place of the client's own of the same type.
std::vector<net::ProxyTlv> tlvsFor(const dataplane::ProxyProtocolConfig &config,
                                   const std::vector<net::ProxyTlv> *received)
{
    std::vector<net::ProxyTlv> tlvs;
    const auto isAdded = [&config](std::uint8_t type) {
        return std::any_of(config.added.begin(), config.added.end(),
                           [type](const auto &added) { return added.type == type; });
    };
    for (const dataplane::ProxyProtocolConfig::Tlv &added : config.added)
        tlvs.push_back({static_cast<std::uint8_t>(added.type), added.value});
    if (received == nullptr)
        return tlvs;
    const std::vector<std::uint32_t> &types = config.passThrough.types;
    for (const net::ProxyTlv &tlv : *received) {
        const bool passes =
            config.passThrough.all || std::find(types.begin(), types.end(), tlv.type) != types.end();
        if (passes && !isAdded(tlv.type))
            tlvs.push_back(tlv);
    }
    return tlvs;
}

} // namespace

std::string proxyHeaderFor(const dataplane::UpstreamTransport &transport,
                           const net::ConnectionAddresses &downstream)
{
    if (!transport.proxyProtocol)
        return {};
    if (transport.proxyProtocol->version == 1)
        return net::proxyHeaderV1(downstream.remote, downstream.local);
    return net::proxyHeaderV2(downstream.remote, downstream.local,
                              tlvsFor(*transport.proxyProtocol, downstream.proxyTlvs.get()));
}

void nameNoClient(net::ConnectOptions &options, const dataplane::UpstreamTransport &transport)
{
    options.namesItself = transport.proxyProtocol && transport.proxyProtocol->version == 1;
    if (!options.namesItself)
        options.preamble = proxyHeaderFor(transport, {});
}

} // namespace sallyport::upstream
