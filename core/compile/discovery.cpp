// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/discovery.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

/// Kubernetes gives every namespace its name as a label.
model::Labels labelsOf(const model::Mesh &mesh, const std::string &nameSpace)
{
    const model::Namespace *known = mesh.findNamespace(nameSpace);
    model::Labels labels = known ? known->metadata.labels : model::Labels();
    labels["kubernetes.io/metadata.name"] = nameSpace;
    return labels;
}

template<typename T, typename Seen>
void keep(std::vector<T> &list, const Seen &seen)
{
    list.erase(std::remove_if(list.begin(), list.end(),
                              [&seen](const T &each) { return !seen(each.metadata.resourceNamespace); }),
               list.end());
}

} // namespace

std::optional<DiscoveredMesh> discoveredPart(const model::Mesh &mesh)
{
    const std::vector<model::LabelSelector> &selectors = mesh.config.discoverySelectors;
    if (selectors.empty())
        return std::nullopt;
    DiscoveredMesh result{mesh, {}};
    const auto seen = [&](const std::string &nameSpace) {
        const model::Labels labels = labelsOf(mesh, nameSpace);
        const bool selected =
            std::any_of(selectors.begin(), selectors.end(),
                        [&labels](const auto &selector) { return selector.selects(labels); });
        if (!selected)
            result.hidden.insert(nameSpace);
        return selected;
    };
    model::Mesh &part = result.part;
    keep(part.serviceEntries, seen);
    keep(part.workloadEntries, seen);
    keep(part.gateways, seen);
    keep(part.virtualServices, seen);
    keep(part.destinationRules, seen);
    keep(part.sidecars, seen);
    keep(part.authorizationPolicies, seen);
    keep(part.peerAuthentications, seen);
    keep(part.requestAuthentications, seen);
    keep(part.telemetries, seen);
    keep(part.services, seen);
    keep(part.configMaps, seen);
    keep(part.others, seen);
    return result;
}

} // namespace sallyport::compile
