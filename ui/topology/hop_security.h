// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/cluster.h"
#include "core/dataplane/filter_chain_matcher.h"
#include "ui/topology/chain.h"

#include <optional>

namespace sallyport::topology {

/// How a cluster speaks to one of its endpoints: the transport socket that the endpoint's metadata choose,
/// else the cluster's own; null: plaintext.
const dataplane::UpstreamTlsContext *transportTo(const dataplane::Cluster &cluster,
                                                 const dataplane::LbEndpoint &endpoint);

/// Writes into `hop` what kind of connection this is and what a person should know of it.
void describeTransport(const dataplane::Cluster &cluster, const dataplane::UpstreamTlsContext *tls,
                       const std::string &host, ChainHop &hop);

/// What a connection meets at the other end.
struct Arrival
{
    const dataplane::FilterChain *chain = nullptr; ///< null: nothing takes it
    std::optional<HopFlag> flag;                   ///< why nothing can pass
};

/// Which filter chain of a listener takes a connection made with `tls` (null: plaintext) and SNI `sni`.
Arrival arrive(const dataplane::Listener &listener, const dataplane::ChainFacts &address,
               const dataplane::UpstreamTlsContext *tls, const std::string &sni);

} // namespace sallyport::topology
