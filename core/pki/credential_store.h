// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pki/credential.h"

#include <string>
#include <vector>

namespace sallyport::pki {

/// Which `credentialName` of which mesh of which project.
struct CredentialId
{
    std::string mesh;            ///< folder name in the project, `primary`
    std::string secretNamespace; ///< where the Secret would lie, `istio-system`
    std::string name;            ///< `test.client`

    auto operator<=>(const CredentialId &) const = default;
};

/// The credentials that a person imported for one project. They never lie in the project folder: each is a
/// Secret's files (tls.key, tls.crt, ca.crt, ca.crl) in a folder of its own under
/// `$XDG_DATA_HOME/sallyport/credentials/<project>/`, folders 0700, files 0600. A Secret resource in the
/// project wins over a stored credential of the same id; the lab reads both.
class CredentialStore
{
public:
    /// The store of the project at `projectPath` (any spelling of the path).
    static CredentialStore forProject(const std::string &projectPath);
    explicit CredentialStore(std::string folder)
        : m_folder(std::move(folder))
    {
    }

    const std::string &folder() const { return m_folder; }
    std::vector<CredentialId> list() const;
    bool contains(const CredentialId &id) const;
    Result<Credential> get(const CredentialId &id) const;
    /// Replaces atomically what was there.
    Result<void> put(const CredentialId &id, const Credential &credential) const;
    Result<void> remove(const CredentialId &id) const;

private:
    Result<std::string> folderOf(const CredentialId &id) const;

    std::string m_folder;
};

/// Writes `bytes` to a new file of mode `mode` and moves it over `path`, so that a reader sees the old or the
/// new content, never half.
Result<void> writeFileAtomically(const std::string &path, std::string_view bytes, unsigned mode);

} // namespace sallyport::pki
