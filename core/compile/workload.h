// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/mesh.h"

namespace sallyport::compile {

/// One pod of a mesh: an instance of a Deployment, or a Pod.
struct Instance
{
    enum class Proxy {
        None,    ///< no injection
        Sidecar, ///< beside an application
        Gateway  ///< a gateway pod
    };
    std::string name;      ///< full name, `primary:default/sleep`, further replicas `…#1`
    std::string mesh;      ///< the mesh's name
    std::string nameSpace; ///< its Kubernetes namespace
    std::string workload;  ///< the Deployment's or Pod's name
    unsigned replica = 0;
    Proxy proxy = Proxy::None;
    model::Labels labels; ///< of the pod; an injected sidecar brings `security.istio.io/tlsMode: istio`
    std::string serviceAccount;
    std::string spiffeId;                      ///< `spiffe://TRUSTDOMAIN/ns/NS/sa/SA`
    bool httpbin = false;                      ///< its image answers on its container ports
    std::vector<std::uint32_t> containerPorts; ///< ascending
    std::map<std::string, std::uint32_t> containerPortNames;
    std::string proxyConfig; ///< its annotation of that kind (model/proxy_config.h); empty: the mesh's holds

    /// Its own key in a namespace and in file names: `sleep`, `sleep-1`.
    std::string podName() const { return replica == 0 ? workload : workload + '-' + std::to_string(replica); }
    bool speaksMeshTls() const;
    bool operator==(const Instance &) const = default;
};

/// The pods of a mesh, by namespace and name. Injection follows Istio's: a gateway by the annotation
/// `inject.istio.io/templates: gateway`, a sidecar by the namespace's label `istio-injection: enabled` unless
/// the pod template says `sidecar.istio.io/inject: "false"`, or by the pod's own `"true"`.
std::vector<Instance> instancesOf(const model::Mesh &mesh);

} // namespace sallyport::compile
