// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/service.h"
#include "core/dataplane/cluster.h"
#include "core/model/mesh_config.h"

namespace sallyport::compile {

/// `region/zone/subzone`
dataplane::Locality localityOf(const std::string &text);

/// A pod's label `istio-locality`, in that form: labels have dots instead of slashes. Empty: none.
std::string localityLabel(const model::Labels &labels);

/// The labels that say where something is, as istiod gives them to endpoints and clients.
void addTopology(const std::string &locality, const std::string &network, model::Labels &labels);

/// How one client prefers endpoints by where they are: a DestinationRule's zoneAwareLbSetting or
/// localityLbSetting, else the service's own traffic distribution, else the mesh's in the same order
/// (istio:pilot/pkg/networking/core/loadbalancer/loadbalancer.go). A value; the policy and the configuration
/// must outlive it.
class LocalityBalancing
{
public:
    /// Every endpoint is as good as any other.
    LocalityBalancing() = default;
    /// `client` labels are the pod's. Without outlier detection only a traffic distribution fails over.
    LocalityBalancing(const model::TrafficPolicy &policy, TrafficDistribution distribution,
                      const model::MeshConfig &config, const model::Labels &client);

    /// Whether the weights of localities count.
    bool isWeighted() const;
    /// Envoy's part of a zoneAwareLbSetting: none is no such setting.
    std::optional<dataplane::ZoneAwareLb> zoneAware() const;
    /// The better the lower; not yet without gaps.
    std::uint32_t rank(const Endpoint &endpoint) const;
    /// Gives localities the weights of `distribute`, takes out those that it leaves out, and closes the gaps
    /// between priorities.
    void finish(dataplane::ClusterLoadAssignment &assignment) const;

private:
    const model::LocalityLb *m_setting = nullptr;
    const model::ZoneAwareSetting *m_zones = nullptr;
    model::Labels m_client;
    dataplane::Locality m_place;
    bool m_failsOver = false;
};

} // namespace sallyport::compile
