// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"
#include "proxy/net/address.h"

#include <optional>
#include <utility>

namespace sallyport::net {

/// Owns a file descriptor.
class Descriptor
{
public:
    Descriptor() = default;
    explicit Descriptor(int fd)
        : m_fd(fd)
    {
    }
    Descriptor(Descriptor &&other) noexcept
        : m_fd(std::exchange(other.m_fd, -1))
    {
    }
    Descriptor &operator=(Descriptor &&other) noexcept
    {
        if (this != &other)
            reset(std::exchange(other.m_fd, -1));
        return *this;
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    ~Descriptor() { reset(); }

    int get() const { return m_fd; }
    bool isOpen() const { return m_fd >= 0; }
    int release() { return std::exchange(m_fd, -1); }
    void reset(int fd = -1);

private:
    int m_fd = -1;
};

/// How a listening socket is made.
struct ListenOptions
{
    bool reusePort = true; ///< every worker has its own socket
    bool freebind = false;
    bool transparent = false;
};

inline constexpr int DefaultBacklog = 4096;

/// A TCP (or Unix) socket bound to `address`, non-blocking. It takes no connections before startListening().
/// The error says which address and why.
Result<Descriptor> bindTo(const Address &address, const ListenOptions &options = {});
Result<void> startListening(const Descriptor &socket, int backlog = DefaultBacklog);
/// Both at once.
Result<Descriptor> listenOn(const Address &address, const ListenOptions &options = {});
/// One accepted connection: non-blocking, TCP_NODELAY. Not open when there is none (EAGAIN) or the process
/// has no descriptor left; `error` then is errno.
Descriptor acceptFrom(int listener, Address &remote, int &error);
/// Another descriptor for the same socket.
Descriptor duplicate(int fd);

/// The addresses of a connected socket; invalid if the system does not tell them.
Address localAddressOf(int fd);
Address remoteAddressOf(int fd);
/// SO_ORIGINAL_DST, when the kernel redirected this connection.
std::optional<Address> originalDestinationOf(int fd);

/// TCP keep-alive probing; unset values keep the system's.
struct Keepalive
{
    std::optional<unsigned> probes;
    std::optional<unsigned> idleSeconds;
    std::optional<unsigned> intervalSeconds;
};
void setKeepalive(int fd, const Keepalive &keepalive);

} // namespace sallyport::net
