// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/active_listener.h"

#include "proxy/server/connection_facts.h"

#include <algorithm>
#include <cerrno>

namespace sallyport::server {

namespace {

/// Others get their turn after so many connections.
constexpr unsigned AcceptsPerEvent = 64;
/// A process without descriptors tries again after this long; connections wait in the queue.
constexpr std::chrono::milliseconds OutOfDescriptorsPause{50};

} // namespace

/// One listening socket of this worker.
struct ActiveListener::Acceptor final : net::IoHandler
{
    Acceptor(ActiveListener &owningListener, std::shared_ptr<ListenSocket> listenSocket)
        : owner(owningListener)
        , socket(std::move(listenSocket))
        , fd(socket->fd(owner.m_worker.index - 1))
        , pause(owner.m_worker.dispatcher, [this] { watch(); })
    {
        if (owner.m_accepting)
            watch();
    }
    ~Acceptor() override { unwatch(); }

    void watch()
    {
        if (watched || !owner.m_accepting)
            return;
        // Level-triggered: what one event leaves in the queue comes with the next. Sockets that workers share
        // wake one of them.
        const std::uint32_t exclusive = socket->reusesPort() ? 0 : static_cast<std::uint32_t>(EPOLLEXCLUSIVE);
        owner.m_worker.dispatcher.watch(fd, EPOLLIN | exclusive, this);
        watched = true;
    }
    void unwatch()
    {
        if (std::exchange(watched, false))
            owner.m_worker.dispatcher.unwatch(fd);
    }
    void onIo(std::uint32_t) override
    {
        const dataplane::Listener &configuration = owner.m_listener->configuration();
        owner.accept(*this, configuration.maxConnectionsToAcceptPerSocketEvent.value_or(AcceptsPerEvent));
    }

    ActiveListener &owner;
    std::shared_ptr<ListenSocket> socket;
    int fd;
    net::Timer pause;
    bool watched = false;
};

ActiveListener::ActiveListener(WorkerContext &worker, DownstreamConnections &connections,
                               ListenerLookup lookup, std::shared_ptr<const Listener> listener)
    : m_worker(worker)
    , m_connections(connections)
    , m_lookup(std::move(lookup))
    , m_listener(std::move(listener))
{
    addAcceptors();
}

ActiveListener::~ActiveListener() = default;

void ActiveListener::releaseSockets(const Listener &next)
{
    m_acceptors.remove_if([&](const std::unique_ptr<Acceptor> &acceptor) {
        const auto &sockets = next.sockets();
        return std::find(sockets.begin(), sockets.end(), acceptor->socket) == sockets.end();
    });
}

void ActiveListener::update(std::shared_ptr<const Listener> listener)
{
    m_listener = std::move(listener);
    addAcceptors();
}

void ActiveListener::addAcceptors()
{
    for (const std::shared_ptr<ListenSocket> &socket : m_listener->sockets()) {
        const bool known = std::any_of(
            m_acceptors.begin(), m_acceptors.end(),
            [&](const std::unique_ptr<Acceptor> &acceptor) { return acceptor->socket == socket; });
        if (!known)
            m_acceptors.push_back(std::make_unique<Acceptor>(*this, socket));
    }
}

void ActiveListener::setAccepting(bool accepting)
{
    m_accepting = accepting || m_listener->configuration().bypassOverloadManager.value_or(false);
    for (const std::unique_ptr<Acceptor> &acceptor : m_acceptors) {
        if (m_accepting)
            acceptor->watch();
        else
            acceptor->unwatch();
    }
}

void ActiveListener::stop()
{
    // Clients in the queue believe to be connected: closing the socket would reset them.
    for (const std::unique_ptr<Acceptor> &acceptor : m_acceptors)
        accept(*acceptor, static_cast<unsigned>(net::DefaultBacklog));
    m_acceptors.clear();
}

void ActiveListener::accept(Acceptor &acceptor, unsigned most)
{
    unsigned accepted = 0;
    while (accepted < most) {
        net::Address remote;
        int error = 0;
        net::Descriptor fd = net::acceptFrom(acceptor.fd, remote, error);
        if (!fd.isOpen()) {
            if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
                acceptor.unwatch();
                acceptor.pause.arm(OutOfDescriptorsPause);
            }
            if (error == ECONNABORTED || error == EINTR || error == EPROTO)
                continue;
            break;
        }
        ++accepted;
        net::ConnectionAddresses addresses;
        const net::Address &bound = acceptor.socket->address();
        addresses.local = bound.isAny() ? net::localAddressOf(fd.get()) : bound;
        addresses.directLocal = addresses.local;
        addresses.remote = remote;
        addresses.directRemote = std::move(remote);
        onAccepted(std::move(fd), std::move(addresses), m_listener->configuration().useOriginalDst);
    }
    if (accepted != 0)
        m_listener->stats().acceptedPerEvent.record(accepted);
}

void ActiveListener::onAccepted(net::Descriptor fd, net::ConnectionAddresses addresses, bool mayHandOver)
{
    telemetry::ListenerStats &stats = m_listener->stats();
    stats.preCxActive.touch();
    const std::optional<std::uint64_t> limit = m_listener->connectionLimit();
    if (limit && stats.cxActive.value() + stats.preCxActive.value() >= static_cast<std::int64_t>(*limit)) {
        stats.cxOverflow.inc();
        return;
    }
    const std::optional<std::uint64_t> global = m_listener->globalConnectionLimit();
    if (global && m_listener->openConnections().count.load(std::memory_order_relaxed) >= *global) {
        stats.globalCxOverflow.inc();
        m_listener->countGlobalOverflow();
        return;
    }
    const OverloadState *overload = m_worker.overload;
    if (overload != nullptr && !m_listener->configuration().bypassOverloadManager.value_or(false) &&
        overload->hits(OverloadState::Action::RejectIncomingConnections, m_worker.random)) {
        stats.cxOverloadReject.inc();
        return;
    }
    if (m_listener->listenerFilters().empty()) {
        finishAccept(m_listener, std::move(fd), std::move(addresses), {});
        return;
    }
    m_inspected.push_back(std::make_unique<AcceptedSocket>(*this, m_worker.dispatcher, m_listener,
                                                           std::move(fd), std::move(addresses)));
    AcceptedSocket &socket = *m_inspected.back();
    if (!mayHandOver)
        m_handedOver.insert(&socket);
    socket.start();
}

void ActiveListener::takeOver(net::Descriptor fd, net::ConnectionAddresses addresses)
{
    onAccepted(std::move(fd), std::move(addresses), false);
}

std::unique_ptr<AcceptedSocket> ActiveListener::release(AcceptedSocket &socket)
{
    // The newest is the one most of the time: its bytes came with it.
    for (auto it = m_inspected.end(); it != m_inspected.begin();) {
        --it;
        if (it->get() != &socket)
            continue;
        std::unique_ptr<AcceptedSocket> released = std::move(*it);
        m_inspected.erase(it);
        return released;
    }
    return nullptr;
}

void ActiveListener::onRefused(AcceptedSocket &socket)
{
    m_handedOver.erase(&socket);
    logRefusedConnection(*socket.listener(), socket.addresses(), socket.facts(), socket.startTime(),
                         m_worker.dispatcher.now(), false);
    socket.takeDescriptor();
    m_worker.dispatcher.deferredDelete(release(socket));
}

void ActiveListener::onInspected(AcceptedSocket &socket)
{
    const bool mayHandOver = m_handedOver.erase(&socket) == 0;
    net::Descriptor fd = socket.takeDescriptor();
    const std::shared_ptr<const Listener> listener = socket.listener();
    net::ConnectionAddresses addresses = std::move(socket.addresses());
    InspectedFacts facts = std::move(socket.facts());
    m_worker.dispatcher.deferredDelete(release(socket));
    if (mayHandOver && addresses.localRestored) {
        ActiveListener *other = m_lookup(addresses.local);
        if (other != nullptr && other != this) {
            other->takeOver(std::move(fd), std::move(addresses));
            return;
        }
    }
    finishAccept(listener, std::move(fd), std::move(addresses), std::move(facts));
}

void ActiveListener::finishAccept(std::shared_ptr<const Listener> listener, net::Descriptor fd,
                                  net::ConnectionAddresses addresses, InspectedFacts facts)
{
    FilterChainPtr chain = listener->onlyChain();
    if (!chain) {
        dataplane::ChainFacts wanted;
        wanted.destinationIp = ipAddressOf(addresses.local);
        wanted.destinationPort = addresses.local.port();
        wanted.serverName = facts.serverName;
        wanted.transportProtocol =
            facts.transportProtocol.empty() ? std::string_view("raw_buffer") : facts.transportProtocol;
        wanted.applicationProtocols = facts.applicationProtocols;
        wanted.sourceIp = ipAddressOf(addresses.remote);
        wanted.directSourceIp = ipAddressOf(addresses.directRemote);
        wanted.sourcePort = addresses.remote.port();
        chain = listener->findChain(wanted);
    }
    if (!chain) {
        listener->stats().noFilterChainMatch.inc();
        logRefusedConnection(*listener, addresses, facts, m_worker.dispatcher.now(),
                             m_worker.dispatcher.now(), true);
        return;
    }
    ActiveConnection::start(m_worker, m_connections, std::move(listener), std::move(chain), std::move(fd),
                            std::move(addresses), std::move(facts));
}

} // namespace sallyport::server
