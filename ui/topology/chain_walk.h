// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/topology/application_targets.h"
#include "ui/topology/chain_nodes.h"
#include "ui/topology/hop_security.h"

#include <deque>
#include <set>

namespace sallyport::topology {

/// Follows requests through compiled bootstraps from proxy to proxy, and notes every hop on the way.
class ChainWalk
{
public:
    ChainWalk(const model::Project &project, const compile::CompiledProject &compiled,
              const lab::AddressPlan &addresses);

    Chain run();

private:
    /// One request on its way.
    struct Journey
    {
        const Pod *at = nullptr;
        std::string host;
        std::string destination; ///< the original destination on this machine
        int port = 0;
    };

    void begin(const Pod &client, const ApplicationTarget &target);
    void sendDirectly(const Journey &journey);
    void enterSidecar(const Journey &journey);
    void route(const Journey &journey, const dataplane::FilterChain &chain);
    void forward(const Journey &journey, const std::string &cluster, const model::Resource *route,
                 const std::string &host);
    void connect(const Journey &journey, const dataplane::Cluster &cluster,
                 const dataplane::LbEndpoint &endpoint, const model::Resource *route,
                 const std::string &host);
    void arriveAt(const Pod &receiver, const dataplane::SocketAddress &address,
                  const dataplane::UpstreamTlsContext *tls, ChainHop &hop, Journey next);
    ChainHop &hopTo(const Journey &journey, const QString &to, const QString &cluster);
    void refuse(const Journey &journey, const QString &how);

    const model::Project &m_project;
    const lab::AddressPlan &m_addresses;
    ChainNodes m_nodes;
    std::deque<ChainHop> m_hops; ///< a hop stays where it is while others are added
    std::set<std::tuple<QString, QString, QString, std::string>> m_walked; ///< hop and host: ends cycles
};

} // namespace sallyport::topology
