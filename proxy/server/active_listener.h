// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/server/active_connection.h"

#include <functional>
#include <list>
#include <unordered_set>

namespace sallyport::server {

class ActiveListener;

/// Finds the listener of a restored destination: the address itself, or its port on any address.
using ListenerLookup = std::function<ActiveListener *(const net::Address &)>;

/// One worker's part of a listener: accepts, runs the listener filters, chooses the chain. Lives on its
/// worker's thread.
class ActiveListener final : public AcceptedSocket::Owner
{
public:
    ActiveListener(WorkerContext &worker, DownstreamConnections &connections, ListenerLookup lookup,
                   std::shared_ptr<const Listener> listener);
    ~ActiveListener() override;

    const std::shared_ptr<const Listener> &listener() const { return m_listener; }
    /// Stops using the sockets that `next` does not have; those that both have keep accepting.
    void releaseSockets(const Listener &next);
    /// Goes over to a new version.
    void update(std::shared_ptr<const Listener> listener);
    /// Connections wait until the worker accepts again; a listener that bypasses the overload manager goes
    /// on.
    void setAccepting(bool accepting);
    /// Takes what is in the queues and accepts no more.
    void stop();
    /// A connection that another listener accepted for this one's address.
    void takeOver(net::Descriptor fd, net::ConnectionAddresses addresses);

private:
    struct Acceptor;
    void addAcceptors();
    void accept(Acceptor &acceptor, unsigned most);
    void onAccepted(net::Descriptor fd, net::ConnectionAddresses addresses, bool mayHandOver);
    void finishAccept(std::shared_ptr<const Listener> listener, net::Descriptor fd,
                      net::ConnectionAddresses addresses, InspectedFacts facts);
    void onInspected(AcceptedSocket &socket) override;
    void onRefused(AcceptedSocket &socket) override;
    std::unique_ptr<AcceptedSocket> release(AcceptedSocket &socket);

    WorkerContext &m_worker;
    DownstreamConnections &m_connections;
    ListenerLookup m_lookup;
    std::shared_ptr<const Listener> m_listener;
    std::list<std::unique_ptr<Acceptor>> m_acceptors;
    std::list<std::unique_ptr<AcceptedSocket>> m_inspected;
    bool m_accepting = true;
    std::unordered_set<const AcceptedSocket *> m_handedOver; ///< those that must not be handed on again
};

} // namespace sallyport::server
