// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/facts.h"
#include "core/pki/credential.h"

namespace sallyport::analysis {

/// What stands in a Secret under `preferred`, else under `otherwise`; null if there is nothing.
const std::string *valueOf(const model::Secret &secret, const char *preferred, const char *otherwise);

/// A Secret with a certificate or key, not a CA alone.
bool isKeyPair(const model::Secret &secret);

/// Calls `use(secret, credential)` for every key pair of the mesh that can be read.
template<typename Use>
void eachKeyPair(const MeshFacts &facts, Use use)
{
    for (const model::Secret &secret : facts.mesh.secrets) {
        if (!isKeyPair(secret))
            continue;
        if (const auto credential = pki::credentialFromSecretData(secret.metadata.name, secret.data))
            use(secret, *credential);
    }
}

} // namespace sallyport::analysis
