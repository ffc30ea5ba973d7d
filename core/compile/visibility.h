// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace sallyport::compile {

/// Whether something of `owner` namespace, exported to `exportTo`, is seen from namespace `viewer`: `*`, `.`
/// in its own, or by name. An empty list exports to all.
bool isVisible(const std::vector<std::string> &exportTo, const std::string &owner, const std::string &viewer);

/// Exported to all namespaces.
bool isPublic(const std::vector<std::string> &exportTo);

/// How a viewer comes to see it: 0 in its own namespace and not public, 1 because it is exported to the
/// viewer's by name, 2 as everybody. istiod lists VirtualServices in this order.
int exportRank(const std::vector<std::string> &exportTo, const std::string &owner, const std::string &viewer);

} // namespace sallyport::compile
