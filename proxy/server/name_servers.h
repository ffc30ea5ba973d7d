// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/bootstrap.h"

namespace sallyport::server {

/// The bootstrap's resolver is that of every cluster and every DNS cache without one of its own.
void spreadNameServers(dataplane::Bootstrap &bootstrap);

} // namespace sallyport::server
