// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/bootstrap.h"
#include "core/result/result.h"
#include "proxy/net/address.h"

#include <memory>

namespace sallyport::net {
class EpollDispatcher;
}

namespace sallyport::admin {

class ServerState;

/// Envoy's admin interface: the listener that the bootstrap's `admin` names, and its endpoints. Lives on the
/// main thread, whose dispatcher it uses.
class AdminServer
{
public:
    /// `state` outlives the server.
    AdminServer(net::EpollDispatcher &dispatcher, ServerState &state);
    ~AdminServer();
    AdminServer(const AdminServer &) = delete;
    AdminServer &operator=(const AdminServer &) = delete;

    /// Listens as configured (no address: not at all). Called again with a new configuration, keeps the
    /// socket if the address is the same.
    Result<void> configure(const std::optional<dataplane::Bootstrap::Admin> &configuration);
    /// The bound address; not valid while not listening.
    net::Address address() const;

private:
    struct Listener;
    std::unique_ptr<Listener> m_listener;
};

} // namespace sallyport::admin
