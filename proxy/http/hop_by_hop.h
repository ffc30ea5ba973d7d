// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/header_map.h"

namespace sallyport::http {

/// Takes the headers that `connection` names out of a request that is no upgrade, as Envoy does
/// (envoy-behaviour.md 3.5). False: the request is to be refused.
bool sanitizeConnectionHeader(HeaderMap &headers);

/// Turns an h2c upgrade into an ordinary request.
void removeH2cUpgrade(HeaderMap &headers);

} // namespace sallyport::http
