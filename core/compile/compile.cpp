// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/compile.h"

#include "core/compile/access_logging.h"
#include "core/compile/connection_settings.h"
#include "core/compile/discovery.h"
#include "core/compile/envoy_filters.h"
#include "core/compile/gateway_listeners.h"
#include "core/compile/proxy_concurrency.h"
#include "core/compile/refused_listeners.h"
#include "core/compile/sidecar_inbound.h"
#include "core/compile/sidecar_outbound.h"
#include "core/compile/tracing.h"
#include "core/dataplane/runtime_features.h"
#include "core/model/proxy_config.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

void append(std::vector<dataplane::Cluster> &clusters, std::vector<dataplane::Cluster> more)
{
    for (dataplane::Cluster &cluster : more)
        clusters.push_back(std::move(cluster));
}

/// Istio's own flags, and over them ProxyConfig's (pkg/bootstrap/config.go, extractRuntimeFlags).
QJsonObject runtimeOf(const model::MeshConfig &config)
{
    QJsonObject flags{
        {QStringLiteral("re2.max_program_size.error_level"), QStringLiteral("32768")},
        {QStringLiteral("envoy.deprecated_features:envoy.config.listener.v3.Listener."
                        "hidden_envoy_deprecated_use_original_dst"),
         true},
        {QStringLiteral("envoy.reloadable_features.http_reject_path_with_fragment"), false},
        {QStringLiteral("envoy.reloadable_features.fixed_heap_use_allocated"), true},
        {QStringLiteral("envoy.reloadable_features.coalesce_lb_rebuilds_on_batch_update"), false}};
    for (const auto &[name, value] : config.runtimeValues) {
        const QString key = QString::fromStdString(name);
        if (value.empty())
            flags.remove(key);
        else if (value == "true" || value == "false")
            flags[key] = value == "true";
        else
            flags[key] = QString::fromStdString(value);
    }
    return flags;
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
    if (proxy.place.nameServerPort != 0) {
        dataplane::DnsResolver &resolver = bootstrap.dnsResolver.emplace();
        resolver.resolvers.push_back({proxy.place.nameServer, proxy.place.nameServerPort, {}});
        resolver.noDefaultSearchDomain = true;
    }
    bootstrap.runtimeLayers.push_back({"global config", false, runtimeOf(proxy.config)});
    if (proxy.config.connectionSettings)
        limitConnections(*proxy.config.connectionSettings, bootstrap);
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
    for (dataplane::Listener &listener : inboundListeners(proxy, ports)) {
        if (!isRefused(proxy, listener, proxy.mesh.config().place))
            bootstrap.listeners.push_back(std::move(listener));
    }
    return bootstrap;
}

void describeLog(const ProxyContext &proxy, CompiledProxy &compiled)
{
    for (const LogSide side : {LogSide::Client, LogSide::Server}) {
        for (const std::string &name : logsSentElsewhere(proxy.mesh, proxy.instance, side))
            proxy.warnings.push_back({"the lines of the access log provider " + name +
                                          " would go to a service: a lab sends them to nobody",
                                      proxy.mesh.config().place,
                                      {}});
        for (const dataplane::AccessLog &log : accessLogs(proxy.mesh, proxy.instance, side)) {
            compiled.logs = true;
            if (compiled.logFormat.empty() && log.format && log.format->text)
                compiled.logFormat = *log.format->text;
        }
    }
}

/// What the pod's annotation makes of the mesh configuration; none: nothing.
std::optional<model::MeshConfig> configOf(const MeshContext &context, const Instance &instance,
                                          std::vector<Error> &errors)
{
    if (instance.proxyConfig.empty())
        return std::nullopt;
    auto config = model::withProxyConfig(context.config(), instance.proxyConfig);
    if (config)
        return std::move(*config);
    for (const model::Workload &workload : context.mesh.workloads) {
        if (workload.metadata.name == instance.workload &&
            workload.metadata.resourceNamespace == instance.nameSpace)
            errors.push_back({config.error().what, workload.place("spec.template.metadata.annotations"),
                              "the mesh's defaultConfig holds instead"});
    }
    return std::nullopt;
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

std::vector<Error> hiddenNamespaces(const DiscoveredMesh &discovered)
{
    std::vector<Error> notices;
    for (const std::string &name : discovered.hidden)
        notices.push_back(
            {"istiod does not see what is in the namespace " + name + ": no discoverySelector selects it",
             discovered.part.config.place,
             {}});
    return notices;
}

} // namespace

void compileMesh(const model::Mesh &whole, const Placement &placement, CompiledProject &into)
{
    const std::optional<DiscoveredMesh> discovered = discoveredPart(whole);
    const model::Mesh &mesh = discovered ? discovered->part : whole;
    if (discovered)
        addOnce(into.warnings, hiddenNamespaces(*discovered));
    const MeshContext context(mesh, placement);
    UsedPatches usedPatches;
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
        const auto own = configOf(context, instance, errors);
        const ProxyContext proxy{context, instance, place->second, scope,
                                 secrets, errors,   warnings,      own ? *own : context.config()};
        CompiledProxy compiled;
        compiled.name = instance.name;
        compiled.mesh = mesh.name;
        compiled.nameSpace = instance.nameSpace;
        compiled.workload = instance.podName();
        compiled.gateway = gateway;
        compiled.concurrency = concurrencyOf(context, instance);
        compiled.bootstrap = bootstrapFor(proxy);
        settleCollectors(proxy, compiled.bootstrap);
        applyEnvoyFilters(proxy, compiled.bootstrap, usedPatches);
        applyRuntimeFeatures(compiled.bootstrap);
        describeLog(proxy, compiled);
        compiled.secrets = secrets.take();
        into.proxies.push_back(std::move(compiled));
        addOnce(into.errors, std::move(errors));
        addOnce(into.warnings, std::move(warnings));
    }
    addOnce(into.warnings, unusedPatches(mesh, usedPatches));
}

CompiledProject compileProject(const model::Project &project, const Placement &placement)
{
    CompiledProject compiled;
    for (const model::Mesh &mesh : project.meshes)
        compileMesh(mesh, placement, compiled);
    return compiled;
}

} // namespace sallyport::compile
