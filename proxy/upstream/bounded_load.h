// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/upstream/host_picker.h"

#include <vector>

namespace sallyport::upstream {

/// `hash_balance_factor` percent of the average load is the most that a host takes of a consistent hash's
/// choices; what `picker` chose beyond that goes to another host, for one hash always in the same order
/// (source/extensions/load_balancing_policies/common/thread_aware_lb_impl.cc). `hosts`: those of `picker`,
/// with weights that add up to 1.
std::unique_ptr<HostPicker> makeBoundedLoadPicker(std::uint32_t factor, std::unique_ptr<HostPicker> picker,
                                                  std::vector<WeightedHost> hosts, LbStats &stats);

} // namespace sallyport::upstream
