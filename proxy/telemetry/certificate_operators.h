// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/formatter.h"

namespace sallyport::telemetry {

/// `%DOWNSTREAM_PEER_SUBJECT%`, `%UPSTREAM_LOCAL_URI_SAN%`, …: what a certificate of either side says. An
/// empty function if `name` is none of them.
Operator makeCertificateOperator(std::string_view name, const std::string &arguments);

} // namespace sallyport::telemetry
