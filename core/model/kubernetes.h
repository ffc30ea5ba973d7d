// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/resource.h"

namespace sallyport::model {

/// v1 Namespace: its labels are what counts
struct Namespace : Resource
{
};

/// v1 ServiceAccount
struct ServiceAccount : Resource
{
};

/// v1 Service
struct Service : Resource
{
    struct Port
    {
        std::string name;
        std::string protocol; ///< TCP unless given
        std::string appProtocol;
        std::uint32_t port = 0;
        std::uint32_t targetPort = 0; ///< 0: by name, or the port itself
        std::string targetPortName;
    };
    std::string type;
    std::string clusterIp; ///< `None`: headless
    Labels selector;
    std::vector<Port> ports;
    std::vector<std::string> externalIps;
    std::vector<std::string> loadBalancerIps; ///< status.loadBalancer.ingress[].ip
    std::vector<std::string> loadBalancerHostnames;
    std::string externalName;
    std::string trafficDistribution; ///< `PreferClose`; empty: not said
};

/// A container of a pod template.
struct Container
{
    struct Port
    {
        std::string name;
        std::uint32_t containerPort = 0;
        std::string protocol;
    };
    std::string name;
    std::string image;
    std::vector<Port> ports;
};

/// v1 PodTemplateSpec
struct PodTemplate
{
    Labels labels;
    Labels annotations;
    std::string serviceAccountName; ///< `default` unless given
    std::vector<Container> containers;
};

/// apps/v1 Deployment, or a v1 Pod (then replicas is 1)
struct Workload : Resource
{
    std::uint32_t replicas = 1;
    PodTemplate pod;
};

/// v1 Secret; values decoded from base64. Key material: never print it.
struct Secret : Resource
{
    std::string type;
    std::map<std::string, std::string> data;
};

/// v1 ConfigMap
struct ConfigMap : Resource
{
    std::map<std::string, std::string> data;
};

} // namespace sallyport::model
