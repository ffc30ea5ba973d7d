// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/bootstrap.h"

namespace sallyport::server {

/// Envoy's dynamic forward proxy clusters also look names up by themselves. istiod counts on it: it leaves
/// the filter out where a listener is another service's. Ours get the filter wherever a route leads to such a
/// cluster.
void addHostLookups(dataplane::Bootstrap &bootstrap);

} // namespace sallyport::server
