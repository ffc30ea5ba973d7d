// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/upstream/host_picker.h"

namespace sallyport::upstream {

struct ZoneView;

/// Subsets by the hosts' `envoy.lb` metadata, each balanced by itself
/// (source/extensions/load_balancing_policies/subset/subset_lb.cc). `cluster.subsets` must be there.
std::unique_ptr<HostPicker> makeSubsetPicker(const dataplane::Cluster &cluster, Hosts hosts, LbStats &stats,
                                             const ZoneView *zones = nullptr);

/// How many subsets the hosts make.
std::size_t countSubsets(const dataplane::LbSubsetConfig &subsets, const Hosts &hosts);

} // namespace sallyport::upstream
