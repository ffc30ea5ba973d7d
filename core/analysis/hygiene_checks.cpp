// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/bindings.h"
#include "core/analysis/check.h"

#include "core/model/credential_reference.h"

#include <algorithm>

namespace sallyport::analysis {

namespace {

using model::Severity;

void olderVersion(const MeshFacts &facts, Report &report)
{
    for (const model::Resource *resource : facts.mesh.allResources()) {
        const std::size_t slash = resource->apiVersion.find('/');
        const std::string group = resource->apiVersion.substr(0, slash);
        if (slash == std::string::npos || resource->file.empty() ||
            (group != "networking.istio.io" && group != "security.istio.io") ||
            resource->apiVersion.substr(slash + 1) == "v1")
            continue;
        const std::string wanted = group + "/v1";
        Finding &finding =
            report.add(*resource, "apiVersion", resource->apiVersion + " is the older spelling of " + wanted);
        finding.fixes.push_back(setScalarFix(*resource, "apiVersion", wanted, "Write " + wanted));
    }
}

void unused(const MeshFacts &facts, Report &report)
{
    for (const model::Gateway &gateway : facts.mesh.gateways) {
        const std::string name = gateway.metadata.resourceNamespace + '/' + gateway.metadata.name;
        const bool used =
            std::any_of(facts.mesh.virtualServices.begin(), facts.mesh.virtualServices.end(),
                        [&name](const auto &service) { return gatewayNames(service).count(name) != 0; });
        if (!used)
            report.add(gateway, "metadata.name", "no VirtualService is bound to this Gateway");
    }
    const std::vector<model::CredentialReference> references = model::credentialReferences(facts.mesh);
    for (const KeyPair &pair : facts.keyPairs) {
        const bool used = std::any_of(references.begin(), references.end(), [&pair](const auto &use) {
            return use.credential == pair.secret->metadata.name;
        });
        if (!used)
            report.add(*pair.secret, "metadata.name",
                       "no Gateway and no DestinationRule names this credential");
    }
}

constexpr Check hygieneTable[] = {
    {"EGR0901", Severity::Information, "An older API version", olderVersion},
    {"EGR0906", Severity::Information, "A resource that nothing uses", unused},
};

} // namespace

std::span<const Check> hygieneChecks()
{
    return hygieneTable;
}

} // namespace sallyport::analysis
