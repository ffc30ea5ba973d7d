// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/tls_context.h"
#include "proxy/telemetry/stats.h"

namespace sallyport::telemetry {

/// Sets `<prefix>ssl.certificate.<name>.expiration_unix_time_seconds` for each name to the first expiry of
/// its certificates. `prefix` ends with a dot. Main thread.
void setCertificateExpirations(StatsStore &store, const std::string &prefix,
                               const std::vector<net::CertificateInUse> &certificates);

} // namespace sallyport::telemetry
