// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/proxy_protocol.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace sallyport::net {

namespace {

constexpr std::string_view SignatureV1 = "PROXY ";
constexpr std::string_view SignatureV2("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t HeaderV2 = 16;
constexpr std::size_t LongestV1 = 108;

ProxyHeaderParse outcome(ProxyHeaderParse::Status status, int version)
{
    ProxyHeaderParse parse;
    parse.status = status;
    parse.version = version;
    return parse;
}

/// Whom TCP can connect.
bool isUnicast(const Address &address)
{
    if (address.isAny())
        return false;
    if (address.family() == Address::Family::V4)
        return address.v4() >> 28U != 0xEU && address.v4() != 0xFFFFFFFFU;
    return address.v6().s6_addr[0] != 0xFF;
}

std::uint16_t number16(const char *bytes)
{
    return static_cast<std::uint16_t>(static_cast<unsigned char>(bytes[0]) << 8U |
                                      static_cast<unsigned char>(bytes[1]));
}

/// Zeros and a plus may lead.
bool parsePort(std::string_view text, std::uint16_t &port)
{
    if (text.starts_with('+'))
        text.remove_prefix(1);
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), port);
    return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

ProxyHeaderParse parseV1(std::string_view bytes)
{
    using Status = ProxyHeaderParse::Status;
    ProxyHeaderParse invalid = outcome(Status::Invalid, 1);
    const auto end = bytes.substr(0, LongestV1).find("\r\n");
    if (end == std::string_view::npos)
        return bytes.size() > LongestV1 ? invalid : ProxyHeaderParse();
    // What begins as version 2 does may be that.
    if (end == 0)
        return {};
    ProxyHeaderParse parse = outcome(Status::Complete, 1);
    parse.length = end + 2;
    parse.header.version = 1;
    if (!bytes.starts_with(SignatureV1))
        return invalid;
    std::string_view rest = bytes.substr(SignatureV1.size(), end - SignatureV1.size());
    rest = rest.substr(0, rest.find_last_not_of(" \t\v\f\r\n") + 1);
    if (rest.substr(0, rest.find(' ')) == "UNKNOWN") {
        parse.header.local = true;
        return parse;
    }
    std::array<std::string_view, 5> words;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto space = rest.find(' ');
        words[i] = rest.substr(0, space);
        const bool last = i + 1 == words.size();
        if (words[i].empty() || last != (space == std::string_view::npos))
            return invalid;
        rest.remove_prefix(last ? rest.size() : space + 1);
    }
    std::uint16_t sourcePort = 0;
    std::uint16_t destinationPort = 0;
    if (!parsePort(words[3], sourcePort) || !parsePort(words[4], destinationPort))
        return invalid;
    const auto source = Address::parseIp(words[1], sourcePort);
    const auto destination = Address::parseIp(words[2], destinationPort);
    const auto family = words[0] == "TCP4"   ? Address::Family::V4
                        : words[0] == "TCP6" ? Address::Family::V6
                                             : Address::Family::None;
    if (!source || !destination || source->family() != family || destination->family() != family ||
        !isUnicast(*source) || !isUnicast(*destination))
        return invalid;
    parse.header.source = *source;
    parse.header.destination = *destination;
    return parse;
}

ProxyHeaderParse parseV2(std::string_view bytes)
{
    using Status = ProxyHeaderParse::Status;
    ProxyHeaderParse invalid = outcome(Status::Invalid, 2);
    const auto versionAndCommand = static_cast<unsigned char>(bytes[12]);
    const auto familyAndProtocol = static_cast<unsigned char>(bytes[13]);
    const std::size_t size = number16(bytes.data() + 14);
    const unsigned command = versionAndCommand & 0xFU;
    const unsigned family = familyAndProtocol >> 4U;
    const unsigned protocol = familyAndProtocol & 0xFU;
    const std::size_t addresses = command == 0 ? 0 : family == 1 ? 12 : 36;
    if (versionAndCommand >> 4U != 2 || size < addresses)
        return invalid;
    // Streams and datagrams, of IPv4 and IPv6, on behalf of somebody.
    if (command != 0 && (command != 1 || family == 0 || family > 2 || protocol == 0 || protocol > 2))
        return invalid;
    if (bytes.size() < HeaderV2 + size)
        return outcome(Status::NeedMore, 2);
    ProxyHeaderParse parse = outcome(Status::Complete, 2);
    parse.length = HeaderV2 + size;
    parse.header.version = 2;
    parse.header.local = command == 0;
    std::string_view body = bytes.substr(HeaderV2, size);
    if (parse.header.local)
        return parse;

    if (family == 1) {
        const auto four = [&body](std::size_t at) {
            return static_cast<std::uint32_t>(number16(body.data() + at)) << 16U |
                   number16(body.data() + at + 2);
        };
        parse.header.source = Address::v4(four(0), number16(body.data() + 8));
        parse.header.destination = Address::v4(four(4), number16(body.data() + 10));
    } else {
        in6_addr source{};
        in6_addr destination{};
        std::memcpy(&source, body.data(), 16);
        std::memcpy(&destination, body.data() + 16, 16);
        parse.header.source = Address::v6(source, number16(body.data() + 32));
        parse.header.destination = Address::v6(destination, number16(body.data() + 34));
    }
    if (!isUnicast(parse.header.source) || !isUnicast(parse.header.destination))
        return invalid;
    body.remove_prefix(addresses);
    while (!body.empty()) {
        if (body.size() < 3)
            return invalid;
        const std::size_t length = number16(body.data() + 1);
        if (body.size() < 3 + length)
            return invalid;
        parse.header.tlvs.push_back(
            {static_cast<std::uint8_t>(body[0]), std::string(body.substr(3, length))});
        body.remove_prefix(3 + length);
    }
    return parse;
}

void appendNumber16(std::string &text, std::size_t number)
{
    text += static_cast<char>(number >> 8U);
    text += static_cast<char>(number & 0xFFU);
}

} // namespace

bool mayBeProxyHeader(std::string_view bytes, int version)
{
    const std::string_view signature = version == 1 ? SignatureV1 : SignatureV2;
    const std::size_t size = std::min(bytes.size(), signature.size());
    return bytes.substr(0, size) == signature.substr(0, size);
}

ProxyHeaderParse parseProxyHeader(std::string_view bytes)
{
    if (bytes.size() >= HeaderV2) {
        if (mayBeProxyHeader(bytes, 2))
            return parseV2(bytes);
        if (!mayBeProxyHeader(bytes, 1))
            return outcome(ProxyHeaderParse::Status::NotProxy, 0);
    }
    return parseV1(bytes);
}

std::string proxyHeaderV1(const Address &source, const Address &destination)
{
    if (!source.isIp() || source.family() != destination.family())
        return "PROXY UNKNOWN\r\n";
    return std::string(SignatureV1) + (source.family() == Address::Family::V4 ? "TCP4 " : "TCP6 ") +
           source.ipText() + ' ' + destination.ipText() + ' ' + std::to_string(source.port()) + ' ' +
           std::to_string(destination.port()) + "\r\n";
}

std::string proxyHeaderV2(const Address &source, const Address &destination,
                          const std::vector<ProxyTlv> &tlvs)
{
    std::string header(SignatureV2);
    if (!source.isIp() || source.family() != destination.family()) {
        header += '\x20';
        header += '\x00';
        appendNumber16(header, 0);
        return header;
    }
    const bool four = source.family() == Address::Family::V4;
    header += '\x21';
    header += four ? '\x11' : '\x21';
    std::size_t size = four ? 12 : 36;
    for (const ProxyTlv &tlv : tlvs)
        size += 3 + tlv.value.size();
    appendNumber16(header, size);
    for (const Address *address : {&source, &destination}) {
        if (four) {
            appendNumber16(header, address->v4() >> 16U);
            appendNumber16(header, address->v4() & 0xFFFFU);
        } else {
            header.append(reinterpret_cast<const char *>(&address->v6()), 16);
        }
    }
    appendNumber16(header, source.port());
    appendNumber16(header, destination.port());
    for (const ProxyTlv &tlv : tlvs) {
        header += static_cast<char>(tlv.type);
        appendNumber16(header, tlv.value.size());
        header += tlv.value;
    }
    return header;
}

} // namespace sallyport::net
