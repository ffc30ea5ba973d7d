// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/upstream/host_picker.h"

#include <string>
#include <vector>

namespace sallyport::upstream {

/// Where this node is, and who its peers are: the hosts of the cluster that it belongs to
/// (cluster_manager.local_cluster_name).
struct ZoneView
{
    dataplane::Locality here;
    Hosts peers;
};

/// A locality as a text, to tell them apart.
std::string localityKey(const dataplane::Locality &locality);

/// How much of the requests stays in this node's locality, and where the rest goes, so that no locality gets
/// more than its share of what all peers send (source/extensions/load_balancing_policies/common,
/// ZoneAwareLoadBalancerBase; envoy-behaviour.md 4.9). Concerns the first priority only.
class ZoneRouting
{
public:
    /// Localities do not matter.
    ZoneRouting() = default;
    /// `hosts`: all of the first priority. Counts that it was called, and why localities do not matter.
    ZoneRouting(const dataplane::Cluster &cluster, const Hosts &hosts, const ZoneView &view, LbStats &stats);

    bool isOn() const { return m_state != State::Off; }
    /// Too few of the peers are well to go by their number.
    bool arePeersInPanic() const { return m_peersInPanic; }
    /// Keys, this node's own first if it is among them.
    const std::vector<std::string> &localities() const { return m_localities; }
    /// The place in localities() for one request.
    std::size_t choose(LbStats &stats) const;

private:
    enum class State { Off, Direct, Residual };
    bool canRoute(const dataplane::Cluster &cluster, const Hosts &hosts, const ZoneView &view,
                  LbStats &stats) const;

    State m_state = State::Off;
    bool m_hasOwn = false;
    bool m_peersInPanic = false;
    std::vector<std::string> m_localities;
    std::uint64_t m_ownShare = 0;          ///< of 10000, with State::Residual
    std::vector<std::uint64_t> m_residual; ///< what each can take beyond its share, added up
};

} // namespace sallyport::upstream
