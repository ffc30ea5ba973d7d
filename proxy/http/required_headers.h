// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/header_map.h"

#include <string>

namespace sallyport::http {

/// What is wrong with a request that a codec did not write, in Envoy's words: `missing required header:
/// :path`, `invalid header value for: x-a` (source/common/http/header_utility.cc).
std::string unsendableBecause(const HeaderMap &request);

} // namespace sallyport::http
