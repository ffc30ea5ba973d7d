// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/socket.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/netfilter_ipv4.h>
#include <netinet/tcp.h>
#include <sys/un.h>
#include <unistd.h>

namespace sallyport::net {

namespace {

void setOption(int fd, int level, int name, int value)
{
    setsockopt(fd, level, name, &value, sizeof value);
}

/// Says what errno means for an address.
tl::unexpected<Error> refuse(const char *step, const Address &address)
{
    const int error = errno;
    std::string hint;
    if (error == EACCES)
        hint = "ports below 1024 need a privilege: set net.ipv4.ip_unprivileged_port_start or choose a "
               "higher port";
    else if (error == EADDRINUSE)
        hint = "another process listens there";
    else if (error == EADDRNOTAVAIL)
        hint = "no interface of this machine has this address";
    return fail(std::string("cannot ") + step + ' ' + address.toString() + ": " + std::strerror(error), {},
                hint);
}

} // namespace

void Descriptor::reset(int fd)
{
    if (m_fd >= 0)
        ::close(m_fd);
    m_fd = fd;
}

Result<Descriptor> bindTo(const Address &address, const ListenOptions &options)
{
    sockaddr_storage storage;
    const socklen_t length = address.toSockaddr(storage);
    Descriptor fd(::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd.isOpen())
        return refuse("create a socket for", address);
    if (address.isIp()) {
        setOption(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
        if (options.reusePort)
            setOption(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
        if (options.freebind)
            setOption(fd.get(), SOL_IP, IP_FREEBIND, 1);
        if (options.transparent)
            setOption(fd.get(), SOL_IP, IP_TRANSPARENT, 1);
        if (address.family() == Address::Family::V6)
            setOption(fd.get(), SOL_IPV6, IPV6_V6ONLY, 1);
        // Inherited by accepted sockets, which saves a call for each.
        setOption(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    } else if (!address.pipePath().empty() && address.pipePath().front() != '@') {
        ::unlink(address.pipePath().c_str());
    }
    if (::bind(fd.get(), reinterpret_cast<sockaddr *>(&storage), length) != 0)
        return refuse("bind", address);
    return fd;
}

Result<void> startListening(const Descriptor &socket, int backlog)
{
    if (::listen(socket.get(), backlog) != 0)
        return refuse("listen on", localAddressOf(socket.get()));
    return {};
}

Result<Descriptor> listenOn(const Address &address, const ListenOptions &options)
{
    Result<Descriptor> fd = bindTo(address, options);
    if (!fd)
        return fd;
    if (Result<void> listening = startListening(*fd); !listening)
        return fail(listening.error());
    return fd;
}

Descriptor acceptFrom(int listener, Address &remote, int &error)
{
    sockaddr_storage storage;
    socklen_t length = sizeof storage;
    Descriptor fd(
        ::accept4(listener, reinterpret_cast<sockaddr *>(&storage), &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    error = fd.isOpen() ? 0 : errno;
    if (fd.isOpen())
        remote = Address::fromSockaddr(reinterpret_cast<sockaddr *>(&storage), length);
    return fd;
}

Descriptor duplicate(int fd)
{
    return Descriptor(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

Address localAddressOf(int fd)
{
    sockaddr_storage storage;
    socklen_t length = sizeof storage;
    if (::getsockname(fd, reinterpret_cast<sockaddr *>(&storage), &length) != 0)
        return {};
    return Address::fromSockaddr(reinterpret_cast<sockaddr *>(&storage), length);
}

Address remoteAddressOf(int fd)
{
    sockaddr_storage storage;
    socklen_t length = sizeof storage;
    if (::getpeername(fd, reinterpret_cast<sockaddr *>(&storage), &length) != 0)
        return {};
    return Address::fromSockaddr(reinterpret_cast<sockaddr *>(&storage), length);
}

std::optional<Address> originalDestinationOf(int fd)
{
    constexpr int OriginalDestination6 = 80; // IP6T_SO_ORIGINAL_DST; its header clashes with netinet/in.h
    sockaddr_storage storage;
    socklen_t length = sizeof storage;
    if (::getsockopt(fd, SOL_IP, SO_ORIGINAL_DST, &storage, &length) != 0) {
        length = sizeof storage;
        if (::getsockopt(fd, SOL_IPV6, OriginalDestination6, &storage, &length) != 0)
            return std::nullopt;
    }
    return Address::fromSockaddr(reinterpret_cast<sockaddr *>(&storage), length);
}

void setKeepalive(int fd, const Keepalive &keepalive)
{
    setOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    if (keepalive.probes)
        setOption(fd, IPPROTO_TCP, TCP_KEEPCNT, static_cast<int>(*keepalive.probes));
    if (keepalive.idleSeconds)
        setOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(*keepalive.idleSeconds));
    if (keepalive.intervalSeconds)
        setOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, static_cast<int>(*keepalive.intervalSeconds));
}

} // namespace sallyport::net
