// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/check.h"
#include "core/analysis/names.h"

#include <algorithm>

namespace sallyport::analysis {

namespace {

using model::Severity;

bool selectsPods(const model::Sidecar &sidecar)
{
    return sidecar.workloadSelector && !sidecar.workloadSelector->empty();
}

/// A pod that both select.
const compile::Instance *sharedPod(const MeshFacts &facts, const model::Sidecar &a, const model::Sidecar &b)
{
    for (const compile::Instance &pod : facts.context.instances) {
        if (pod.nameSpace == a.metadata.resourceNamespace &&
            model::selects(*a.workloadSelector, pod.labels) &&
            model::selects(*b.workloadSelector, pod.labels))
            return &pod;
    }
    return nullptr;
}

void severalForOnePod(const MeshFacts &facts, Report &report)
{
    const std::vector<model::Sidecar> &sidecars = facts.mesh.sidecars;
    for (std::size_t second = 1; second < sidecars.size(); ++second) {
        for (std::size_t first = 0; first < second; ++first) {
            const model::Sidecar &a = sidecars[first];
            const model::Sidecar &b = sidecars[second];
            if (a.metadata.resourceNamespace != b.metadata.resourceNamespace ||
                selectsPods(a) != selectsPods(b))
                continue;
            if (!selectsPods(a)) {
                report.add(b, "metadata.name",
                           a.title() + " already holds for the whole namespace; only the older one is used",
                           "keep one of them");
            } else if (const compile::Instance *pod = sharedPod(facts, a, b)) {
                report.add(b, "spec.workloadSelector",
                           pod->name + " is selected by " + a.title() + " too; only the older one is used",
                           "keep one of them, or select other labels");
            }
        }
    }
}

void selectorInRoot(const MeshFacts &facts, Report &report)
{
    for (const model::Sidecar &sidecar : facts.mesh.sidecars) {
        if (selectsPods(sidecar) && sidecar.metadata.resourceNamespace == facts.config().rootNamespace)
            report.add(sidecar, "spec.workloadSelector",
                       "a Sidecar of the root namespace is the default for all others; with a selector it is "
                       "only for pods of " +
                           facts.config().rootNamespace,
                       "move it to the namespace of the workload");
    }
}

const char *nameOf(model::OutboundMode mode)
{
    return mode == model::OutboundMode::RegistryOnly ? "REGISTRY_ONLY" : "ALLOW_ANY";
}

void otherOutboundMode(const MeshFacts &facts, Report &report)
{
    for (const model::Sidecar &sidecar : facts.mesh.sidecars) {
        if (sidecar.outboundMode && *sidecar.outboundMode != facts.config().outboundMode)
            report.add(sidecar, "spec.outboundTrafficPolicy",
                       std::string("what is not registered is treated by ") + nameOf(*sidecar.outboundMode) +
                           " here, and by " + nameOf(facts.config().outboundMode) +
                           " in the rest of the mesh");
    }
}

constexpr Check sidecarTable[] = {
    {"EGR0225", Severity::Error, "Two Sidecars for one pod", severalForOnePod},
    {"EGR0226", Severity::Warning, "A Sidecar of the root namespace with a selector", selectorInRoot},
    {"EGR0710", Severity::Warning, "A Sidecar treats unknown hosts differently from the mesh",
     otherOutboundMode},
};

} // namespace

std::span<const Check> sidecarChecks()
{
    return sidecarTable;
}

} // namespace sallyport::analysis
