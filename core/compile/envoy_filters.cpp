// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/envoy_filters.h"

#include "core/compile/envoy_patch.h"
#include "core/compile/gateway_servers.h"
#include "core/compile/message_merge.h"
#include "core/compile/yaml_json.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>
#include <QVariant>
#include <algorithm>
#include <map>
#include <set>

namespace sallyport::compile {

namespace {

/// What proxies tell istiod of themselves: the version whose rules are followed here.
constexpr const char *proxyVersion = "1.32.0";

struct Filter
{
    const model::Resource *source;
    QJsonObject spec;
    int priority;
};

QJsonObject objectAt(const QJsonObject &object, const char *field)
{
    return object.value(QLatin1String(field)).toObject();
}

bool selectsPod(const QJsonObject &spec, const model::Labels &labels)
{
    const QJsonObject wanted = objectAt(objectAt(spec, "workload_selector"), "labels");
    const QStringList keys = wanted.keys();
    return std::all_of(keys.begin(), keys.end(), [&](const QString &key) {
        const auto own = labels.find(key.toStdString());
        return own != labels.end() && own->second == wanted.value(key).toVariant().toString().toStdString();
    });
}

QJsonObject specOf(const model::Resource &resource)
{
    const yaml::NodePtr node = resource.node ? resource.node->find("spec") : nullptr;
    return node ? withFieldNames(jsonOf(*node)).toObject() : QJsonObject();
}

std::vector<Filter> filtersFor(const ProxyContext &proxy)
{
    const std::string &root = proxy.mesh.config().rootNamespace;
    std::vector<Filter> filters;
    for (const model::Resource &resource : proxy.mesh.mesh.others) {
        const std::string &nameSpace = resource.metadata.resourceNamespace;
        if (resource.kind != "EnvoyFilter" || (nameSpace != root && nameSpace != proxy.instance.nameSpace))
            continue;
        QJsonObject spec = specOf(resource);
        // One that is bound to a Gateway of the Gateway API is none for these proxies.
        if (spec.contains(QLatin1String("target_refs")) || !selectsPod(spec, proxy.instance.labels))
            continue;
        const int priority = spec.value(QLatin1String("priority")).toInt();
        filters.push_back({&resource, std::move(spec), priority});
    }
    std::stable_sort(filters.begin(), filters.end(), [&root](const Filter &a, const Filter &b) {
        if (a.priority != b.priority)
            return a.priority < b.priority;
        const bool ofRoot = a.source->metadata.resourceNamespace == root;
        if (ofRoot != (b.source->metadata.resourceNamespace == root))
            return ofRoot;
        return olderThan(*a.source, *b.source);
    });
    return filters;
}

/// What a patch of a kind changes; empty for kinds that are not followed.
std::string patchedType(const QString &applyTo)
{
    static const std::map<QString, std::string> types = {
        {QStringLiteral("CLUSTER"), "envoy.config.cluster.v3.Cluster"},
        {QStringLiteral("LISTENER"), "envoy.config.listener.v3.Listener"},
        {QStringLiteral("FILTER_CHAIN"), "envoy.config.listener.v3.FilterChain"},
        {QStringLiteral("LISTENER_FILTER"), "envoy.config.listener.v3.ListenerFilter"},
        {QStringLiteral("BOOTSTRAP"), "envoy.config.bootstrap.v3.Bootstrap"},
        {QStringLiteral("NETWORK_FILTER"), "envoy.config.listener.v3.Filter"},
        {QStringLiteral("HTTP_FILTER"),
         "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter"},
        {QStringLiteral("ROUTE_CONFIGURATION"), "envoy.config.route.v3.RouteConfiguration"},
        {QStringLiteral("VIRTUAL_HOST"), "envoy.config.route.v3.VirtualHost"},
        {QStringLiteral("HTTP_ROUTE"), "envoy.config.route.v3.Route"}};
    const auto found = types.find(applyTo);
    return found == types.end() ? std::string() : found->second;
}

bool isForProxy(const QJsonObject &match)
{
    const QJsonObject wanted = objectAt(match, "proxy");
    const QString version = wanted.value(QLatin1String("proxy_version")).toString();
    // Metadata of a proxy is nothing that a project's files say.
    return objectAt(wanted, "metadata").isEmpty() &&
           (version.isEmpty() || QRegularExpression(version).match(QLatin1String(proxyVersion)).hasMatch());
}

std::vector<EnvoyPatch> patchesFor(const ProxyContext &proxy)
{
    std::vector<EnvoyPatch> patches;
    for (const Filter &filter : filtersFor(proxy)) {
        const QJsonArray list = filter.spec.value(QLatin1String("config_patches")).toArray();
        for (qsizetype index = 0; index < list.size(); ++index) {
            const QJsonObject written = list[index].toObject();
            const QJsonObject match = objectAt(written, "match");
            const QJsonObject change = objectAt(written, "patch");
            EnvoyPatch patch;
            patch.filter = filter.source;
            patch.index = static_cast<std::size_t>(index);
            patch.applyTo = written.value(QLatin1String("apply_to")).toString();
            patch.context = match.value(QLatin1String("context")).toString(QStringLiteral("ANY"));
            patch.operation = change.value(QLatin1String("operation")).toString();
            patch.listener = objectAt(match, "listener");
            patch.routes = objectAt(match, "route_configuration");
            patch.cluster = objectAt(match, "cluster");
            patch.type = patchedType(patch.applyTo);
            mergeMessage(patch.value, objectAt(change, "value"), patch.type);
            if (patch.type.empty())
                proxy.warnings.push_back({"an EnvoyFilter's patch of " + patch.applyTo.toStdString() +
                                              " has no effect in a lab, but it has one in a cluster",
                                          filter.source->place(patch.fieldPath() + ".applyTo"),
                                          {}});
            else if (isForProxy(match))
                patches.push_back(std::move(patch));
        }
    }
    return patches;
}

PatchedProxy factsOf(const ProxyContext &proxy)
{
    PatchedProxy facts;
    facts.gateway = proxy.isGateway();
    facts.localPort = [&proxy](int port) {
        return static_cast<int>(proxy.mesh.placement.localPort(static_cast<std::uint32_t>(port)));
    };
    std::set<std::pair<int, int>> ports;
    if (proxy.isGateway()) {
        for (const GatewayPort &port : gatewayPorts(proxy)) {
            for (const GatewayServer &server : port.servers)
                ports.emplace(static_cast<int>(server.listenPort),
                              static_cast<int>(server.server->portNumber));
        }
    }
    facts.sharesRoutes = [ports](int route, int port) {
        const auto first = ports.lower_bound({route, 0});
        // Servers whose port is a Service's listen on its target.
        return first == ports.end() || first->first != route ? route == port
                                                             : ports.count({route, port}) != 0;
    };
    return facts;
}

Result<dataplane::Bootstrap> decoded(const QJsonObject &json)
{
    auto bootstrap = dataplane::parseBootstrap(QJsonDocument(json).toJson(QJsonDocument::Compact));
    if (bootstrap) {
        if (const auto valid = dataplane::validateBootstrap(*bootstrap); !valid)
            return fail(valid.error());
    }
    return bootstrap;
}

/// Remembers the patches without which the proxy would be another.
void noteUsed(const QJsonObject &original, const std::vector<EnvoyPatch> &patches, const PatchedProxy &facts,
              UsedPatches &used)
{
    const QJsonObject whole = patched(original, patches, facts);
    for (std::size_t i = 0; i < patches.size(); ++i) {
        std::vector<EnvoyPatch> others = patches;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
        const std::pair own(patches[i].filter, patches[i].index);
        if (used.count(own) == 0 && patched(original, others, facts) != whole)
            used.insert(own);
    }
}

} // namespace

void applyEnvoyFilters(const ProxyContext &proxy, dataplane::Bootstrap &bootstrap, UsedPatches &used)
{
    const std::vector<EnvoyPatch> patches = patchesFor(proxy);
    if (patches.empty())
        return;
    const PatchedProxy facts = factsOf(proxy);
    const QJsonObject original = QJsonDocument::fromJson(dataplane::encodeBootstrap(bootstrap)).object();
    noteUsed(original, patches, facts, used);
    if (auto whole = decoded(patched(original, patches, facts))) {
        bootstrap = std::move(*whole);
        return;
    }
    // One by one: what cannot be had is left out.
    std::vector<EnvoyPatch> good;
    for (const EnvoyPatch &patch : patches) {
        good.push_back(patch);
        auto more = decoded(patched(original, good, facts));
        if (more) {
            bootstrap = std::move(*more);
            continue;
        }
        good.pop_back();
        proxy.errors.push_back(
            {"this patch is left out: " + more.error().where.file + ": " + more.error().what,
             patch.filter->place(patch.fieldPath() + ".patch"),
             "in a cluster Envoy may take it: the lab shows the project without it"});
    }
}

std::vector<Error> unusedPatches(const model::Mesh &mesh, const UsedPatches &used)
{
    std::vector<Error> notices;
    for (const model::Resource &resource : mesh.others) {
        if (resource.kind != "EnvoyFilter")
            continue;
        const QJsonObject spec = specOf(resource);
        if (spec.contains(QLatin1String("target_refs")))
            continue;
        const QJsonArray list = spec.value(QLatin1String("config_patches")).toArray();
        for (qsizetype index = 0; index < list.size(); ++index) {
            const auto number = static_cast<std::size_t>(index);
            const QString applyTo = list[index].toObject().value(QLatin1String("apply_to")).toString();
            if (patchedType(applyTo).empty() || used.count({&resource, number}) > 0)
                continue;
            notices.push_back(
                {"this patch of " + applyTo.toStdString() + " changes nothing in any proxy",
                 resource.place("spec.configPatches[" + std::to_string(index) + ']'),
                 "its selector, its match or the name it looks for fits nothing here; Istio's own "
                 "telemetry filters (istio.*) are not built"});
        }
    }
    return notices;
}

} // namespace sallyport::compile
