// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace sallyport::compile {

/// Whether something of `owner` namespace, exported to `exportTo`, is seen from namespace `viewer`: `*`, `.`
/// in its own, or by name. An empty list exports to all.
bool isVisible(const std::vector<std::string> &exportTo, const std::string &owner, const std::string &viewer);

/// How widely it is exported: 0 only to its own namespace, 1 to named ones, 2 to all. istiod lists
/// VirtualServices in this order.
int exportRank(const std::vector<std::string> &exportTo, const std::string &owner);

} // namespace sallyport::compile
