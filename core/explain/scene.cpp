// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/scene.h"

#include "core/lab/planner.h"

#include <algorithm>

namespace sallyport::explain {

namespace {

/// Paths in a plan that is never carried out.
constexpr const char *nowhereFolder = "/nonexistent/explain";

lab::SocketAddress keyOf(const dataplane::SocketAddress &address)
{
    return {address.address, static_cast<int>(address.port)};
}

Result<Proxy> proxyOf(const lab::Process &process, const lab::LabPlan &plan)
{
    auto bootstrap = dataplane::parseBootstrap(process.bootstrap);
    if (!bootstrap)
        return fail(bootstrap.error());
    Proxy proxy;
    proxy.name = process.name;
    proxy.gateway = !process.sidecar;
    proxy.bootstrap = std::move(*bootstrap);
    const auto instance =
        std::find_if(plan.instances.begin(), plan.instances.end(),
                     [&process](const lab::Instance &each) { return each.name == process.name; });
    if (instance != plan.instances.end()) {
        proxy.mesh = instance->mesh;
        proxy.address = instance->address;
    }
    for (const lab::PlannedFile &file : process.files) {
        auto decoded = dataplane::decodeSecretFile(file.content);
        if (!decoded)
            return fail(decoded.error());
        for (dataplane::Secret &secret : decoded->secrets)
            proxy.secrets.emplace(std::pair(file.path, secret.name), std::move(secret));
    }
    return proxy;
}

std::string contentOf(const lab::Process &process, const std::string &path)
{
    for (const lab::PlannedFile &file : process.files) {
        if (file.path == path)
            return file.content.toStdString();
    }
    return {};
}

} // namespace

const dataplane::Cluster *Proxy::findCluster(const std::string &wanted) const
{
    const auto found = std::find_if(bootstrap.clusters.begin(), bootstrap.clusters.end(),
                                    [&wanted](const auto &cluster) { return cluster.name == wanted; });
    return found == bootstrap.clusters.end() ? nullptr : &*found;
}

Result<Scene> Scene::of(const model::Project &project)
{
    lab::Identities identities;
    lab::PlanOptions options;
    options.runFolder = nowhereFolder;
    auto planned = lab::planLab(project, options, identities);
    if (!planned)
        return fail(planned.error());
    return of(project, planned->plan);
}

Result<Scene> Scene::of(const model::Project &project, const lab::LabPlan &plan)
{
    auto data = std::make_shared<Data>();
    data->project = project;
    data->plan = plan;
    data->proxies.reserve(plan.processes.size());
    for (const lab::Process &process : plan.processes) {
        if (process.kind == lab::ProcessKind::Httpbin) {
            for (const lab::ListenAddress &listen : process.listen) {
                Application application;
                application.name = process.name;
                application.port = plan.overlay.meshPort(listen.at.port);
                application.tls = listen.tls;
                if (listen.tls)
                    application.certificatePem = contentOf(process, process.tlsCertificatePath);
                data->applications.emplace(listen.at, std::move(application));
            }
            continue;
        }
        auto proxy = explain::proxyOf(process, plan);
        if (!proxy)
            return fail(proxy.error());
        data->proxies.push_back(std::move(*proxy));
    }
    for (const Proxy &proxy : data->proxies) {
        for (const dataplane::Listener &listener : proxy.bootstrap.listeners) {
            if (!listener.bindToPort)
                continue;
            data->listeners.emplace(keyOf(listener.address), AtListener{&proxy, &listener});
            for (const dataplane::SocketAddress &address : listener.additionalAddresses)
                data->listeners.emplace(keyOf(address), AtListener{&proxy, &listener});
        }
    }
    Scene scene;
    scene.m_data = std::move(data);
    return scene;
}

const Proxy *Scene::proxyOf(const std::string &workload) const
{
    const auto found = std::find_if(m_data->proxies.begin(), m_data->proxies.end(),
                                    [&workload](const Proxy &proxy) { return proxy.name == workload; });
    return found == m_data->proxies.end() ? nullptr : &*found;
}

Listening Scene::at(const dataplane::SocketAddress &address) const
{
    lab::SocketAddress key = keyOf(address);
    // Where bytes are looked at on their way, they go on to the pod.
    for (const lab::Tap &tap : m_data->plan.taps) {
        if (tap.seen == key)
            key = tap.actual;
    }
    if (const auto found = m_data->listeners.find(key); found != m_data->listeners.end())
        return found->second;
    if (const auto found = m_data->applications.find(key); found != m_data->applications.end())
        return &found->second;
    return {};
}

std::vector<lab::SocketAddress> Scene::behind(const dataplane::SocketAddress &address) const
{
    for (const lab::Route &route : m_data->plan.routes) {
        if (route.seen == keyOf(address))
            return route.actual;
    }
    return {};
}

std::string Scene::nameOf(const dataplane::SocketAddress &address) const
{
    if (!address.pipe.empty())
        return address.pipe;
    const lab::NetworkView view = network();
    if (const auto name = view.nameOf(address.address, static_cast<int>(address.port)))
        return *name;
    return view.meshText(address.address) + ':' +
           std::to_string(m_data->plan.overlay.meshPort(static_cast<int>(address.port)));
}

} // namespace sallyport::explain
