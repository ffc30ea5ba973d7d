// SPDX-License-Identifier: GPL-3.0-or-later
#include "mesh_fixture.h"

#include "core/compile/service.h"
#include "core/dataplane/filter_chain_matcher.h"
#include "core/dataplane/rbac_engine.h"
#include "core/dataplane/route_matcher.h"

#include <algorithm>

namespace fixture {

namespace {

using dataplane::HttpConnectionManager;

class Request : public dataplane::RequestView
{
public:
    explicit Request(const Call &call)
        : m_call(call)
        , m_authority(call.host.empty() ? call.address : call.host)
    {
    }
    std::optional<std::string_view> header(std::string_view name, std::string &) const override
    {
        if (name == ":path")
            return path();
        if (name == ":method")
            return method();
        if (name == ":authority")
            return authority();
        // The connection manager has set x-forwarded-proto before it looks for a route.
        if (name == ":scheme" || name == "x-forwarded-proto")
            return scheme();
        for (const auto &[key, value] : m_call.headers) {
            if (key == name)
                return value;
        }
        return std::nullopt;
    }
    std::string_view path() const override { return m_call.path; }
    std::string_view authority() const override { return m_authority; }
    std::string_view method() const override { return m_call.method; }
    std::string_view scheme() const override { return m_call.tls ? "https" : "http"; }

private:
    const Call &m_call;
    std::string m_authority;
};

dataplane::ConnectionFacts factsOf(const Call &call, std::vector<std::string> &identities)
{
    dataplane::ConnectionFacts facts;
    facts.localIp = dataplane::IpAddress::parse(call.address);
    facts.localPort = static_cast<std::uint16_t>(call.port);
    facts.remoteIp = facts.sourceIp = facts.directRemoteIp = dataplane::IpAddress::parse(call.source);
    facts.requestedServerName = call.sni;
    facts.tls = call.tls;
    if (!call.identity.empty()) {
        identities = {call.identity};
        facts.peerValidated = true;
        facts.uriSans = &identities;
    }
    return facts;
}

/// 403 of the first policy that refuses; nothing if all let it pass.
std::optional<std::string> refusal(const dataplane::Rbac &rbac, const Call &call,
                                   const dataplane::RequestView *request)
{
    if (!rbac.rules)
        return std::nullopt;
    std::vector<std::string> identities;
    const dataplane::RbacEngine engine(*rbac.rules);
    const auto decision = engine.decide(factsOf(call, identities), request);
    if (decision.allowed)
        return std::nullopt;
    return decision.policy.empty() ? std::string("none") : std::string(decision.policy);
}

void serveHttp(const HttpConnectionManager &manager, const Call &call, Outcome &outcome)
{
    const Request request(call);
    outcome.routes = manager.routes.name;
    for (const dataplane::HttpFilter &filter : manager.filters) {
        if (const auto *rbac = std::get_if<dataplane::Rbac>(&filter.config)) {
            if (const auto policy = refusal(*rbac, call, &request)) {
                outcome.status = 403;
                outcome.policy = *policy;
                return;
            }
        }
    }
    const auto routes = dataplane::CompiledRoutes::compile(manager.routes);
    const dataplane::VirtualHost *host = nullptr;
    const dataplane::CompiledRoute *route = routes->find(request, 0, &host);
    if (host)
        outcome.virtualHost = host->name;
    if (host && host->requireTls == dataplane::VirtualHost::TlsRequirement::All && !call.tls) {
        outcome.status = 301;
        return;
    }
    if (!route) {
        outcome.status = 404;
        return;
    }
    outcome.route = route->route().name;
    if (route->direct())
        outcome.status = static_cast<int>(route->direct()->status);
    else if (route->redirect())
        outcome.status = static_cast<int>(route->redirect()->responseCode);
    else if (route->action())
        outcome.cluster =
            !route->action()->weightedClusters.empty() ? route->weighted(0)->name : route->action()->cluster;
}

void serve(const dataplane::FilterChain &chain, const Call &call, Outcome &outcome)
{
    outcome.chain = chain.name;
    outcome.terminatesTls = chain.tls.has_value();
    for (const dataplane::NetworkFilter &filter : chain.filters) {
        if (const auto *rbac = std::get_if<dataplane::Rbac>(&filter.config)) {
            if (const auto policy = refusal(*rbac, call, nullptr)) {
                outcome.refused = true;
                outcome.policy = *policy;
                return;
            }
        } else if (const auto *tcp = std::get_if<dataplane::TcpProxy>(&filter.config)) {
            outcome.cluster =
                !tcp->weightedClusters.empty() ? tcp->weightedClusters.front().name : tcp->cluster;
        } else if (const auto *manager = std::get_if<HttpConnectionManager>(&filter.config)) {
            serveHttp(*manager, call, outcome);
        }
    }
}

Outcome through(const dataplane::Listener &listener, const Call &call)
{
    Outcome outcome;
    outcome.listener = listener.name;
    const auto inspects = [&](dataplane::ListenerFilter::Kind kind) {
        return std::any_of(
            listener.listenerFilters.begin(), listener.listenerFilters.end(), [&](const auto &filter) {
                const bool disabled = filter.filterDisabled && filter.filterDisabled->holds(call.port);
                return filter.kind == kind && !disabled;
            });
    };
    const bool seesTls = call.tls && inspects(dataplane::ListenerFilter::Kind::TlsInspector);
    dataplane::ChainFacts facts;
    facts.destinationIp = dataplane::IpAddress::parse(call.address);
    facts.destinationPort = static_cast<std::uint16_t>(call.port);
    facts.transportProtocol = seesTls ? "tls" : "raw_buffer";
    if (seesTls) {
        facts.serverName = call.sni;
        facts.applicationProtocols = call.alpn;
    } else if (!call.tls && call.http && inspects(dataplane::ListenerFilter::Kind::HttpInspector)) {
        facts.applicationProtocols = {"http/1.1"};
    }
    facts.sourceIp = facts.directSourceIp = dataplane::IpAddress::parse(call.source);
    const int index = dataplane::FilterChainMatcher(listener.filterChains).find(facts);
    if (index >= 0)
        serve(listener.filterChains[static_cast<std::size_t>(index)], call, outcome);
    else if (listener.defaultFilterChain)
        serve(*listener.defaultFilterChain, call, outcome);
    else
        outcome.chain = "none";
    return outcome;
}

} // namespace

std::string workload(const std::string &nameSpace, const std::string &name, const std::string &labels,
                     const std::string &kind, const std::string &ports)
{
    std::string annotations = "{}";
    if (kind == "gateway")
        annotations = "{inject.istio.io/templates: gateway}";
    else if (kind == "sidecar")
        annotations = "{sidecar.istio.io/inject: \"true\"}";
    else
        annotations = "{sidecar.istio.io/inject: \"false\"}";
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name + ", namespace: " + nameSpace +
           "}\nspec:\n  replicas: 1\n  selector: {matchLabels: " + labels +
           "}\n  template:\n    metadata: {annotations: " + annotations + ", labels: " + labels +
           "}\n    spec:\n      serviceAccountName: " + name +
           "\n      containers:\n      - {name: app, image: httpbin, ports: [" + ports + "]}\n";
}

std::string service(const std::string &nameSpace, const std::string &name, const std::string &selector,
                    const std::string &ports, const std::string &labels)
{
    return "apiVersion: v1\nkind: Service\nmetadata: {name: " + name + ", namespace: " + nameSpace +
           ", labels: " + labels + "}\nspec: {selector: " + selector + ", ports: [" + ports + "]}\n";
}

std::string meshConfig(const std::string &text)
{
    std::string indented;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        indented += "    " + text.substr(at, end - at) + '\n';
        at = end + 1;
    }
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  "
           "mesh: |\n" +
           indented;
}

std::string documents(const std::vector<std::string> &parts)
{
    std::string text;
    for (const std::string &part : parts)
        text += (text.empty() ? "" : "---\n") + part;
    return text;
}

Mesh::Mesh(const std::string &yaml, std::map<std::string, std::vector<std::string>> hosts)
    : m_project(model::projectFromFiles("/project", {{"primary/mesh.yaml", yaml}}, hosts))
{
    m_placement.hosts = std::move(hosts);
    for (const model::Mesh &mesh : m_project.meshes) {
        int pod = 11;
        for (const compile::Instance &instance : compile::instancesOf(mesh)) {
            compile::InstancePlace place;
            place.meshAddress = place.address = "10.10.0." + std::to_string(pod);
            place.appAddress = "127.200.0." + std::to_string(pod++);
            place.accessLogPath = "/log/" + instance.podName();
            place.secretsFolder = "/sds";
            m_placement.instances.emplace(instance.name, std::move(place));
        }
        int number = 150;
        for (const model::Service &service : mesh.services)
            m_placement.serviceAddresses.emplace(mesh.name + '/' + compile::serviceHostname(service),
                                                 "10.10.0." + std::to_string(number++));
    }
    m_compiled = compile::compileProject(m_project, m_placement);
}

const compile::CompiledProxy &Mesh::proxy(const std::string &name) const
{
    for (const compile::CompiledProxy &proxy : m_compiled.proxies) {
        if (proxy.name == "primary:" + name)
            return proxy;
    }
    qFatal("no proxy %s: %s", name.c_str(), complaints().c_str());
}

std::string Mesh::clusterIp(const std::string &hostname) const
{
    return m_placement.serviceAddresses.at("primary/" + hostname);
}

std::string Mesh::complaints() const
{
    std::string text;
    for (const model::Problem &problem : m_project.problems) {
        if (problem.severity == model::Severity::Error)
            text += problem.place.toString() + ": " + problem.message + '\n';
    }
    for (const Error &error : m_compiled.errors)
        text += error.toString() + '\n';
    return text;
}

std::string Outcome::summary() const
{
    if (listener.empty())
        return "no listener";
    if (chain == "none")
        return "no chain";
    if (refused)
        return "refused by " + policy;
    if (status != 0)
        return std::to_string(status) + (policy.empty() ? "" : " " + policy);
    return cluster;
}

Outcome outbound(const compile::CompiledProxy &proxy, const Call &call)
{
    // As Envoy hands over: the listener of the address, else of the port on every address, else
    // virtualOutbound.
    const dataplane::Listener *fallback = nullptr;
    const dataplane::Listener *ofPort = nullptr;
    for (const dataplane::Listener &listener : proxy.bootstrap.listeners) {
        if (listener.bindToPort) {
            if (listener.name == "virtualOutbound")
                fallback = &listener;
            continue;
        }
        if (listener.address.port != call.port)
            continue;
        if (listener.address.address == call.address)
            return through(listener, call);
        if (listener.address.address == "0.0.0.0")
            ofPort = &listener;
    }
    const dataplane::Listener *chosen = ofPort ? ofPort : fallback;
    if (!chosen)
        qFatal("a sidecar always has virtualOutbound");
    return through(*chosen, call);
}

Outcome inbound(const compile::CompiledProxy &proxy, const Call &call)
{
    Call onPod = call;
    for (const dataplane::Listener &listener : proxy.bootstrap.listeners) {
        if (!listener.bindToPort || listener.name == "virtualOutbound")
            continue;
        std::vector<dataplane::SocketAddress> bound = listener.additionalAddresses;
        bound.push_back(listener.address);
        for (const dataplane::SocketAddress &address : bound) {
            if (address.port == call.port) {
                onPod.address = address.address;
                return through(listener, onPod);
            }
        }
    }
    return {};
}

const dataplane::Cluster *findCluster(const compile::CompiledProxy &proxy, const std::string &name)
{
    for (const dataplane::Cluster &cluster : proxy.bootstrap.clusters) {
        if (cluster.name == name)
            return &cluster;
    }
    return nullptr;
}

const dataplane::Listener *findListener(const compile::CompiledProxy &proxy, const std::string &name)
{
    for (const dataplane::Listener &listener : proxy.bootstrap.listeners) {
        if (listener.name == name)
            return &listener;
    }
    return nullptr;
}

const dataplane::RouteConfiguration *findRoutes(const compile::CompiledProxy &proxy, const std::string &name)
{
    for (const dataplane::Listener &listener : proxy.bootstrap.listeners) {
        for (const dataplane::FilterChain &chain : listener.filterChains) {
            for (const dataplane::NetworkFilter &filter : chain.filters) {
                const auto *manager = std::get_if<HttpConnectionManager>(&filter.config);
                if (manager && manager->routes.name == name)
                    return &manager->routes;
            }
        }
    }
    return nullptr;
}

} // namespace fixture
