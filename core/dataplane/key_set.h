// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>

#include <string>

namespace sallyport::dataplane {

/// Why Envoy refuses a local JSON Web Key Set, with its own words; empty: it takes it. One key that it can
/// verify with is enough, others are left out (source/extensions/filters/http/jwt_authn/jwks_cache.cc).
std::string keySetProblem(const std::string &json);

/// The same of one of its keys.
std::string keyProblem(const QJsonObject &key);

/// The curve of a key of type EC: `crv`, or what goes with its `alg`.
std::string curveOfKey(const QJsonObject &key);

} // namespace sallyport::dataplane
