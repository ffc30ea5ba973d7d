// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/route_design.h"

namespace sallyport::design {

/// A workload that requests can come from.
struct ClientChoice
{
    WorkloadName name;
    std::string principal; ///< `cluster.local/ns/default/sa/sleep`, as policies write it
    bool sidecar = false;
};

/// A gateway workload that requests can leave by.
struct GatewayChoice
{
    WorkloadName name;
    std::string host;                 ///< of its Service; empty: it has none
    std::vector<std::uint32_t> ports; ///< of its Service
    bool external = false;            ///< a load balancer: it takes requests from outside
};

/// What a person can choose from in one mesh.
struct MeshChoices
{
    std::string trustDomain;
    std::string rootNamespace;
    bool registryOnly = false;
    std::vector<std::string> namespaces;
    std::vector<ClientChoice> clients;
    std::vector<GatewayChoice> gateways; ///< those for the way out first
    std::vector<std::string> hosts;      ///< registered by ServiceEntries
};

/// What a design in this mesh can choose from.
MeshChoices choicesFor(const model::Mesh &mesh);

/// Names of Secrets, stored credentials included, that a gateway in `nameSpace` can use.
std::vector<std::string> credentialsIn(const model::Mesh &mesh, const std::string &nameSpace);

/// A design to begin with: what the project has for `host` already, else its first client and egress gateway
/// with mutual TLS.
RouteDesign proposedDesign(const model::Project &project, const std::string &mesh, const std::string &host);

} // namespace sallyport::design
