// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"
#include "proxy/filters/jwt.h"
#include "proxy/net/openssl_ptr.h"

#include <memory>
#include <string>
#include <vector>

namespace sallyport::filters {

/// A JSON Web Key Set: RSA, EC (P-256, P-384, P-521), Ed25519 and symmetric keys. Immutable; verify() may be
/// called by any thread.
class Jwks
{
public:
    /// Keys of unknown kinds are left out; without any other the set is refused.
    static Result<std::shared_ptr<const Jwks>> parse(const std::string &json);

    /// Ok, VerificationFail or NoMatchingKey.
    JwtStatus verify(const Jwt &jwt) const;

private:
    struct Key
    {
        std::string type; ///< `RSA`
        std::string id;
        std::string algorithm;
        std::string curve;
        net::KeyPtr key;
        std::string secret; ///< of a symmetric key
    };
    static bool verify(const Key &key, const Jwt &jwt);

    std::vector<Key> m_keys;
};

} // namespace sallyport::filters
