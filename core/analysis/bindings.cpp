// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/bindings.h"

#include "core/compile/gateway_routes.h"
#include "core/compile/virtual_services.h"

namespace sallyport::analysis {

std::vector<std::string> openTo(const model::Gateway &gateway, const model::Gateway::Server &server,
                                const std::string &virtualServiceNamespace)
{
    std::vector<std::string> open;
    for (const std::string &host : server.hosts) {
        const std::size_t slash = host.find('/');
        if (slash == std::string::npos) {
            open.push_back(host);
            continue;
        }
        std::string nameSpace = host.substr(0, slash);
        if (nameSpace == ".")
            nameSpace = gateway.metadata.resourceNamespace;
        if (nameSpace == "*" || nameSpace == virtualServiceNamespace)
            open.push_back(host.substr(slash + 1));
    }
    return open;
}

std::set<std::string> gatewayNames(const model::VirtualService &service)
{
    std::set<std::string> names;
    for (const std::string &name : service.gateways)
        names.insert(compile::resolveGatewayName(name, service.metadata.resourceNamespace));
    if (names.empty())
        names.insert("mesh");
    return names;
}

std::vector<Binding> bindingsOf(const MeshFacts &facts)
{
    std::vector<Binding> bindings;
    for (const model::VirtualService &service : facts.mesh.virtualServices) {
        std::vector<std::string> hosts;
        for (const std::string &host : service.hosts)
            hosts.push_back(model::resolveShortName(host, service.metadata.resourceNamespace));
        for (const std::string &name : gatewayNames(service)) {
            const model::Gateway *gateway = facts.findGateway(name);
            for (std::size_t i = 0; gateway != nullptr && i < gateway->servers.size(); ++i) {
                const model::Gateway::Server &server = gateway->servers[i];
                bindings.push_back(
                    {&service, gateway, &server, i,
                     compile::hostIntersection(openTo(*gateway, server, service.metadata.resourceNamespace),
                                               hosts)});
            }
        }
    }
    return bindings;
}

bool isPassthrough(const model::Gateway::Server &server)
{
    // httpsRedirect of a plain server is a tls block too.
    return server.tls && !compile::isHttp(compile::parseProtocol(server.protocol)) &&
           (server.tls->mode == model::ServerTls::Mode::Passthrough ||
            server.tls->mode == model::ServerTls::Mode::AutoPassthrough);
}

bool terminatesTls(const model::Gateway::Server &server)
{
    return server.tls && !isPassthrough(server) && !compile::isHttp(compile::parseProtocol(server.protocol));
}

} // namespace sallyport::analysis
