// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/certificates/certificate_entry.h"
#include "ui/session/lab_session.h"

namespace sallyport::certificates {

/// Everything that has a certificate or lacks one: what is missing, then clients' credentials, then servers',
/// then the lab's workloads and authorities. `compiled` tells which proxies use what; it may be null.
/// `lab` and `plan` are those of the running lab. Works on any thread.
std::vector<CertificateEntry> certificateEntries(const model::Project &project,
                                                 const compile::CompiledProject *compiled,
                                                 const QList<session::NodeCertificate> &lab,
                                                 const lab::LabPlan *plan);

/// `kubernetes://test.client-cacert` → `test.client`; empty if it names no credential.
std::string credentialOfSds(const std::string &secret);

} // namespace sallyport::certificates
