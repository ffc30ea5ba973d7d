// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/mesh_context.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

std::map<std::string, std::string> podAddresses(const Placement &placement)
{
    std::map<std::string, std::string> addresses;
    for (const auto &[name, place] : placement.instances)
        addresses.emplace(name, place.meshAddress);
    return addresses;
}

} // namespace

MeshContext::MeshContext(const model::Mesh &ofMesh, const Placement &onMachine)
    : mesh(ofMesh)
    , placement(onMachine)
    , instances(instancesOf(ofMesh))
    , services(servicesOf(ofMesh, instances, onMachine.serviceAddresses, podAddresses(onMachine)))
    , virtualServices(resolvedVirtualServices(ofMesh))
    , destinationRules(ofMesh)
{
    for (const Service &service : services)
        servicesByHost[service.hostname].push_back(&service);
}

std::vector<std::string> MeshContext::trustDomains() const
{
    std::vector<std::string> domains = {mesh.config.trustDomain};
    for (const std::string &alias : mesh.config.trustDomainAliases) {
        if (std::find(domains.begin(), domains.end(), alias) == domains.end())
            domains.push_back(alias);
    }
    return domains;
}

} // namespace sallyport::compile
