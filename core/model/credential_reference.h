// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/mesh.h"

namespace sallyport::model {

/// A field that names a credential: key pair or CA of a Gateway's server or of a DestinationRule's client.
struct CredentialReference
{
    std::string credential; ///< `test.client`
    const Resource *resource = nullptr;
    std::string path;    ///< `spec.trafficPolicy.portLevelSettings[0].tls.credentialName`
    bool server = false; ///< a Gateway's
};

/// Every one of a mesh; DestinationRules first, each in its own order. Pointers lead into `mesh`.
std::vector<CredentialReference> credentialReferences(const Mesh &mesh);

} // namespace sallyport::model
