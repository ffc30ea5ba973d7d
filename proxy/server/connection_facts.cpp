// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/connection_facts.h"

#include <cstring>

namespace sallyport::server {

dataplane::IpAddress ipAddressOf(const net::Address &address)
{
    dataplane::IpAddress ip;
    if (address.family() == net::Address::Family::V4) {
        ip.family = 4;
        const std::uint32_t bits = address.v4();
        for (unsigned i = 0; i < 4; ++i)
            ip.bytes[i] = static_cast<std::uint8_t>(bits >> (24U - 8U * i));
    } else if (address.family() == net::Address::Family::V6) {
        ip.family = 6;
        std::memcpy(ip.bytes.data(), &address.v6(), ip.bytes.size());
    }
    return ip;
}

dataplane::ConnectionFacts connectionFactsOf(const net::Connection &connection,
                                             std::string_view requestedServerName)
{
    const net::ConnectionAddresses &addresses = connection.addresses();
    dataplane::ConnectionFacts facts;
    facts.localIp = ipAddressOf(addresses.local);
    facts.localPort = addresses.local.port();
    facts.remoteIp = ipAddressOf(addresses.remote);
    facts.sourceIp = facts.remoteIp;
    facts.directRemoteIp = ipAddressOf(addresses.directRemote);
    facts.sourcePort = addresses.remote.port();
    facts.requestedServerName = requestedServerName;
    if (const net::TlsInfo *tls = connection.tls()) {
        facts.tls = true;
        facts.peerPresented = tls->peerPresented();
        facts.peerValidated = tls->peerPresented() && tls->peerValidated();
        if (const net::CertificateFacts *peer = tls->peer()) {
            facts.uriSans = &peer->uriSans;
            facts.dnsSans = &peer->dnsSans;
            facts.subject = peer->subject;
        }
    }
    return facts;
}

} // namespace sallyport::server
