// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/planner.h"

#include "core/lab/looked_up_names.h"

#include <QFileInfo>
#include <algorithm>
#include <thread>

namespace sallyport::lab {

namespace {

constexpr int forwardPort = 15080;
constexpr int nameServerPort = 15053;

/// `primary:default/sleep#1` → `primary.default.sleep-1`
std::string idOf(const compile::Instance &instance)
{
    return instance.mesh + '.' + instance.nameSpace + '.' + instance.podName();
}

bool speaksTls(std::uint32_t port)
{
    return port == 443 || port == 8443;
}

/// As many as asked for; one for each core at most, which is what 0 asks for.
int threads(std::uint32_t concurrency)
{
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    return static_cast<int>(concurrency == 0 ? cores : std::min(concurrency, cores));
}

class LabPlanner
{
public:
    LabPlanner(const model::Project &project, const PlanOptions &options, Identities &identities)
        : m_project(project)
        , m_options(options)
        , m_identities(identities)
        , m_addresses(
              planAddresses(project, options.block, options.lowPortShift, options.taps, options.running))
    {
    }

    Result<PlannedLab> plan()
    {
        LabPlan &plan = m_planned.plan;
        plan.projectPath =
            QFileInfo(QString::fromStdString(m_project.folder)).canonicalFilePath().toStdString();
        plan.runFolder = m_options.runFolder;
        plan.overlay = m_addresses.overlay;
        plan.names = m_addresses.names;
        plan.meshes = m_addresses.meshes;
        plan.routes = m_addresses.routes;
        plan.hosts = m_project.hosts;
        plan.reserved = reservations(m_options.block, m_project.meshes.size());
        if (m_options.lowPortShift > 0)
            plan.notes.push_back("ports below 1024 cannot be bound by this user: each is moved up by " +
                                 std::to_string(m_options.lowPortShift));
        collectInstances();
        placeFiles();
        compile::CompiledProject compiled = compile::compileProject(m_project, m_addresses.placement);
        m_planned.errors = std::move(compiled.errors);
        m_planned.warnings = std::move(compiled.warnings);
        for (const model::Mesh &mesh : m_project.meshes) {
            if (const auto prepared = m_identities.prepare(mesh); !prepared)
                return fail(prepared.error());
        }
        for (const compile::CompiledProxy &proxy : compiled.proxies) {
            if (const auto added = addGateway(proxy); !added)
                return fail(added.error());
        }
        for (const compile::Instance &instance : m_instances) {
            if (instance.httpbin && instance.proxy != compile::Instance::Proxy::Gateway) {
                if (const auto added = addApplication(instance); !added)
                    return fail(added.error());
            }
            addInstance(instance);
        }
        nameRoutes();
        return std::move(m_planned);
    }

private:
    void collectInstances()
    {
        for (const model::Mesh *mesh : orderedMeshes(m_project)) {
            for (compile::Instance &instance : compile::instancesOf(*mesh))
                m_instances.push_back(std::move(instance));
        }
    }

    std::string path(const char *folder, const std::string &name) const
    {
        return m_options.runFolder + '/' + folder + '/' + name;
    }

    void placeFiles()
    {
        for (const model::Mesh *mesh : orderedMeshes(m_project)) {
            const SocketAddress &reserved = m_planned.plan.reserved.at(m_planned.plan.nameServers.size());
            m_planned.plan.nameServers.push_back(
                {{reserved.address, nameServerPort}, lookedUpNames(m_project, m_addresses, mesh->name)});
            m_nameServers.emplace(mesh->name, m_planned.plan.nameServers.back().at);
        }
        for (const compile::Instance &instance : m_instances) {
            compile::InstancePlace &place = m_addresses.placement.instances.at(instance.name);
            const SocketAddress &names = m_nameServers.at(instance.mesh);
            place.nameServer = names.address;
            place.nameServerPort = static_cast<std::uint32_t>(names.port);
            place.accessLogPath = path(layout::logs, idOf(instance) + ".access.log");
            place.secretsFolder = path(layout::secrets, idOf(instance));
        }
    }

    const compile::Instance &instanceOf(const std::string &name) const
    {
        return *std::find_if(m_instances.begin(), m_instances.end(),
                             [&name](const compile::Instance &instance) { return instance.name == name; });
    }

    /// What is bound, with the name by which the mesh knows it.
    ListenAddress listening(const compile::Instance &instance, const dataplane::SocketAddress &address)
    {
        const int meshPort = m_addresses.overlay.meshPort(static_cast<int>(address.port));
        ListenAddress listen;
        listen.at = {address.address, static_cast<int>(address.port)};
        listen.name = instance.name + ':' + std::to_string(meshPort);
        m_planned.plan.addresses.emplace(listen.at.toString(), listen.name);
        if (const auto tap = m_addresses.taps.find(address.address); tap != m_addresses.taps.end()) {
            const SocketAddress before{tap->second, listen.at.port};
            m_planned.plan.taps.push_back({before, listen.at});
            m_planned.plan.addresses.emplace(before.toString(), listen.name);
        }
        return listen;
    }

    Result<void> addGateway(const compile::CompiledProxy &proxy)
    {
        const compile::Instance &instance = instanceOf(proxy.name);
        const compile::InstancePlace &place = m_addresses.placement.instances.at(proxy.name);
        Process process;
        process.name = proxy.name;
        process.id = idOf(instance);
        process.sidecar = !proxy.gateway;
        process.bootstrapPath = path(layout::bootstraps, process.id + ".json");
        process.bootstrap = dataplane::encodeBootstrap(proxy.bootstrap);
        auto files = m_identities.secretFiles(proxy, instance.spiffeId);
        if (!files)
            return fail(files.error());
        process.files = std::move(*files);
        for (const compile::SecretFile &secret : proxy.secrets) {
            if (!secret.missing.empty())
                m_planned.plan.notes.push_back(proxy.name + ": " + secret.missing);
        }
        for (const dataplane::Listener &listener : proxy.bootstrap.listeners) {
            if (!listener.bindToPort)
                continue;
            process.listen.push_back(listening(instance, listener.address));
            for (const dataplane::SocketAddress &address : listener.additionalAddresses)
                process.listen.push_back(listening(instance, address));
        }
        process.admin = {place.address, static_cast<int>(place.adminPort)};
        if (proxy.concurrency)
            process.concurrency = threads(*proxy.concurrency);
        if (process.sidecar)
            process.outbound = {place.address, static_cast<int>(place.outboundPort)};
        if (proxy.logs)
            process.accessLogPath = place.accessLogPath;
        process.accessLogFormat = proxy.logFormat;
        process.logPath = path(layout::logs, process.id + ".log");
        m_planned.plan.processes.push_back(std::move(process));
        return {};
    }

    Result<void> addApplication(const compile::Instance &instance)
    {
        const compile::InstancePlace &place = m_addresses.placement.instances.at(instance.name);
        Process process;
        process.name = instance.name;
        process.id = idOf(instance) + ".app";
        process.kind = ProcessKind::Httpbin;
        process.logPath = path(layout::logs, process.id + ".log");
        const std::string &address =
            instance.proxy == compile::Instance::Proxy::Sidecar ? place.appAddress : place.address;
        bool tls = false;
        for (const std::uint32_t port : instance.containerPorts) {
            ListenAddress listen = listening(instance, {address, m_addresses.placement.localPort(port), {}});
            listen.tls = speaksTls(port);
            tls = tls || listen.tls;
            process.listen.push_back(std::move(listen));
        }
        if (process.listen.empty())
            return {};
        if (tls) {
            std::vector<std::string> names;
            for (const auto &host : m_project.hosts)
                names.push_back(host.first);
            const auto pair = m_identities.applicationPair(names);
            if (!pair)
                return fail(pair.error());
            process.tlsCertificatePath = path(layout::applications, "application.crt");
            process.tlsKeyPath = path(layout::applications, "application.key");
            process.files.push_back(
                {process.tlsCertificatePath, QByteArray::fromStdString(pair->first), 0644});
            process.files.push_back({process.tlsKeyPath, QByteArray::fromStdString(pair->second), 0600});
        }
        m_planned.plan.processes.push_back(std::move(process));
        return {};
    }

    void addInstance(const compile::Instance &source)
    {
        const compile::InstancePlace &place = m_addresses.placement.instances.at(source.name);
        Instance instance;
        instance.name = source.name;
        instance.mesh = source.mesh;
        instance.nameSpace = source.nameSpace;
        instance.address = place.address;
        instance.gateway = source.proxy == compile::Instance::Proxy::Gateway;
        instance.sidecar = source.proxy == compile::Instance::Proxy::Sidecar;
        if (instance.sidecar)
            instance.outbound = {place.address, static_cast<int>(place.outboundPort)};
        if (!instance.gateway)
            instance.forward = {place.address, forwardPort};
        if (source.proxy != compile::Instance::Proxy::None)
            instance.gatewayId = idOf(source);
        if (source.httpbin && !instance.gateway && !source.containerPorts.empty())
            instance.httpbinId = idOf(source) + ".app";
        m_planned.plan.instances.push_back(std::move(instance));
    }

    /// Addresses of Services may show in logs too.
    void nameRoutes()
    {
        for (const Route &route : m_planned.plan.routes) {
            const auto whose = m_addresses.names.find(route.seen.address);
            if (whose != m_addresses.names.end())
                m_planned.plan.addresses.emplace(
                    route.seen.toString(),
                    whose->second + ':' + std::to_string(m_addresses.overlay.meshPort(route.seen.port)));
        }
    }

    const model::Project &m_project;
    const PlanOptions &m_options;
    Identities &m_identities;
    AddressPlan m_addresses;
    std::vector<compile::Instance> m_instances;
    std::map<std::string, SocketAddress> m_nameServers; ///< by mesh
    PlannedLab m_planned;
};

} // namespace

Result<PlannedLab> planLab(const model::Project &project, const PlanOptions &options, Identities &identities)
{
    return LabPlanner(project, options, identities).plan();
}

} // namespace sallyport::lab
