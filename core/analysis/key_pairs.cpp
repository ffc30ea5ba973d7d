// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/key_pairs.h"

namespace sallyport::analysis {

const std::string *valueOf(const model::Secret &secret, const char *preferred, const char *otherwise)
{
    for (const char *key : {preferred, otherwise}) {
        const auto found = secret.data.find(key);
        if (found != secret.data.end() && !found->second.empty())
            return &found->second;
    }
    return nullptr;
}

std::vector<KeyPair> keyPairsOf(const model::Mesh &mesh)
{
    std::vector<KeyPair> pairs;
    for (const model::Secret &secret : mesh.secrets) {
        if (valueOf(secret, "cert", "tls.crt") != nullptr || valueOf(secret, "key", "tls.key") != nullptr)
            pairs.push_back({&secret, pki::credentialFromSecretData(secret.metadata.name, secret.data)});
    }
    return pairs;
}

} // namespace sallyport::analysis
