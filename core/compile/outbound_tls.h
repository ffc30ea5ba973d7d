// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/clusters.h"
#include "core/compile/traffic_policy.h"

#include <QJsonObject>

namespace sallyport::compile {

/// A port of a service, or of a subset of it, as one client's rules see it: what one outbound cluster is for.
struct OutboundTarget
{
    const Service &service;
    const ServicePort &port;
    std::string subset;
    model::Labels subsetLabels;
    EffectivePolicy policy;
};

/// Gives the cluster the TLS that the DestinationRule asks for, or the mesh's own where the rule says nothing
/// and the service offers it. What cannot be compiled goes to the proxy's errors.
void applyTls(const ProxyContext &proxy, const OutboundTarget &target, dataplane::Cluster &cluster,
              QJsonObject &metadata);

/// Whether Envoy refuses a cluster that istiod sends it nevertheless. It runs on without it, so the cluster
/// is to be left out; why is said in the proxy's warnings.
bool isRefused(const ProxyContext &proxy, const OutboundTarget &target, const dataplane::Cluster &cluster);

} // namespace sallyport::compile
