// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/connection_handler.h"

namespace sallyport::server {

Result<std::shared_ptr<const TerminalFilter>>
makeHttpConnectionManager(const dataplane::HttpConnectionManager &, const FactoryContext &)
{
    return fail("this build has no envoy.filters.network.http_connection_manager");
}

} // namespace sallyport::server
