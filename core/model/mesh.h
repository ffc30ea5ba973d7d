// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/destination_rule.h"
#include "core/model/gateway.h"
#include "core/model/kubernetes.h"
#include "core/model/mesh_config.h"
#include "core/model/proxy_config.h"
#include "core/model/security_policies.h"
#include "core/model/service_entry.h"
#include "core/model/sidecar.h"
#include "core/model/telemetry.h"
#include "core/model/virtual_service.h"

namespace sallyport::model {

/// One mesh: the resources of one folder, in the order files and documents give them (files by name), which
/// stands for their age.
struct Mesh
{
    std::string name; ///< the folder's name, `primary`
    MeshConfig config;
    std::vector<ServiceEntry> serviceEntries;
    std::vector<WorkloadEntry> workloadEntries;
    std::vector<Gateway> gateways;
    std::vector<VirtualService> virtualServices;
    std::vector<DestinationRule> destinationRules;
    std::vector<Sidecar> sidecars;
    std::vector<AuthorizationPolicy> authorizationPolicies;
    std::vector<PeerAuthentication> peerAuthentications;
    std::vector<RequestAuthentication> requestAuthentications;
    std::vector<Telemetry> telemetries;
    std::vector<ProxyConfig> proxyConfigs;
    std::vector<Namespace> namespaces;
    std::vector<ServiceAccount> serviceAccounts;
    std::vector<Service> services;
    std::vector<Workload> workloads; ///< Deployments and Pods
    std::vector<Secret> secrets;
    std::vector<ConfigMap> configMaps;
    std::vector<Resource> others; ///< kinds that mean nothing here; kept as they are

    const Namespace *findNamespace(const std::string &wanted) const;
    const Secret *findSecret(const std::string &secretNamespace, const std::string &wanted) const;
    /// Every resource of every kind, in file order.
    std::vector<const Resource *> allResources() const;
};

} // namespace sallyport::model
