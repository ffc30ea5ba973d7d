// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"

#include <compare>
#include <cstdint>
#include <functional>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>

namespace sallyport::net {

/// A socket address: IPv4 or IPv6 with port, or the path of a Unix socket. A plain value, comparable and
/// hashable; 32 bytes beside the path.
class Address
{
public:
    enum class Family : std::uint8_t { None, V4, V6, Pipe };

    Address() = default;
    static Address v4(std::uint32_t hostOrder, std::uint16_t port);
    static Address v6(const in6_addr &address, std::uint16_t port, std::uint32_t scope = 0);
    static Address pipe(std::string path);
    static Address fromSockaddr(const sockaddr *address, socklen_t length);
    /// `ip` is an IP literal (no brackets). Fails for names.
    static Result<Address> parseIp(std::string_view ip, std::uint16_t port);
    /// `1.2.3.4:80` or `[::1]:80`.
    static Result<Address> parseHostPort(std::string_view text);
    static bool isIpLiteral(std::string_view text);

    Family family() const { return m_family; }
    bool isValid() const { return m_family != Family::None; }
    bool isIp() const { return m_family == Family::V4 || m_family == Family::V6; }
    std::uint16_t port() const { return m_port; }
    void setPort(std::uint16_t port) { m_port = port; }
    /// IPv4, host order; 0 for other families.
    std::uint32_t v4() const { return m_v4; }
    const in6_addr &v6() const { return m_v6; }
    const std::string &pipePath() const { return m_path; }
    bool isLoopback() const;
    bool isAny() const;

    /// `ip:port`, `[v6]:port` or the pipe's path, as Envoy prints addresses.
    std::string toString() const;
    void appendTo(std::string &text) const;
    /// Without port and brackets.
    std::string ipText() const;
    void appendIpTo(std::string &text) const;
    /// The network of `length` bits that the address is in: `10.1.0.0/16`.
    void appendNetworkTo(std::string &text, unsigned length) const;
    /// Fills `storage`; the length to hand to bind or connect.
    socklen_t toSockaddr(sockaddr_storage &storage) const;

    bool operator==(const Address &other) const;
    bool operator<(const Address &other) const;
    /// Same IP, whatever the port.
    bool sameIp(const Address &other) const;
    std::size_t hash() const;

private:
    in6_addr m_v6{};
    std::uint32_t m_v4 = 0;
    std::uint32_t m_scope = 0;
    std::uint16_t m_port = 0;
    Family m_family = Family::None;
    std::string m_path;
};

/// An address range in CIDR form.
class AddressRange
{
public:
    static Result<AddressRange> parse(std::string_view prefix, unsigned length);
    bool contains(const Address &address) const;
    unsigned length() const { return m_length; }
    const Address &prefix() const { return m_prefix; }

private:
    Address m_prefix;
    unsigned m_length = 0;
};

} // namespace sallyport::net

template<>
struct std::hash<sallyport::net::Address>
{
    std::size_t operator()(const sallyport::net::Address &address) const { return address.hash(); }
};
