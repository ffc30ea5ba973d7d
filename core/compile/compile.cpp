// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/compile.h"

#include "core/compile/access_logging.h"
#include "core/compile/gateway_listeners.h"
#include "core/compile/sidecar_inbound.h"
#include "core/compile/sidecar_outbound.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

void append(std::vector<dataplane::Cluster> &clusters, std::vector<dataplane::Cluster> more)
{
    for (dataplane::Cluster &cluster : more)
        clusters.push_back(std::move(cluster));
}

dataplane::Bootstrap bootstrapFor(const ProxyContext &proxy)
{
    dataplane::Bootstrap bootstrap;
    const std::string kind = proxy.isGateway() ? "router" : "sidecar";
    bootstrap.node.id = kind + '~' + proxy.place.meshAddress + '~' + proxy.instance.podName() + '.' +
                        proxy.instance.nameSpace + '~' + proxy.instance.nameSpace + ".svc.cluster.local";
    bootstrap.node.cluster = proxy.instance.workload + '.' + proxy.instance.nameSpace;
    bootstrap.admin.emplace().address =
        dataplane::SocketAddress{proxy.place.address, proxy.place.adminPort, {}};
    bootstrap.clusters = outboundClusters(proxy);
    bootstrap.clusters.push_back(blackHoleCluster(proxy));
    if (proxy.isGateway()) {
        append(bootstrap.clusters, sniClusters(proxy));
        bootstrap.listeners = gatewayListeners(proxy);
        return bootstrap;
    }
    bootstrap.clusters.push_back(passthroughCluster(proxy));
    if (proxy.scope.dynamicDns)
        bootstrap.clusters.push_back(dynamicDnsCluster(proxy));
    const std::vector<InboundPort> ports = inboundPorts(proxy);
    append(bootstrap.clusters, inboundClusters(proxy, ports));
    bootstrap.listeners = outboundListeners(proxy);
    for (dataplane::Listener &listener : inboundListeners(proxy, ports))
        bootstrap.listeners.push_back(std::move(listener));
    return bootstrap;
}

void describeLog(const ProxyContext &proxy, CompiledProxy &compiled)
{
    for (const LogSide side : {LogSide::Client, LogSide::Server}) {
        for (const dataplane::AccessLog &log : accessLogs(proxy.mesh, proxy.instance, side)) {
            compiled.logs = true;
            if (compiled.logFormat.empty() && log.format && log.format->text)
                compiled.logFormat = *log.format->text;
        }
    }
}

void addOnce(std::vector<Error> &list, std::vector<Error> more)
{
    for (Error &error : more) {
        const bool known = std::any_of(list.begin(), list.end(), [&error](const Error &other) {
            return other.what == error.what && other.where == error.where;
        });
        if (!known)
            list.push_back(std::move(error));
    }
}

} // namespace

void compileMesh(const model::Mesh &mesh, const Placement &placement, CompiledProject &into)
{
    const MeshContext context(mesh, placement);
    for (const Instance &instance : context.instances) {
        const auto place = placement.instances.find(instance.name);
        if (instance.proxy == Instance::Proxy::None || place == placement.instances.end())
            continue;
        std::vector<Error> errors;
        std::vector<Error> warnings;
        const bool gateway = instance.proxy == Instance::Proxy::Gateway;
        const Scope scope =
            gateway ? gatewayScope(context, instance) : sidecarScope(context, instance, errors);
        SecretCollector secrets(context, instance);
        const ProxyContext proxy{context, instance, place->second, scope, secrets, errors, warnings};
        CompiledProxy compiled;
        compiled.name = instance.name;
        compiled.mesh = mesh.name;
        compiled.nameSpace = instance.nameSpace;
        compiled.workload = instance.podName();
        compiled.gateway = gateway;
        compiled.bootstrap = bootstrapFor(proxy);
        describeLog(proxy, compiled);
        compiled.secrets = secrets.take();
        into.proxies.push_back(std::move(compiled));
        addOnce(into.errors, std::move(errors));
        addOnce(into.warnings, std::move(warnings));
    }
}

CompiledProject compileProject(const model::Project &project, const Placement &placement)
{
    CompiledProject compiled;
    for (const model::Mesh &mesh : project.meshes)
        compileMesh(mesh, placement, compiled);
    return compiled;
}

} // namespace sallyport::compile
