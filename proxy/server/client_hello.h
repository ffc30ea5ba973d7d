// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::server {

/// What tls_inspector sees in the first bytes of a connection.
struct ClientHello
{
    enum class Status : std::uint8_t { NeedMore, NotTls, TooLarge, Complete };
    Status status = Status::NeedMore;
    std::string serverName; ///< lower case; empty without SNI
    std::vector<std::string> applicationProtocols;

    /// What fingerprints are made of, in the order on the wire; only filled in on demand.
    struct Offer
    {
        unsigned version = 0; ///< legacy_version
        std::vector<unsigned> ciphers;
        std::vector<unsigned> extensions;
        std::vector<unsigned> groups;
        std::vector<unsigned> pointFormats;
        std::vector<unsigned> signatureAlgorithms;
        std::vector<unsigned> versions; ///< supported_versions
    };
    Offer offer;

    /// A longer ClientHello is refused, as Envoy does.
    static constexpr std::size_t MostBytes = std::size_t(16) * 1024;
};

/// Looks for a TLS ClientHello at the beginning of `bytes`, which may be spread over several records.
ClientHello inspectClientHello(std::string_view bytes, bool withOffer = false);

} // namespace sallyport::server
