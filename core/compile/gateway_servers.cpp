// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/gateway_servers.h"

#include <algorithm>
#include <set>

namespace sallyport::compile {

namespace {

constexpr const char *serviceAnnotation = "internal.istio.io/gateway-service";
constexpr const char *noTranslationLabel = "experimental.istio.io/disable-gateway-port-translation";

/// The Service port that a server names means that port's target on the pod.
std::uint32_t listenPortFor(const ProxyContext &proxy, std::uint32_t number)
{
    for (const Service &service : proxy.mesh.services) {
        if (!service.kubernetes || service.labels.count(noTranslationLabel) != 0 || !service.port(number))
            continue;
        for (const Endpoint &endpoint : service.endpoints) {
            if (endpoint.instance == nullptr || endpoint.instance->name != proxy.instance.name)
                continue;
            if (const std::uint32_t target = endpoint.portFor(number))
                return target;
        }
    }
    return number;
}

/// The Services that a Gateway is bound to by reference, as the Gateway API's are; none: it is bound by its
/// selector.
std::vector<std::string> boundServices(const model::Gateway &gateway)
{
    std::vector<std::string> hosts;
    const auto found = gateway.metadata.annotations.find(serviceAnnotation);
    if (found == gateway.metadata.annotations.end())
        return hosts;
    for (std::size_t begin = 0; begin <= found->second.size();) {
        const std::size_t comma = std::min(found->second.find(',', begin), found->second.size());
        hosts.push_back(found->second.substr(begin, comma - begin));
        begin = comma + 1;
    }
    return hosts;
}

/// The ports on this pod that the bound Services' port leads to: a reference is to a Service's port, and what
/// no Service has listens nowhere.
std::set<std::uint32_t> boundPorts(const ProxyContext &proxy, const model::Gateway &gateway,
                                   const std::vector<std::string> &hosts, std::uint32_t number)
{
    std::set<std::uint32_t> ports;
    for (const Service &service : proxy.mesh.services) {
        if (service.nameSpace != gateway.metadata.resourceNamespace ||
            std::find(hosts.begin(), hosts.end(), service.hostname) == hosts.end())
            continue;
        for (const Endpoint &endpoint : service.endpoints) {
            if (endpoint.instance == nullptr || endpoint.instance->name != proxy.instance.name)
                continue;
            if (const std::uint32_t target = endpoint.portFor(number))
                ports.insert(target);
        }
    }
    return ports;
}

/// The ports on which a server listens here.
std::set<std::uint32_t> listenPorts(const ProxyContext &proxy, const model::Gateway &gateway,
                                    std::uint32_t number)
{
    const std::vector<std::string> bound = boundServices(gateway);
    if (bound.empty())
        return {listenPortFor(proxy, number)};
    return boundPorts(proxy, gateway, bound, number);
}

std::string routeNameOf(const GatewayServer &server)
{
    const std::string bind = server.server->bind.empty() ? std::string() : '.' + server.server->bind;
    if (isHttp(server.protocol()))
        return "http." + std::to_string(server.listenPort) + bind;
    if (server.speaksHttp())
        return "https." + std::to_string(server.server->portNumber) + '.' + server.server->portName + '.' +
               server.gateway->metadata.name + '.' + server.gateway->metadata.resourceNamespace + bind;
    return {};
}

class ServerMerge
{
public:
    explicit ServerMerge(const ProxyContext &proxy)
        : m_proxy(proxy)
    {
    }

    void add(GatewayServer server)
    {
        if (server.isTls() || server.server->tls) {
            if (const std::string host = knownTlsHost(server); !host.empty()) {
                reject(server, "another server on port " + std::to_string(server.listenPort) +
                                   " already has the host `" + host + '`');
                return;
            }
        }
        auto port = std::find_if(m_ports.begin(), m_ports.end(), [&server](const GatewayPort &other) {
            return other.port == server.listenPort && other.bind == server.server->bind;
        });
        if (port == m_ports.end()) {
            if (!server.routeName.empty())
                m_routeNames.insert(server.routeName);
            m_ports.push_back({server.server->bind, server.listenPort, {std::move(server)}});
            return;
        }
        const GatewayServer &first = port->servers.front();
        if (!first.isTls()) {
            // Plain HTTP servers share one route configuration; everything else on a plaintext port is left
            // out.
            if (!isHttp(first.protocol()) || !isHttp(server.protocol())) {
                reject(server, "port " + std::to_string(server.listenPort) +
                                   " is already taken by plaintext " + first.server->protocol +
                                   " of Gateway " + first.gatewayName());
                return;
            }
        } else if (server.speaksHttp() && !m_routeNames.insert(server.routeName).second) {
            reject(server, "a server with the same port name is already there");
            return;
        }
        port->servers.push_back(std::move(server));
    }

    std::vector<GatewayPort> take() { return std::move(m_ports); }

private:
    /// The first host that an earlier TLS server of the port has; else remembers all of this server's.
    std::string knownTlsHost(const GatewayServer &server)
    {
        const std::string key = server.server->bind + '_' + std::to_string(server.listenPort) + '/';
        for (const std::string &host : server.hosts) {
            if (m_tlsHosts.count(key + host) != 0)
                return host;
        }
        for (const std::string &host : server.hosts)
            m_tlsHosts.insert(key + host);
        return {};
    }

    void reject(const GatewayServer &server, const std::string &why)
    {
        m_proxy.warnings.push_back(
            {"this server is left out: " + why, server.gateway->place(server.fieldPath()), {}});
    }

    const ProxyContext &m_proxy;
    std::vector<GatewayPort> m_ports;
    std::set<std::string> m_tlsHosts;
    std::set<std::string> m_routeNames;
};

/// `.` is the Gateway's namespace; `*` as a namespace is none, and `*/*` is all that the server has.
std::vector<std::string> plainHosts(const std::vector<std::string> &hosts, const std::string &nameSpace)
{
    std::vector<std::string> plain;
    for (const std::string &host : hosts) {
        if (host == "*/*")
            return {"*"};
        if (host.compare(0, 2, "./") == 0)
            plain.push_back(nameSpace + host.substr(1));
        else
            plain.push_back(host.compare(0, 2, "*/") == 0 ? host.substr(2) : host);
    }
    return plain;
}

} // namespace

bool GatewayServer::isPassthrough() const
{
    return server->tls && (server->tls->mode == model::ServerTls::Mode::Passthrough ||
                           server->tls->mode == model::ServerTls::Mode::AutoPassthrough);
}

bool GatewayServer::isTls() const
{
    return server->tls.has_value() && !isHttp(protocol());
}

bool GatewayServer::speaksHttp() const
{
    return isHttp(protocol()) || (protocol() == Protocol::Https && server->tls && !isPassthrough());
}

std::vector<std::string> GatewayServer::sniHosts() const
{
    std::set<std::string> names;
    for (const std::string &host : hosts) {
        const std::string name = host.substr(host.find('/') == std::string::npos ? 0 : host.find('/') + 1);
        if (name == "*")
            return {};
        names.insert(name);
    }
    return {names.begin(), names.end()};
}

std::vector<GatewayPort> gatewayPorts(const ProxyContext &proxy)
{
    std::vector<const model::Gateway *> gateways;
    for (const model::Gateway &gateway : proxy.mesh.mesh.gateways) {
        if (!boundServices(gateway).empty() || model::selects(gateway.selector, proxy.instance.labels))
            gateways.push_back(&gateway);
    }
    std::stable_sort(gateways.begin(), gateways.end(),
                     [](const auto *a, const auto *b) { return olderThan(*a, *b); });
    ServerMerge merge(proxy);
    for (const model::Gateway *gateway : gateways) {
        for (std::size_t index = 0; index < gateway->servers.size(); ++index) {
            GatewayServer server;
            server.gateway = gateway;
            server.server = &gateway->servers[index];
            server.index = index;
            server.hosts = plainHosts(server.server->hosts, gateway->metadata.resourceNamespace);
            for (const std::uint32_t port : listenPorts(proxy, *gateway, server.server->portNumber)) {
                GatewayServer listening = server;
                listening.listenPort = port;
                listening.routeName = routeNameOf(listening);
                merge.add(std::move(listening));
            }
        }
    }
    return merge.take();
}

std::vector<std::string> hostsFor(const GatewayServer &server, const std::string &virtualServiceNamespace)
{
    std::vector<std::string> names;
    for (const std::string &host : server.hosts) {
        const std::size_t slash = host.find('/');
        if (slash == std::string::npos) {
            names.push_back(host);
            continue;
        }
        if (host.substr(0, slash) == virtualServiceNamespace)
            names.push_back(host.substr(slash + 1));
    }
    return names;
}

std::vector<const model::VirtualService *> virtualServicesFor(const ProxyContext &proxy,
                                                              const std::string &gatewayName)
{
    return seenVirtualServices(proxy.mesh.virtualServices, gatewayName, proxy.instance.nameSpace);
}

} // namespace sallyport::compile
