// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace sallyport::dataplane {

/// Why Envoy refuses a local JSON Web Key Set, with its own words; empty: it takes it. One key that it can
/// verify with is enough, others are left out (source/extensions/filters/http/jwt_authn/jwks_cache.cc).
std::string keySetProblem(const std::string &json);

} // namespace sallyport::dataplane
