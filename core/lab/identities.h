// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/compile.h"
#include "core/lab/plan.h"
#include "core/pki/mesh_ca.h"

#include <chrono>

namespace sallyport::lab {

/// The certificate authorities of a running lab, one per mesh, and the certificates they issue. Lives as long
/// as the lab: a changed project keeps its identities. Keys stay in memory and in the run folder's 0600
/// files.
class Identities
{
public:
    /// How long a workload's certificate is good; it is renewed when half of it is over.
    explicit Identities(std::chrono::seconds validity = std::chrono::hours(24))
        : m_validity(validity)
    {
    }

    std::chrono::seconds validity() const { return m_validity; }

    /// Makes the CA of a mesh if it is not there yet (again if its trust domain changed).
    Result<void> prepare(const model::Mesh &mesh);

    /// The SDS files of one proxy: its own certificate, its mesh's root, and what the project gave. A
    /// certificate that was issued before and is not due for renewal is given again.
    Result<std::vector<PlannedFile>> secretFiles(const compile::CompiledProxy &proxy,
                                                 const std::string &spiffeId);

    /// New certificates for every workload of the lab: the files to rewrite in place.
    Result<std::vector<PlannedFile>> renewed();

    /// Certificate and key for applications that speak TLS themselves; made once.
    Result<std::pair<std::string, std::string>> applicationPair(const std::vector<std::string> &names);

    const pki::MeshCa *authority(const std::string &mesh) const;

private:
    struct Issued
    {
        std::string mesh;
        std::string spiffeId;
        std::chrono::steady_clock::time_point when;
        PlannedFile file;
    };
    Result<void> issue(const std::string &path, Issued &issued) const;

    std::chrono::seconds m_validity;
    std::map<std::string, pki::MeshCa> m_authorities;
    std::map<std::string, Issued> m_issued; ///< by file
    std::pair<std::string, std::string> m_application;
};

} // namespace sallyport::lab
