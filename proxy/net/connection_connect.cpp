// SPDX-License-Identifier: GPL-3.0-or-later
// A client connection until TCP is up.
#include "proxy/net/connection.h"
#include "proxy/net/proxy_protocol.h"

#include <cerrno>
#include <cstring>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace sallyport::net {

std::unique_ptr<Connection> Connection::client(EpollDispatcher &dispatcher, const Address &remote,
                                               std::unique_ptr<Transport> transport, ConnectOptions options)
{
    std::unique_ptr<Connection> connection(new Connection(dispatcher, std::move(transport)));
    connection->m_client = true;
    connection->m_connecting = true;
    connection->m_addresses.remote = remote;
    connection->m_addresses.directRemote = remote;
    connection->m_connectOptions = std::make_unique<ConnectOptions>(std::move(options));
    return connection;
}

void Connection::beginConnect()
{
    const Address &remote = m_addresses.remote;
    sockaddr_storage storage;
    socklen_t length = remote.toSockaddr(storage);
    const auto failLater = [this](std::string reason, CloseEvent event) {
        m_failureReason = std::move(reason);
        m_pendingClose = event;
        m_flushSoon.schedule();
    };
    m_fd.reset(::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!m_fd.isOpen()) {
        failLater(std::string("immediate connect error: ") + std::strerror(errno) +
                      "|remote address:" + remote.toString(),
                  CloseEvent::LocalClose);
        return;
    }
    if (remote.isIp()) {
        const int on = 1;
        setsockopt(m_fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (m_connectOptions->keepalive)
            setKeepalive(m_fd.get(), *m_connectOptions->keepalive);
    }
    if (m_connectOptions->source.isValid()) {
        sockaddr_storage source;
        const socklen_t sourceLength = m_connectOptions->source.toSockaddr(source);
        if (::bind(m_fd.get(), reinterpret_cast<sockaddr *>(&source), sourceLength) != 0) {
            m_failedToBind = true;
            failLater("failed to bind to " + m_connectOptions->source.toString() + ": " +
                          std::strerror(errno),
                      CloseEvent::LocalClose);
            return;
        }
    }
    if (::connect(m_fd.get(), reinterpret_cast<sockaddr *>(&storage), length) != 0 && errno != EINPROGRESS) {
        failLater(std::string("immediate connect error: ") + std::strerror(errno) +
                      "|remote address:" + remote.toString(),
                  CloseEvent::RemoteClose);
        return;
    }
    m_dispatcher.watch(m_fd.get(), EpollDispatcher::EdgeReadWrite, this);
}

void Connection::finishConnect()
{
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(m_fd.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error == 0 && m_connectOptions->namesItself)
        m_connectOptions->preamble = proxyHeaderV1(localAddressOf(m_fd.get()), m_addresses.remote);
    if (error == 0 && !m_connectOptions->preamble.empty()) {
        const std::string &preamble = m_connectOptions->preamble;
        // The first bytes of a connection always fit into its send buffer.
        if (::send(m_fd.get(), preamble.data(), preamble.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(preamble.size()))
            error = errno != 0 ? errno : EPIPE;
    }
    m_connecting = false;
    if (error != 0) {
        m_failureReason = std::string("delayed connect error: ") + std::strerror(error);
        closeSocket(CloseEvent::RemoteClose);
        return;
    }
    m_connectedTime = m_dispatcher.now();
    m_addresses.local = localAddressOf(m_fd.get());
    m_addresses.directLocal = m_addresses.local;
    m_connectOptions.reset();
    m_transport->attach(m_fd.get());
}

} // namespace sallyport::net
