// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/origins.h"

#include "core/compile/config_path.h"
#include "core/compile/route_match.h"
#include "core/compile/service.h"
#include "core/compile/virtual_services.h"
#include "core/explain/carried_request.h"
#include "core/model/host_name.h"

#include <QJsonArray>
#include <algorithm>

namespace sallyport::explain {

namespace {

Source sourceOf(const model::Resource &resource, const std::string &fieldPath = {})
{
    return {resource.title(), resource.place(fieldPath)};
}

QString referenceIn(const dataplane::Metadata &metadata)
{
    return metadata.filters.value(QLatin1String("istio"))
        .toObject()
        .value(QLatin1String("config"))
        .toString();
}

/// The text between `begin` and the next `end`.
std::string between(const std::string &text, const std::string &begin, const std::string &end)
{
    const std::size_t at = text.find(begin);
    if (at == std::string::npos)
        return {};
    const std::size_t from = at + begin.size();
    const std::size_t to = text.find(end, from);
    return to == std::string::npos ? std::string() : text.substr(from, to - from);
}

std::string withoutNamespace(const std::string &host)
{
    const std::size_t slash = host.find('/');
    return slash == std::string::npos ? host : host.substr(slash + 1);
}

bool servesHost(const model::Gateway::Server &server, const std::string &host)
{
    return std::any_of(server.hosts.begin(), server.hosts.end(), [&host](const std::string &own) {
        return model::hostsOverlap(lowered(withoutNamespace(own)), host);
    });
}

/// The rule that a route came from. Later rules with the same match are never reached.
std::string rulePath(const model::VirtualService &service, const dataplane::Route &route)
{
    for (const model::HttpRoute &rule : service.http) {
        if (rule.match.empty() && compile::routeMatch(nullptr) == route.match)
            return rule.fieldPath;
        for (const model::HttpMatch &match : rule.match) {
            if (compile::routeMatch(&match) == route.match)
                return rule.fieldPath;
        }
    }
    return {};
}

bool hasRule(const model::VirtualService &service, const std::string &fieldPath)
{
    return std::any_of(service.http.begin(), service.http.end(), [&fieldPath](const auto &rule) {
        return rule.fieldPath == fieldPath && !rule.delegate;
    });
}

} // namespace

Origins::Origins(const Scene &scene)
    : m_project(scene.project())
{
    for (const model::Mesh &mesh : m_project.meshes) {
        for (compile::Instance &instance : compile::instancesOf(mesh))
            m_instances.emplace(instance.name, std::move(instance));
        m_virtualServices.emplace(mesh.name, compile::resolvedVirtualServices(mesh));
    }
}

const model::Mesh *Origins::meshOf(const Proxy &proxy) const
{
    return m_project.findMesh(proxy.mesh);
}

const compile::Instance *Origins::instanceOf(const Proxy &proxy) const
{
    const auto found = m_instances.find(proxy.name);
    return found == m_instances.end() ? nullptr : &found->second;
}

std::vector<Source> Origins::ofReference(const Proxy &proxy, const dataplane::Metadata &metadata,
                                         const std::string &fieldPath) const
{
    const QString reference = referenceIn(metadata);
    const model::Mesh *mesh = meshOf(proxy);
    if (reference.isEmpty() || mesh == nullptr)
        return {};
    for (const model::Resource *resource : mesh->allResources()) {
        if (compile::configPath(*resource) == reference)
            return {sourceOf(*resource, fieldPath)};
    }
    return {};
}

std::vector<Source> Origins::ofRoute(const Proxy &proxy, const dataplane::Route &route) const
{
    const QString reference = referenceIn(route.metadata);
    const auto services = m_virtualServices.find(proxy.mesh);
    const model::Mesh *mesh = meshOf(proxy);
    if (reference.isEmpty() || services == m_virtualServices.end() || mesh == nullptr)
        return {};
    const auto made =
        std::find_if(services->second.begin(), services->second.end(),
                     [&reference](const auto &service) { return compile::configPath(service) == reference; });
    if (made == services->second.end())
        return {};
    const std::string path = rulePath(*made, route);
    std::vector<Source> sources = ofReference(proxy, route.metadata, path);
    const auto root =
        std::find_if(mesh->virtualServices.begin(), mesh->virtualServices.end(),
                     [&reference](const auto &service) { return compile::configPath(service) == reference; });
    if (path.empty() || root == mesh->virtualServices.end() || hasRule(*root, path))
        return sources;
    // The rule stands in a delegate: that one first, then who calls it.
    for (const model::HttpRoute &rule : root->http) {
        if (!rule.delegate)
            continue;
        const std::string nameSpace = rule.delegate->delegateNamespace.empty()
                                          ? root->metadata.resourceNamespace
                                          : rule.delegate->delegateNamespace;
        for (const model::VirtualService &delegate : mesh->virtualServices) {
            if (delegate.metadata.name == rule.delegate->name &&
                delegate.metadata.resourceNamespace == nameSpace && hasRule(delegate, path))
                return {sourceOf(delegate, path), sourceOf(*root, rule.fieldPath)};
        }
    }
    return sources;
}

std::vector<Source> Origins::ofHost(const Proxy &proxy, const std::string &host) const
{
    const model::Mesh *mesh = meshOf(proxy);
    if (mesh == nullptr)
        return {};
    for (const model::Service &service : mesh->services) {
        if (compile::serviceHostname(service) == host)
            return {sourceOf(service)};
    }
    for (const model::ServiceEntry &entry : mesh->serviceEntries) {
        for (std::size_t i = 0; i < entry.hosts.size(); ++i) {
            if (lowered(entry.hosts[i]) == host)
                return {sourceOf(entry, "spec.hosts[" + std::to_string(i) + ']')};
        }
    }
    return {};
}

std::vector<Source> Origins::ofVirtualHost(const Proxy &proxy, const dataplane::RouteConfiguration &routes,
                                           const dataplane::VirtualHost &host) const
{
    if (host.name == "block_all" || host.name == "allow_any")
        return ofMeshConfig(proxy);
    const std::size_t colon = host.name.rfind(':');
    const std::string name = host.name.substr(0, colon);
    if (!proxy.gateway)
        return ofHost(proxy, name);
    const model::Mesh *mesh = meshOf(proxy);
    const compile::Instance *instance = instanceOf(proxy);
    std::vector<Source> sources;
    if (mesh == nullptr || instance == nullptr || colon == std::string::npos)
        return sources;
    const std::string port = host.name.substr(colon + 1);
    // Hosts with the same routes share one that is called by the most specific of them.
    std::vector<std::string> names = {name};
    if (host.domains.size() > 1)
        names = host.domains;
    const auto serves = [&names](const model::Gateway::Server &server) {
        return std::any_of(names.begin(), names.end(),
                           [&server](const std::string &each) { return servesHost(server, each); });
    };
    for (const model::Gateway &gateway : mesh->gateways) {
        if (!model::selects(gateway.selector, instance->labels))
            continue;
        for (std::size_t i = 0; i < gateway.servers.size(); ++i) {
            const model::Gateway::Server &server = gateway.servers[i];
            // https.PORT.PORTNAME.GATEWAY.NAMESPACE names its only server.
            const std::string own = "https." + std::to_string(server.portNumber) + '.' + server.portName +
                                    '.' + gateway.metadata.name + '.' + gateway.metadata.resourceNamespace;
            const bool named = routes.name.compare(0, 6, "https.") == 0;
            if (std::to_string(server.portNumber) == port && (named ? routes.name == own : serves(server)))
                sources.push_back(sourceOf(gateway, "spec.servers[" + std::to_string(i) + ']'));
        }
    }
    return sources;
}

std::vector<Source> Origins::ofCluster(const Proxy &proxy, const dataplane::Cluster &cluster) const
{
    std::vector<Source> sources = ofReference(proxy, cluster.metadata, "spec.trafficPolicy");
    const QJsonArray services = cluster.metadata.filters.value(QLatin1String("istio"))
                                    .toObject()
                                    .value(QLatin1String("services"))
                                    .toArray();
    for (const QJsonValue &service : services) {
        for (Source &source :
             ofHost(proxy, service.toObject().value(QLatin1String("host")).toString().toStdString()))
            sources.push_back(std::move(source));
    }
    return sources;
}

std::vector<Source> Origins::ofTransport(const Proxy &proxy, const dataplane::Cluster &cluster) const
{
    const QString reference = referenceIn(cluster.metadata);
    const model::Mesh *mesh = meshOf(proxy);
    if (reference.isEmpty() || mesh == nullptr)
        return {};
    const auto rule =
        std::find_if(mesh->destinationRules.begin(), mesh->destinationRules.end(),
                     [&reference](const auto &each) { return compile::configPath(each) == reference; });
    if (rule == mesh->destinationRules.end() || !rule->trafficPolicy)
        return ofReference(proxy, cluster.metadata, "spec");
    const std::size_t port = cluster.name.find('|') + 1;
    const std::string number = cluster.name.substr(port, cluster.name.find('|', port) - port);
    const std::vector<model::PortPolicy> &ports = rule->trafficPolicy->portLevel;
    for (std::size_t i = 0; i < ports.size(); ++i) {
        if (std::to_string(ports[i].port) == number)
            return {sourceOf(*rule, "spec.trafficPolicy.portLevelSettings[" + std::to_string(i) + "].tls")};
    }
    return {sourceOf(*rule, "spec.trafficPolicy.tls")};
}

std::vector<Source> Origins::ofPolicy(const Proxy &proxy, const std::string &id) const
{
    const model::Mesh *mesh = meshOf(proxy);
    const std::string nameSpace = between(id, "ns[", "]-policy[");
    const std::string name = between(id, "-policy[", "]-rule[");
    const std::string rule = between(id, "-rule[", "]");
    if (mesh == nullptr || name.empty())
        return {};
    for (const model::AuthorizationPolicy &policy : mesh->authorizationPolicies) {
        if (policy.metadata.name == name && policy.metadata.resourceNamespace == nameSpace)
            return {sourceOf(policy, "spec.rules[" + rule + ']')};
    }
    return {};
}

std::vector<Source> Origins::ofChain(const Proxy &proxy, const dataplane::FilterChain &chain) const
{
    if (std::vector<Source> sources = ofReference(proxy, chain.metadata, {}); !sources.empty())
        return sources;
    std::vector<Source> sources;
    for (const dataplane::NetworkFilter &filter : chain.filters) {
        const auto *manager = std::get_if<dataplane::HttpConnectionManager>(&filter.config);
        if (!proxy.gateway || manager == nullptr)
            continue;
        for (const dataplane::VirtualHost &host : manager->routes.virtualHosts) {
            for (Source &source : ofVirtualHost(proxy, manager->routes, host)) {
                if (std::find(sources.begin(), sources.end(), source) == sources.end())
                    sources.push_back(std::move(source));
            }
        }
    }
    return sources;
}

std::vector<Source> Origins::ofInboundPort(const Proxy &proxy) const
{
    const model::Mesh *mesh = meshOf(proxy);
    const compile::Instance *instance = instanceOf(proxy);
    if (mesh == nullptr || instance == nullptr)
        return {};
    std::vector<std::pair<int, Source>> ranked;
    for (const model::PeerAuthentication &policy : mesh->peerAuthentications) {
        const std::string &nameSpace = policy.metadata.resourceNamespace;
        const bool selected = policy.selector && !policy.selector->empty();
        if (nameSpace == instance->nameSpace && selected &&
            model::selects(*policy.selector, instance->labels))
            ranked.emplace_back(0, sourceOf(policy, "spec"));
        else if (nameSpace == instance->nameSpace && !selected)
            ranked.emplace_back(1, sourceOf(policy, "spec"));
        else if (nameSpace == mesh->config.rootNamespace && !selected)
            ranked.emplace_back(2, sourceOf(policy, "spec"));
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto &a, const auto &b) { return a.first < b.first; });
    std::vector<Source> sources;
    sources.reserve(ranked.size());
    for (auto &[rank, source] : ranked)
        sources.push_back(std::move(source));
    return sources;
}

std::vector<Source> Origins::ofSecret(const Proxy &proxy, const std::string &name) const
{
    const model::Mesh *mesh = meshOf(proxy);
    const compile::Instance *instance = instanceOf(proxy);
    const std::string prefix = "kubernetes://";
    if (mesh == nullptr || instance == nullptr || name.compare(0, prefix.size(), prefix) != 0)
        return {};
    std::string wanted = name.substr(prefix.size());
    const model::Secret *secret = mesh->findSecret(instance->nameSpace, wanted);
    const std::string suffix = "-cacert";
    if (secret == nullptr && wanted.size() > suffix.size() && wanted.ends_with(suffix)) {
        wanted.resize(wanted.size() - suffix.size());
        secret = mesh->findSecret(instance->nameSpace, wanted);
    }
    return secret == nullptr ? std::vector<Source>() : std::vector<Source>{sourceOf(*secret)};
}

std::vector<Source> Origins::ofMeshConfig(const Proxy &proxy) const
{
    const model::Mesh *mesh = meshOf(proxy);
    if (mesh == nullptr || mesh->config.place.file.empty())
        return {};
    return {{"ConfigMap " + mesh->config.rootNamespace + "/istio", mesh->config.place}};
}

std::vector<Source> Origins::ofTokens(const Proxy &proxy) const
{
    const model::Mesh *mesh = meshOf(proxy);
    const compile::Instance *instance = instanceOf(proxy);
    std::vector<Source> sources;
    if (mesh == nullptr || instance == nullptr)
        return sources;
    for (const model::RequestAuthentication &policy : mesh->requestAuthentications) {
        const std::string &nameSpace = policy.metadata.resourceNamespace;
        if ((nameSpace == instance->nameSpace || nameSpace == mesh->config.rootNamespace) &&
            (!policy.selector || model::selects(*policy.selector, instance->labels)))
            sources.push_back(sourceOf(policy, "spec.jwtRules"));
    }
    return sources;
}

std::string Origins::whyNoCluster(const Proxy &proxy, const std::string &cluster) const
{
    const std::size_t first = cluster.find('|');
    const std::size_t second = cluster.find('|', first + 1);
    const std::size_t third = cluster.find('|', second + 1);
    if (first == std::string::npos || second == std::string::npos || third == std::string::npos)
        return {};
    const std::string port = cluster.substr(first + 1, second - first - 1);
    const std::string subset = cluster.substr(second + 1, third - second - 1);
    const std::string host = cluster.substr(third + 1);
    if (ofHost(proxy, host).empty())
        return "no Service or ServiceEntry of this mesh has the host " + host;
    const bool known =
        std::any_of(proxy.bootstrap.clusters.begin(), proxy.bootstrap.clusters.end(),
                    [&](const auto &other) { return other.name == "outbound|" + port + "||" + host; });
    if (known && !subset.empty())
        return "no DestinationRule that this proxy sees defines the subset " + subset + " of " + host;
    return host + " has no port " + port + " that this proxy sees";
}

} // namespace sallyport::explain
