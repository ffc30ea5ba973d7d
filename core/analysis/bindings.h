// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/facts.h"
#include "core/model/host_name.h"

namespace sallyport::analysis {

/// A VirtualService and a server of a Gateway that it names.
struct Binding
{
    const model::VirtualService *service = nullptr;
    const model::Gateway *gateway = nullptr;
    const model::Gateway::Server *server = nullptr;
    std::size_t index = 0;          ///< of the server
    std::vector<std::string> hosts; ///< that they have in common
};

/// Hosts of a server that a VirtualService of this namespace may bind, without namespaces.
std::vector<std::string> openTo(const model::Gateway &gateway, const model::Gateway::Server &server,
                                const std::string &virtualServiceNamespace);

/// Every VirtualService with every server of every Gateway it is bound to, as written; also those that have
/// no host in common.
std::vector<Binding> bindingsOf(const MeshFacts &facts);

/// The gateways that a VirtualService is bound to, as `mesh` or `ns/name`.
std::set<std::string> gatewayNames(const model::VirtualService &service);

/// TLS that goes through the gateway unopened.
bool isPassthrough(const model::Gateway::Server &server);
/// TLS that ends at the gateway.
bool terminatesTls(const model::Gateway::Server &server);

} // namespace sallyport::analysis
