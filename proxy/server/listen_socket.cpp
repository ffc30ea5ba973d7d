// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/listen_socket.h"

#include <unistd.h>

namespace sallyport::server {

Result<std::shared_ptr<ListenSocket>> ListenSocket::bind(const net::Address &address, unsigned workers,
                                                         bool reusePort, const net::ListenOptions &options)
{
    std::shared_ptr<ListenSocket> result(new ListenSocket);
    result->m_wanted = address;
    result->m_address = address;
    // Unix sockets know no SO_REUSEPORT.
    result->m_reusePort = reusePort && address.isIp();
    net::ListenOptions perSocket = options;
    perSocket.reusePort = result->m_reusePort;
    const unsigned count = result->m_reusePort ? workers : 1;
    if (result->m_reusePort && address.port() != 0) {
        // With SO_REUSEPORT a second process of the same user would silently get half of the connections.
        net::ListenOptions exclusive = options;
        exclusive.reusePort = false;
        if (Result<net::Descriptor> probe = net::bindTo(address, exclusive); !probe)
            return fail(probe.error());
    }
    for (unsigned i = 0; i < count; ++i) {
        Result<net::Descriptor> socket = net::bindTo(result->m_address, perSocket);
        if (!socket)
            return fail(socket.error());
        if (i == 0 && address.isIp())
            result->m_address = net::localAddressOf(socket->get());
        result->m_sockets.push_back(std::move(*socket));
    }
    return result;
}

ListenSocket::~ListenSocket()
{
    close();
}

void ListenSocket::close()
{
    if (m_sockets.empty())
        return;
    m_sockets.clear();
    if (m_address.family() == net::Address::Family::Pipe && !m_address.pipePath().starts_with('@'))
        ::unlink(m_address.pipePath().c_str());
}

Result<void> ListenSocket::listen(int backlog)
{
    if (std::exchange(m_listening, true))
        return {};
    for (const net::Descriptor &socket : m_sockets) {
        if (Result<void> listening = net::startListening(socket, backlog); !listening)
            return listening;
    }
    return {};
}

} // namespace sallyport::server
