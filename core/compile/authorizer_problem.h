// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/mesh_config.h"

namespace sallyport::compile {

/// Whether CUSTOM policies can ask it: envoyExtAuthzHttp or envoyExtAuthzGrpc.
bool isAuthorizer(const model::ExtensionProvider &provider);

/// Why istiod takes the authorizer for a bad one, so that what CUSTOM policies name is denied; empty if it
/// does not. `all` are the mesh's providers
/// (istio:pilot/pkg/security/authz/builder/extauthz.go, pkg/config/validation/agent/extensionprovider.go).
std::string authorizerProblem(const model::ExtensionProvider &provider,
                              const std::vector<model::ExtensionProvider> &all);

} // namespace sallyport::compile
