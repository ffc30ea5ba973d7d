// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/address.h"

#include <arpa/inet.h>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <net/if.h>
#include <sys/un.h>

namespace sallyport::net {

namespace {

void appendNumber(std::string &text, unsigned number)
{
    char digits[12];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    text.append(digits, end);
}

constexpr std::size_t DottedSize = 15;

/// `1.2.3.4`; where it ends.
char *putDotted(char *to, std::uint32_t ip)
{
    for (unsigned shift = 24;; shift -= 8) {
        const std::uint32_t part = (ip >> shift) & 0xFFU;
        if (part >= 100)
            *to++ = static_cast<char>('0' + part / 100);
        if (part >= 10)
            *to++ = static_cast<char>('0' + part / 10 % 10);
        *to++ = static_cast<char>('0' + part % 10);
        if (shift == 0)
            return to;
        *to++ = '.';
    }
}

} // namespace

Address Address::v4(std::uint32_t hostOrder, std::uint16_t port)
{
    Address address;
    address.m_v4 = hostOrder;
    address.m_port = port;
    address.m_family = Family::V4;
    return address;
}

Address Address::v6(const in6_addr &ip, std::uint16_t port, std::uint32_t scope)
{
    Address address;
    address.m_v6 = ip;
    address.m_port = port;
    address.m_scope = scope;
    address.m_family = Family::V6;
    return address;
}

Address Address::pipe(std::string path)
{
    Address address;
    address.m_path = std::move(path);
    address.m_family = Family::Pipe;
    return address;
}

Address Address::fromSockaddr(const sockaddr *address, socklen_t length)
{
    if (address->sa_family == AF_INET && length >= sizeof(sockaddr_in)) {
        sockaddr_in in;
        std::memcpy(&in, address, sizeof in);
        return v4(ntohl(in.sin_addr.s_addr), ntohs(in.sin_port));
    }
    if (address->sa_family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
        sockaddr_in6 in;
        std::memcpy(&in, address, sizeof in);
        if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr)) {
            std::uint32_t mapped = 0;
            std::memcpy(&mapped, &in.sin6_addr.s6_addr[12], sizeof mapped);
            return v4(ntohl(mapped), ntohs(in.sin6_port));
        }
        return v6(in.sin6_addr, ntohs(in.sin6_port), in.sin6_scope_id);
    }
    if (address->sa_family == AF_UNIX) {
        const auto offset = offsetof(sockaddr_un, sun_path);
        if (length <= offset)
            return pipe({});
        const char *path = reinterpret_cast<const char *>(address) + offset;
        return pipe(std::string(path, strnlen(path, length - offset)));
    }
    return {};
}

Result<Address> Address::parseIp(std::string_view ip, std::uint16_t port)
{
    const std::string text(ip);
    in_addr four{};
    if (inet_pton(AF_INET, text.c_str(), &four) == 1)
        return v4(ntohl(four.s_addr), port);
    in6_addr six{};
    const auto percent = text.find('%');
    if (inet_pton(AF_INET6, text.substr(0, percent).c_str(), &six) == 1)
        return v6(six, port, percent == std::string::npos ? 0 : if_nametoindex(text.c_str() + percent + 1));
    return fail('"' + text + "\" is no IP address");
}

Result<Address> Address::parseHostPort(std::string_view text)
{
    const auto colon = text.rfind(':');
    unsigned port = 0;
    if (colon == std::string_view::npos || colon == 0)
        return fail('"' + std::string(text) + "\" is not of the form address:port");
    const auto digits = text.substr(colon + 1);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (digits.empty() || parsed.ptr != digits.data() + digits.size() || port > 65535)
        return fail('"' + std::string(text) + "\" does not end in a port number");
    auto ip = text.substr(0, colon);
    if (ip.size() > 2 && ip.front() == '[' && ip.back() == ']')
        ip = ip.substr(1, ip.size() - 2);
    return parseIp(ip, static_cast<std::uint16_t>(port));
}

bool Address::isIpLiteral(std::string_view text)
{
    if (text.size() > 2 && text.front() == '[' && text.back() == ']')
        text = text.substr(1, text.size() - 2);
    return parseIp(text, 0).has_value();
}

bool Address::isLoopback() const
{
    return m_family == Family::V4   ? (m_v4 >> 24U) == 127
           : m_family == Family::V6 ? IN6_IS_ADDR_LOOPBACK(&m_v6)
                                    : m_family == Family::Pipe;
}

bool Address::isAny() const
{
    return m_family == Family::V4 ? m_v4 == 0 : m_family == Family::V6 && IN6_IS_ADDR_UNSPECIFIED(&m_v6);
}

void Address::appendIpTo(std::string &text) const
{
    if (m_family == Family::V4) {
        char dotted[DottedSize];
        text.append(dotted, static_cast<std::size_t>(putDotted(dotted, m_v4) - dotted));
        return;
    }
    if (m_family == Family::V6) {
        char buffer[INET6_ADDRSTRLEN];
        text += inet_ntop(AF_INET6, &m_v6, buffer, sizeof buffer);
    }
    if (m_family == Family::Pipe)
        text += m_path;
}

void Address::appendTo(std::string &text) const
{
    if (m_family == Family::V4) {
        char whole[DottedSize + 6];
        char *end = putDotted(whole, m_v4);
        *end++ = ':';
        end = std::to_chars(end, whole + sizeof whole, m_port).ptr;
        text.append(whole, static_cast<std::size_t>(end - whole));
        return;
    }
    if (m_family == Family::V6)
        text += '[';
    appendIpTo(text);
    if (m_family == Family::V6)
        text += ']';
    if (isIp()) {
        text += ':';
        appendNumber(text, m_port);
    }
}

std::string Address::toString() const
{
    std::string text;
    appendTo(text);
    return text;
}

void Address::appendNetworkTo(std::string &text, unsigned length) const
{
    Address network = *this;
    length = std::min(length, m_family == Family::V4 ? 32U : 128U);
    if (m_family == Family::V4) {
        network.m_v4 = length == 0 ? 0 : m_v4 & (0xFFFFFFFFU << (32 - length));
    } else if (m_family == Family::V6) {
        for (unsigned bit = length; bit < 128; ++bit)
            network.m_v6.s6_addr[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> bit % 8));
    }
    network.appendIpTo(text);
    text += '/';
    appendNumber(text, length);
}

std::string Address::ipText() const
{
    std::string text;
    appendIpTo(text);
    return text;
}

socklen_t Address::toSockaddr(sockaddr_storage &storage) const
{
    std::memset(&storage, 0, sizeof storage);
    switch (m_family) {
    case Family::V4: {
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_port = htons(m_port);
        in.sin_addr.s_addr = htonl(m_v4);
        std::memcpy(&storage, &in, sizeof in);
        return sizeof in;
    }
    case Family::V6: {
        sockaddr_in6 in{};
        in.sin6_family = AF_INET6;
        in.sin6_port = htons(m_port);
        in.sin6_addr = m_v6;
        in.sin6_scope_id = m_scope;
        std::memcpy(&storage, &in, sizeof in);
        return sizeof in;
    }
    case Family::Pipe: {
        sockaddr_un un{};
        un.sun_family = AF_UNIX;
        // '@' names the abstract space, as Envoy writes it.
        const bool abstract = !m_path.empty() && m_path.front() == '@';
        const std::size_t length = std::min(m_path.size(), sizeof un.sun_path - 1);
        std::memcpy(un.sun_path, m_path.data(), length);
        if (abstract)
            un.sun_path[0] = '\0';
        std::memcpy(&storage, &un, sizeof un);
        return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length + (abstract ? 0 : 1));
    }
    case Family::None:
        break;
    }
    return 0;
}

bool Address::sameIp(const Address &other) const
{
    if (m_family != other.m_family)
        return false;
    switch (m_family) {
    case Family::V4:
        return m_v4 == other.m_v4;
    case Family::V6:
        return std::memcmp(&m_v6, &other.m_v6, sizeof m_v6) == 0 && m_scope == other.m_scope;
    case Family::Pipe:
        return m_path == other.m_path;
    case Family::None:
        break;
    }
    return true;
}

bool Address::operator==(const Address &other) const
{
    return m_port == other.m_port && sameIp(other);
}

bool Address::operator<(const Address &other) const
{
    if (m_family != other.m_family)
        return m_family < other.m_family;
    if (m_v4 != other.m_v4)
        return m_v4 < other.m_v4;
    if (const int order = std::memcmp(&m_v6, &other.m_v6, sizeof m_v6); order != 0)
        return order < 0;
    if (m_port != other.m_port)
        return m_port < other.m_port;
    return m_path < other.m_path;
}

std::size_t Address::hash() const
{
    std::uint64_t value = m_v4;
    if (m_family == Family::V6) {
        std::uint64_t halves[2];
        std::memcpy(halves, &m_v6, sizeof halves);
        value = halves[0] * 0x9E3779B97F4A7C15ULL ^ halves[1];
    } else if (m_family == Family::Pipe) {
        return std::hash<std::string>()(m_path);
    }
    value ^= static_cast<std::uint64_t>(m_port) << 40U;
    value *= 0x9E3779B97F4A7C15ULL;
    return value ^ (value >> 32U);
}

Result<AddressRange> AddressRange::parse(std::string_view prefix, unsigned length)
{
    auto address = Address::parseIp(prefix, 0);
    if (!address)
        return fail(address.error());
    AddressRange range;
    range.m_prefix = *address;
    // Envoy takes longer lengths for the longest.
    range.m_length = std::min(length, address->family() == Address::Family::V4 ? 32U : 128U);
    return range;
}

bool AddressRange::contains(const Address &address) const
{
    if (address.family() != m_prefix.family())
        return false;
    if (m_length == 0)
        return true;
    if (address.family() == Address::Family::V4)
        return ((address.v4() ^ m_prefix.v4()) >> (32 - m_length)) == 0;
    const auto *left = address.v6().s6_addr;
    const auto *right = m_prefix.v6().s6_addr;
    const unsigned whole = m_length / 8;
    if (std::memcmp(left, right, whole) != 0)
        return false;
    const unsigned rest = m_length % 8;
    return rest == 0 || ((left[whole] ^ right[whole]) >> (8 - rest)) == 0;
}

} // namespace sallyport::net
