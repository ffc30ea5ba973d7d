// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/resource.h"

#include "core/model/mesh.h"
#include "core/yaml/node.h"

#include <algorithm>

namespace sallyport::model {

bool selects(const Labels &selector, const Labels &labels)
{
    return std::all_of(selector.begin(), selector.end(), [&](const auto &wanted) {
        const auto found = labels.find(wanted.first);
        return found != labels.end() && found->second == wanted.second;
    });
}

bool LabelSelector::selects(const Labels &of) const
{
    return model::selects(labels, of) &&
           std::all_of(requirements.begin(), requirements.end(), [&of](const Requirement &requirement) {
               const auto own = of.find(requirement.key);
               const bool has = own != of.end();
               const bool among = has && std::find(requirement.values.begin(), requirement.values.end(),
                                                   own->second) != requirement.values.end();
               if (requirement.op == "In")
                   return among;
               if (requirement.op == "NotIn")
                   return !among;
               return requirement.op == "Exists" ? has : !has;
           });
}

Place Resource::place(const std::string &fieldPath) const
{
    if (!node)
        return {file, 0, 0};
    return fieldPath.empty() ? node->place : node->placeOf(fieldPath);
}

const Namespace *Mesh::findNamespace(const std::string &wanted) const
{
    const auto found = std::find_if(namespaces.begin(), namespaces.end(),
                                    [&](const Namespace &n) { return n.metadata.name == wanted; });
    return found == namespaces.end() ? nullptr : &*found;
}

const Secret *Mesh::findSecret(const std::string &secretNamespace, const std::string &wanted) const
{
    const auto found = std::find_if(secrets.begin(), secrets.end(), [&](const Secret &secret) {
        return secret.metadata.name == wanted && secret.metadata.resourceNamespace == secretNamespace;
    });
    return found == secrets.end() ? nullptr : &*found;
}

std::vector<const Resource *> Mesh::allResources() const
{
    std::vector<const Resource *> all;
    const auto add = [&](const auto &list) {
        for (const auto &resource : list)
            all.push_back(&resource);
    };
    add(serviceEntries);
    add(workloadEntries);
    add(gateways);
    add(virtualServices);
    add(destinationRules);
    add(sidecars);
    add(authorizationPolicies);
    add(peerAuthentications);
    add(requestAuthentications);
    add(telemetries);
    add(proxyConfigs);
    add(namespaces);
    add(serviceAccounts);
    add(services);
    add(workloads);
    add(secrets);
    add(configMaps);
    add(others);
    std::sort(all.begin(), all.end(),
              [](const Resource *a, const Resource *b) { return a->order < b->order; });
    return all;
}

} // namespace sallyport::model
