// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pki/credential.h"

namespace sallyport::pki {

/// Which names the keys of a Secret have; Istio reads both (istio:pilot/pkg/credentials/kube/secrets.go).
enum class SecretKeys {
    Tls,    ///< tls.key, tls.crt, ca.crt
    Generic ///< key, cert, cacert
};

/// A Secret manifest with base64 `data`. It holds the private key in the clear: for a pipe to kubectl or a
/// file of mode 0600.
std::string secretYaml(const Credential &credential, const std::string &secretNamespace, SecretKeys keys);

/// The credential in a Secret manifest (`data` or `stringData`). `file` names it in errors.
Result<Credential> credentialFromSecretYaml(std::string_view yaml, const std::string &file);

/// The guide's command, with paths quoted for a shell:
/// `kubectl create -n NS secret generic NAME --from-file=tls.key=… --from-file=tls.crt=…
/// --from-file=ca.crt=…`.
std::string kubectlCreateLine(const std::string &name, const std::string &secretNamespace,
                              const CredentialFiles &files, SecretKeys keys);

/// RFC 4648 §4. Decoding ignores white space and fails on anything else that is not base64.
std::string base64Encode(std::string_view bytes);
Result<std::string> base64Decode(std::string_view text);

} // namespace sallyport::pki
