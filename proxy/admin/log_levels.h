// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/admin/admin_endpoint.h"

namespace sallyport::admin {

/// `/logging`: shows and sets the levels of the process's own log, per Qt logging category of the gateway.
AdminAnswer loggingEndpoint(const AdminRequest &request, ServerState &state);

} // namespace sallyport::admin
