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

bool isKeyPair(const model::Secret &secret)
{
    return valueOf(secret, "cert", "tls.crt") != nullptr || valueOf(secret, "key", "tls.key") != nullptr;
}

} // namespace sallyport::analysis
