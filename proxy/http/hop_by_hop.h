// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/value_matchers.h"
#include "proxy/http/header_map.h"

#include <vector>

namespace sallyport::http {

/// Takes the headers that `connection` names out of a request that is no upgrade, as Envoy does
/// (envoy-behaviour.md 3.5). False: the request is to be refused.
bool sanitizeConnectionHeader(HeaderMap &headers);

/// Takes out of an upgrade what is not wanted: h2c makes it an ordinary request, as does a list of protocols
/// of which all are to be ignored.
void settleUpgrade(HeaderMap &headers, const std::vector<dataplane::CompiledString> &ignored);

} // namespace sallyport::http
