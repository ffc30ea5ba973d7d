// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pki/pem.h"

#include <map>
#include <string>
#include <vector>

namespace sallyport::pki {

/// Where each part of a credential came from, for messages; a part made here has no file.
struct CredentialSources
{
    std::string keyFile;
    std::string certificateFile;
    std::string caFile;
};

/// What a DestinationRule's or a Gateway's `credentialName` names: key, certificate chain (leaf first), the
/// CAs to trust, and optionally a CRL. Any part may be missing; credential_checks.h says what that means.
struct Credential
{
    std::string name;
    PrivateKey key;
    std::vector<Certificate> chain;
    std::vector<Certificate> ca;
    std::string crl; ///< PEM
    CredentialSources sources;

    const Certificate *leaf() const { return chain.empty() ? nullptr : &chain.front(); }
};

/// The paths of the guide's three files; `ca` may be empty. One file may be given twice when it holds several
/// parts.
struct CredentialFiles
{
    std::string key;         ///< tls.key, key, client.key.pem
    std::string certificate; ///< tls.crt, cert, clientcert.pem
    std::string ca;          ///< ca.crt, cacert, cacert.pem
};

/// What one of the files that were chosen together held.
struct FileMaterial
{
    std::string path;
    KeyMaterial material;
};

/// Sorts what files held into key, chain and CAs. The file with the key's own certificate is the
/// certificate's, and other files with CAs only are the CA's, whatever they are called; without a key that
/// belongs to any certificate the usual names decide, then whether all are CAs. Fails on a second private
/// key.
Result<Credential> assembleCredential(const std::string &name, const std::vector<FileMaterial> &files);

/// Reads files that were chosen or dropped together and assembles them. A PKCS#12 store may stand alone.
/// Errors name the file.
Result<Credential> importCredential(const std::string &name, const std::vector<std::string> &paths,
                                    const PassphrasePrompt &prompt = {});

/// The same for files whose parts the person has assigned.
Result<Credential> importCredential(const std::string &name, const CredentialFiles &files,
                                    const PassphrasePrompt &prompt = {});

/// The `data` of a Kubernetes Secret, decoded from base64, to a credential. `cert`+`key` win over
/// `tls.crt`+`tls.key`, `cacert` over `ca.crt`, `crl` over `ca.crl`
/// (istio:pilot/pkg/credentials/kube/secrets.go). A missing part is no error here.
Result<Credential> credentialFromSecretData(const std::string &name,
                                            const std::map<std::string, std::string> &data);

/// Puts the chain in order, leaf (the certificate of `key`) first, each followed by its issuer; unrelated
/// certificates come last.
std::vector<Certificate> orderChain(std::vector<Certificate> certificates, const PrivateKey &key);

} // namespace sallyport::pki
