// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/mesh_context.h"
#include "core/dataplane/tls.h"

namespace sallyport::compile {

/// A file that a bootstrap reads a secret from (SDS by path_config_source), so that rotation works in every
/// engine.
struct SecretFile
{
    enum class Kind {
        WorkloadCertificate, ///< `default`: the lab issues it
        WorkloadRoot,        ///< `ROOTCA`: the lab's CA for the mesh
        Given                ///< from the project; without content if it is missing
    };
    std::string name; ///< SDS resource name, `kubernetes://test.client`
    std::string path;
    Kind kind = Kind::Given;
    std::optional<dataplane::Secret> secret;
    std::string missing; ///< why a Given secret has no content, one sentence

    bool operator==(const SecretFile &) const = default;
};

/// Gives TLS contexts their secrets by name and remembers which files the proxy needs.
/// Credentials are looked up in the proxy's own namespace (istio:pilot/pkg/credentials/kube/secrets.go).
class SecretCollector
{
public:
    SecretCollector(const MeshContext &mesh, const Instance &instance);

    dataplane::SdsSecretConfig workloadCertificate();
    dataplane::SdsSecretConfig workloadRoot();
    /// `kubernetes://NAME`: certificate and key.
    dataplane::SdsSecretConfig credential(const std::string &name);
    /// `kubernetes://NAME-cacert`: the CA of a credential, or the CA-only credential `caName` if one is
    /// given.
    dataplane::SdsSecretConfig credentialRoot(const std::string &name, const std::string &caName = {});
    /// `configmap://NAMESPACE/NAME-cacert`: a CA that everybody may read. `written`: without the scheme.
    dataplane::SdsSecretConfig configMapRoot(const std::string &written);
    /// `file-cert:CERT~KEY`
    dataplane::SdsSecretConfig certificateFiles(const std::string &certificate, const std::string &key);
    /// `file-root:CA`; `system` means the operating system's roots. `crl`: the revocations that go with it,
    /// for which revocations() has the file; a secret without content if they are not there.
    dataplane::SdsSecretConfig rootFile(const std::string &path, const std::string &crl = {});
    /// A CRL file for the default validation context; an unset source if it cannot be read.
    static dataplane::DataSource revocations(const std::string &crl);

    std::vector<SecretFile> take() { return std::move(m_files); }

private:
    dataplane::SdsSecretConfig add(SecretFile file);
    void fillCertificate(SecretFile &file, const std::string &name) const;
    void fillRoot(SecretFile &file, const std::string &name) const;

    const MeshContext &m_mesh;
    const Instance &m_instance;
    std::string m_folder;
    std::vector<SecretFile> m_files;
};

} // namespace sallyport::compile
