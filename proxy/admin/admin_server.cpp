// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/admin_server.h"

#include "proxy/admin/admin_connection.h"
#include "proxy/net/socket.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <list>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace sallyport::admin {

struct AdminServer::Listener final : public net::IoHandler
{
    Listener(net::EpollDispatcher &eventLoop, ServerState &serverState)
        : dispatcher(eventLoop)
        , state(serverState)
    {
    }
    ~Listener() override
    {
        stop();
        for (const std::unique_ptr<AdminConnection> &connection : connections)
            connection->detach();
    }

    Result<void> listen(const net::Address &address)
    {
        sockaddr_storage storage{};
        const socklen_t size = address.toSockaddr(storage);
        net::Descriptor made(::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        const int on = 1;
        if (address.isIp())
            ::setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (::bind(made.get(), reinterpret_cast<const sockaddr *>(&storage), size) != 0 ||
            ::listen(made.get(), 128) != 0)
            return fail("the admin interface cannot listen on " + address.toString() + ": " +
                            std::strerror(errno),
                        {"admin.address"}, "choose a free address of this machine");
        sockaddr_storage bound{};
        socklen_t length = sizeof bound;
        ::getsockname(made.get(), reinterpret_cast<sockaddr *>(&bound), &length);
        stop();
        fd = std::move(made);
        configured = address;
        actual = net::Address::fromSockaddr(reinterpret_cast<const sockaddr *>(&bound), length);
        dispatcher.watch(fd.get(), EPOLLIN, this);
        return {};
    }
    void stop()
    {
        if (fd.get() >= 0)
            dispatcher.unwatch(fd.get());
        fd = net::Descriptor();
        configured = {};
        actual = {};
    }
    void onIo(std::uint32_t) override
    {
        sockaddr_storage peer{};
        socklen_t length = sizeof peer;
        net::Descriptor accepted(
            ::accept4(fd.get(), reinterpret_cast<sockaddr *>(&peer), &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (accepted.get() < 0)
            return;
        traffic->listener().acceptedPerEvent.record(1);
        traffic->listener().preCxActive.touch();
        net::ConnectionAddresses addresses;
        addresses.remote = net::Address::fromSockaddr(reinterpret_cast<const sockaddr *>(&peer), length);
        addresses.directRemote = addresses.remote;
        addresses.local = actual;
        addresses.directLocal = actual;
        connections.push_back(std::make_unique<AdminConnection>(
            dispatcher, state, traffic, std::move(accepted), std::move(addresses),
            [this](AdminConnection &gone) {
                const auto at = std::find_if(connections.begin(), connections.end(),
                                             [&](const auto &each) { return each.get() == &gone; });
                if (at == connections.end())
                    return;
                std::unique_ptr<net::Deferred> owned(at->release());
                connections.erase(at);
                dispatcher.deferredDelete(std::move(owned));
            }));
        connections.back()->start();
    }

    net::EpollDispatcher &dispatcher;
    ServerState &state;
    net::Descriptor fd;
    net::Address configured;
    net::Address actual;
    std::shared_ptr<AdminTraffic> traffic; ///< there while it listens
    std::list<std::unique_ptr<AdminConnection>> connections;
};

AdminServer::AdminServer(net::EpollDispatcher &dispatcher, ServerState &state)
    : m_listener(std::make_unique<Listener>(dispatcher, state))
{
}

AdminServer::~AdminServer() = default;

Result<void> AdminServer::configure(const std::optional<dataplane::Bootstrap::Admin> &configuration)
{
    if (!configuration || !configuration->address) {
        m_listener->stop();
        return {};
    }
    const dataplane::SocketAddress &wanted = *configuration->address;
    Result<net::Address> address =
        wanted.pipe.empty() ? net::Address::parseIp(wanted.address, static_cast<std::uint16_t>(wanted.port))
                            : Result<net::Address>(net::Address::pipe(wanted.pipe));
    if (!address)
        return fail(address.error().what, {"admin.address"});
    Result<std::unique_ptr<AdminTraffic>> traffic =
        AdminTraffic::create(*configuration, m_listener->state.stats(), m_listener->state.logFiles());
    if (!traffic)
        return fail(traffic.error());
    const std::shared_ptr<AdminTraffic> before =
        std::exchange(m_listener->traffic, std::shared_ptr<AdminTraffic>(std::move(*traffic)));
    if (m_listener->fd.get() >= 0 && m_listener->configured == *address)
        return {};
    Result<void> listening = m_listener->listen(*address);
    if (!listening)
        m_listener->traffic = before;
    return listening;
}

net::Address AdminServer::address() const
{
    return m_listener->actual;
}

} // namespace sallyport::admin
