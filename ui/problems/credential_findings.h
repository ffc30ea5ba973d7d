// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/problems/project_findings.h"

namespace sallyport::problems {

/// Secrets that a proxy needs and does not get, at the field that names them.
std::vector<Finding> missingSecrets(const model::Project &project, const compile::CompiledProject &compiled);

/// What the checks of each key pair of the project, imported ones included, warn of or refuse.
std::vector<Finding> credentialFindings(const model::Project &project, TimePoint now);

} // namespace sallyport::problems
