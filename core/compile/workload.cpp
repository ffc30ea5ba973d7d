// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/workload.h"

#include "core/model/proxy_config.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

constexpr const char *tlsModeLabel = "security.istio.io/tlsMode";

std::string valueOf(const model::Labels &labels, const char *key)
{
    const auto found = labels.find(key);
    return found == labels.end() ? std::string() : found->second;
}

Instance::Proxy proxyOf(const model::Mesh &mesh, const model::Workload &workload)
{
    const model::PodTemplate &pod = workload.pod;
    std::string inject = valueOf(pod.labels, "sidecar.istio.io/inject");
    if (inject.empty())
        inject = valueOf(pod.annotations, "sidecar.istio.io/inject");
    if (inject == "false")
        return Instance::Proxy::None;
    if (valueOf(pod.annotations, "inject.istio.io/templates") == "gateway")
        return Instance::Proxy::Gateway;
    const model::Namespace *found = mesh.findNamespace(workload.metadata.resourceNamespace);
    const model::Labels none;
    const model::Labels &labels = found ? found->metadata.labels : none;
    const std::string injection = valueOf(labels, "istio-injection");
    if (injection == "disabled")
        return Instance::Proxy::None;
    const bool chosen = injection == "enabled" || labels.count("istio.io/rev") != 0 || inject == "true";
    return chosen ? Instance::Proxy::Sidecar : Instance::Proxy::None;
}

} // namespace

bool Instance::speaksMeshTls() const
{
    return valueOf(labels, tlsModeLabel) == "istio";
}

std::vector<Instance> instancesOf(const model::Mesh &mesh)
{
    std::vector<Instance> instances;
    for (const model::Workload &workload : mesh.workloads) {
        Instance instance;
        instance.mesh = mesh.name;
        instance.nameSpace = workload.metadata.resourceNamespace;
        instance.workload = workload.metadata.name;
        instance.proxy = proxyOf(mesh, workload);
        instance.labels = workload.pod.labels;
        if (instance.proxy == Instance::Proxy::Sidecar)
            instance.labels.emplace(tlsModeLabel, "istio");
        instance.proxyConfig = valueOf(workload.pod.annotations, model::proxyConfigAnnotation);
        instance.serviceAccount =
            workload.pod.serviceAccountName.empty() ? "default" : workload.pod.serviceAccountName;
        instance.spiffeId = "spiffe://" + mesh.config.trustDomain + "/ns/" + instance.nameSpace + "/sa/" +
                            instance.serviceAccount;
        for (const model::Container &container : workload.pod.containers) {
            instance.httpbin = instance.httpbin || container.image.find("httpbin") != std::string::npos;
            for (const model::Container::Port &port : container.ports) {
                instance.containerPorts.push_back(port.containerPort);
                if (!port.name.empty())
                    instance.containerPortNames.emplace(port.name, port.containerPort);
            }
        }
        std::sort(instance.containerPorts.begin(), instance.containerPorts.end());
        instance.containerPorts.erase(
            std::unique(instance.containerPorts.begin(), instance.containerPorts.end()),
            instance.containerPorts.end());
        const std::string name = mesh.name + ':' + instance.nameSpace + '/' + instance.workload;
        for (unsigned replica = 0; replica < workload.replicas; ++replica) {
            instance.replica = replica;
            instance.name = replica == 0 ? name : name + '#' + std::to_string(replica);
            instances.push_back(instance);
        }
    }
    std::stable_sort(instances.begin(), instances.end(), [](const Instance &a, const Instance &b) {
        return std::tie(a.nameSpace, a.workload, a.replica) < std::tie(b.nameSpace, b.workload, b.replica);
    });
    return instances;
}

} // namespace sallyport::compile
