// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/mesh_context.h"

namespace sallyport::compile {

/// `ns/host` of Sidecar.egress.hosts.
struct Import
{
    std::string nameSpace; ///< `*`: any
    std::string host;
    bool excluded = false; ///< `~ns/host`
};

/// The hosts of a Sidecar's egress listener. `.` is the workload's own namespace, also in the root
/// namespace's Sidecar.
std::vector<Import> importsOf(const model::Sidecar::Egress &egress, const std::string &workloadNamespace);

/// Whether the list has a host of a namespace; `eitherWay` also if it has only a part of a wildcard's names.
bool imports(const std::vector<Import> &list, const std::string &nameSpace, const std::string &host,
             bool eitherWay);

/// Services that are exported to a namespace: those exported to it in particular before those that everybody
/// sees, each oldest first.
std::vector<const Service *> visibleServices(const MeshContext &mesh, const std::string &nameSpace);

/// The entries of the hosts that a listener imports, each by itself. A host is one namespace's: the viewer's
/// own, else that of a Kubernetes Service, else the first. `port`: the listener stands for this one only, 0
/// for all.
std::vector<Service> importedServices(const MeshContext &mesh, const std::vector<Import> &list,
                                      std::uint32_t port, const std::string &viewer);

/// Puts services together as they come (istio:pilot/pkg/model/sidecar.go appendSidecarServices). The first
/// entry has the host, unless a Kubernetes Service comes later. Entries of one namespace that are alike give
/// it the ports that it has not; of others nothing is taken.
class ServiceCollection
{
public:
    /// `imported`: it is asked for, not only led to.
    void add(const Service &service, bool imported = true);

    /// Whether a host came a second time, from another entry or with other ports.
    bool hadRepetition() const { return m_repetition; }
    /// The ones that were asked for, and the others.
    std::vector<Service> takeImported() { return std::move(m_imported); }
    std::vector<Service> takeOthers() { return std::move(m_others); }

private:
    struct Where
    {
        bool imported;
        std::size_t index;
    };
    std::vector<Service> m_imported;
    std::vector<Service> m_others;
    std::map<std::string, Where> m_known;
    bool m_repetition = false;
};

/// Adds the services that a VirtualService leads a proxy of this namespace to, with the ports that it leads
/// to: the namespace's own, else a Kubernetes Service, else the oldest one that it sees.
/// `listenerPort`: the one that the VirtualService was imported for, 0 for all.
void addDestinations(const MeshContext &mesh, const model::VirtualService &virtualService,
                     std::uint32_t listenerPort, const std::string &nameSpace, ServiceCollection &into);

} // namespace sallyport::compile
