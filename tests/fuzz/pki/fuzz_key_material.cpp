// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever file a person drops on the window: PEM, DER, PKCS#12 or none of them.
#include "core/pki/credential_checks.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace sallyport::pki;
    const std::string_view bytes(reinterpret_cast<const char *>(data), size);
    const auto material = decodeKeyMaterial(
        bytes, "input", [](const std::string &, int) { return std::optional<std::string>("secret"); });
    if (!material)
        return 0;
    Credential credential;
    credential.chain = material->certificates;
    credential.ca = material->certificates;
    if (!material->keys.empty())
        credential.key = material->keys.front();
    credential.chain = orderChain(credential.chain, credential.key);
    checkCredential(credential, CredentialUse::Client, std::chrono::system_clock::now());
    return 0;
}
