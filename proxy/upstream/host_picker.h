// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/upstream/load_balancer.h"

#include <memory>
#include <vector>

namespace sallyport::upstream {

using Hosts = std::vector<HostPtr>;

/// Chooses among hosts that have already been narrowed down to those in question. One thread's own.
class HostPicker
{
public:
    virtual ~HostPicker() = default;
    /// Null without hosts.
    virtual HostPtr pick(const LbContext &context) = 0;
    /// The health of hosts changed, their set did not.
    virtual void onHealthChanged() {}
};

/// This thread's random numbers.
std::uint64_t randomNumber();

/// A picker of the cluster's policy; the consistent ones have makeHashPicker().
std::unique_ptr<HostPicker> makePicker(const dataplane::Cluster &cluster, Hosts hosts);

/// A host with its share of the requests.
struct WeightedHost
{
    HostPtr host;
    double weight = 1;
};

/// Ring hash or Maglev over hosts whose weights add up to 1.
std::unique_ptr<HostPicker> makeHashPicker(const dataplane::Cluster &cluster, std::vector<WeightedHost> hosts,
                                           LbStats &stats);

} // namespace sallyport::upstream
