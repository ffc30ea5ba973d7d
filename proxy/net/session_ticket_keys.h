// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/tls.h"
#include "core/result/result.h"

#include <openssl/ssl.h>
#include <vector>

namespace sallyport::net {

/// Tickets of this server are sealed with the first of these keys and opened with any, so that all who know
/// them resume each other's sessions. Fails for keys that cannot be read or have another length than 80.
Result<void> setTicketKeys(SSL_CTX *context, const std::vector<dataplane::DataSource> &sources);

} // namespace sallyport::net
