// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/mesh.h"
#include "core/pki/credential.h"

namespace sallyport::analysis {

/// A Secret with a certificate or key, not a CA alone, and what it holds.
struct KeyPair
{
    const model::Secret *secret = nullptr;
    Result<pki::Credential> credential; ///< the error: why it cannot be read
};

/// Every one of the mesh, decoded once for all checks.
std::vector<KeyPair> keyPairsOf(const model::Mesh &mesh);

/// What stands in a Secret under `preferred`, else under `otherwise`; null if there is nothing.
const std::string *valueOf(const model::Secret &secret, const char *preferred, const char *otherwise);

/// Calls `use(secret, credential)` for those that can be read.
template<typename Use>
void eachReadable(const std::vector<KeyPair> &pairs, Use use)
{
    for (const KeyPair &pair : pairs) {
        if (pair.credential)
            use(*pair.secret, *pair.credential);
    }
}

} // namespace sallyport::analysis
