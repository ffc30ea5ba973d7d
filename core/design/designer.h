// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/manifests.h"
#include "core/design/route_parts.h"

#include <memory>

namespace sallyport::design {

/// The making of one route: each step looks at the project as the steps before left it, and makes or changes
/// what its part of the route needs.
class Designer
{
public:
    Designer(const model::Project &project, const RouteDesign &design);

    Result<DesignedRoute> run();

private:
    using Change = DesignedResource::Change;

    // The steps, in the order of a request's way.
    Result<void> makeWorkloads();
    Result<void> refuseTheUnregistered();
    Result<void> registerHost();
    Result<void> encryptToGateway();
    Result<void> openGateway();
    Result<void> routeRequests();
    Result<void> originateTls();
    Result<void> restrictAccess();
    void lookAtResult();

    // What they have in common.
    void refresh();
    const model::Mesh &mesh() const { return m_context->mesh; }
    const compile::Instance *client() const;
    const compile::Instance *gatewayPod() const
    {
        return findInstance(m_context->instances, m_design.gateway);
    }
    std::string gatewayHost() const; ///< of its Service
    std::string apiVersion(const std::string &group) const;
    ManifestHead head(const std::string &group, const std::string &nameSpace, const std::string &wanted,
                      const std::string &kind) const;
    /// Adds a manifest to the file that the route's resources (or the gateway's) go to.
    void add(std::string &file, const std::string &wantedFile, const std::string &manifest);
    void addForRoute(const std::string &kind, const ManifestHead &head, const std::string &manifest,
                     const std::string &why);
    void addForGateway(const std::string &kind, const ManifestHead &head, const std::string &manifest,
                       const std::string &why);
    void note(Change change, const model::Resource &resource, const std::string &why);
    void noteNew(const std::string &kind, const ManifestHead &head, const std::string &file,
                 const std::string &why);

    Result<void> makeNamespace(const std::string &name, bool injected);
    Result<bool> changePorts(const model::ServiceEntry &entry);
    Result<bool> changeAddresses(const model::ServiceEntry &entry);
    Result<bool> changeExport(const model::ServiceEntry &entry);
    std::vector<EntryPort> wantedPorts() const;

    /// A rule of a VirtualService for requests by `gateway` on `port`; true if anything had to change.
    Result<bool> ensureRule(const model::VirtualService &service, const std::string &gateway,
                            const std::string &gatewayAsWritten, std::uint32_t port,
                            const RouteTarget &target);
    Result<bool> ensureGatewayNamed(const model::VirtualService &service, const std::string &gateway,
                                    const std::string &gatewayAsWritten);
    const model::VirtualService *virtualServiceFor(const std::string &gateway) const;

    const model::Project &m_original;
    const RouteDesign &m_design;
    model::ProjectEdit m_edit;
    std::string m_folder; ///< of the mesh in the project; empty: the project's own
    std::string m_routeFile;
    std::string m_gatewayFile;
    std::string m_workloadFile;
    std::string m_subset;      ///< of the gateway's Service, where the SNI must be fixed
    std::string m_gatewayName; ///< `ns/name` of the Gateway that the route uses
    model::Project m_project;
    compile::Placement m_placement;
    std::unique_ptr<compile::MeshContext> m_context;
    DesignedRoute m_result;
};

} // namespace sallyport::design
