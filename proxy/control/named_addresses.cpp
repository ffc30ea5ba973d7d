// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/control/named_addresses.h"

#include "proxy/application/hops.h"

namespace sallyport::control {

void nameAddresses(LogEntry &entry, const lab::NetworkView &network)
{
    entry.downstreamPeer = entry.fields.value(QLatin1String("downstream_remote_address")).toString();
    entry.upstreamLocal = entry.fields.value(QLatin1String("upstream_local_address")).toString();
    entry.fields = application::readableFields(entry.fields, network);
}

} // namespace sallyport::control
