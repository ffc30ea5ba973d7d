// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/bootstrap.h"
#include "core/lab/network_view.h"
#include "core/model/project.h"

#include <memory>
#include <variant>

namespace sallyport::explain {

/// A proxy of the scene: the bootstrap that it runs, and what its secrets' files hold.
struct Proxy
{
    std::string name; ///< full name of its workload
    std::string mesh;
    bool gateway = false;
    std::string address; ///< its workload's own address on this machine
    dataplane::Bootstrap bootstrap;
    std::map<std::pair<std::string, std::string>, dataplane::Secret> secrets; ///< by file and name

    const dataplane::Cluster *findCluster(const std::string &wanted) const;
};

/// An application that answers on a port.
struct Application
{
    std::string name; ///< full name of its workload
    int port = 0;     ///< as the mesh knows it
    bool tls = false;
    std::string certificatePem; ///< what it shows then
};

/// Who answers at an address of this machine.
struct AtListener
{
    const Proxy *proxy = nullptr;
    const dataplane::Listener *listener = nullptr;
};
using Listening = std::variant<std::monostate, AtListener, const Application *>;

/// Everything an explanation looks at: the project, what it compiles to, the certificates and the addresses.
/// Immutable, shared by its copies; read it from any thread. Making one compiles the project and issues its
/// workloads' certificates, which takes some ten milliseconds: make one for each state of a project, away
/// from the window's thread.
class Scene
{
public:
    /// Plans a lab of its own for the project; nothing runs and nothing is written. Imported credentials
    /// count if they were added to the project (lab::addStoredCredentials).
    static Result<Scene> of(const model::Project &project);
    /// The scene of a lab as it runs, by the plan that it was started with.
    static Result<Scene> of(const model::Project &project, const lab::LabPlan &plan);

    const model::Project &project() const { return m_data->project; }
    const lab::LabPlan &plan() const { return m_data->plan; }
    lab::NetworkView network() const { return lab::NetworkView(m_data->plan); }

    const Proxy *proxyOf(const std::string &workload) const;
    Listening at(const dataplane::SocketAddress &address) const;
    /// The pods' ports behind a Service's address; empty if it is none.
    std::vector<lab::SocketAddress> behind(const dataplane::SocketAddress &address) const;
    /// `mesh:namespace/workload:port`, else the mesh's `address:port`.
    std::string nameOf(const dataplane::SocketAddress &address) const;

private:
    struct Data
    {
        model::Project project;
        lab::LabPlan plan;
        std::vector<Proxy> proxies;
        std::map<lab::SocketAddress, Application> applications;
        std::map<lab::SocketAddress, AtListener> listeners;
    };
    std::shared_ptr<const Data> m_data;
};

} // namespace sallyport::explain
