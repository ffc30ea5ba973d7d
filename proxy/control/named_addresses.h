// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/control/log_entry.h"

namespace sallyport::lab {
class NetworkView;
}

namespace sallyport::control {

/// Writes the addresses in the line's fields as the mesh's names, after noting the ends of its connections
/// in downstreamPeer and upstreamLocal.
void nameAddresses(LogEntry &entry, const lab::NetworkView &network);

} // namespace sallyport::control
