// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project.h"
#include "core/pki/credential_store.h"

namespace sallyport::lab {

/// Puts the credentials that a person imported for the project beside its Secrets, so that compiling finds
/// them. A Secret of the YAML wins over a stored credential of the same mesh, namespace and name. Credentials
/// of meshes that the project does not have stay where they are. What cannot be read becomes a problem of the
/// project.
void addStoredCredentials(model::Project &project, const pki::CredentialStore &store);

/// The same from the store of the project's own folder.
void addStoredCredentials(model::Project &project);

} // namespace sallyport::lab
