// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/socket.h"

#include <memory>
#include <vector>

namespace sallyport::server {

/// A bound address and its sockets, one a worker: the kernel spreads connections over them, workers share
/// nothing. Outlives changes of the listener that it serves, so that no connection is refused meanwhile.
class ListenSocket
{
public:
    /// `reusePort` off: the workers share one socket. Port 0 takes a free one.
    static Result<std::shared_ptr<ListenSocket>> bind(const net::Address &address, unsigned workers,
                                                      bool reusePort, const net::ListenOptions &options);
    ~ListenSocket();
    ListenSocket(const ListenSocket &) = delete;
    ListenSocket &operator=(const ListenSocket &) = delete;

    /// From now on connections queue up. Once is enough; again does nothing.
    Result<void> listen(int backlog);
    /// Refuses connections from now on. No worker may use a socket any more.
    void close();
    /// As configured, perhaps with port 0.
    const net::Address &wanted() const { return m_wanted; }
    /// With the real port.
    const net::Address &address() const { return m_address; }
    int fd(unsigned worker) const { return m_sockets[worker % m_sockets.size()].get(); }
    bool reusesPort() const { return m_reusePort; }

private:
    ListenSocket() = default;

    net::Address m_wanted;
    net::Address m_address;
    std::vector<net::Descriptor> m_sockets;
    bool m_reusePort = true;
    bool m_listening = false;
};

} // namespace sallyport::server
