// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/check.h"

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

constexpr Check checks[] = {
    {"EGR0901", Severity::Information, "An older API version", olderVersion},
};

} // namespace

std::span<const Check> hygieneChecks()
{
    return checks;
}

} // namespace sallyport::analysis
