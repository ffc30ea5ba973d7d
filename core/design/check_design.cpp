// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/protocol.h"
#include "core/design/mesh_choices.h"
#include "core/design/route_parts.h"
#include "core/model/host_name.h"

#include <algorithm>

namespace sallyport::design {

namespace {

constexpr std::uint32_t lastPort = 65535;

class Check
{
public:
    Check(const model::Project &project, const model::Mesh &mesh, const RouteDesign &design)
        : m_project(project)
        , m_mesh(mesh)
        , m_design(design)
        , m_instances(compile::instancesOf(mesh))
    {
    }

    std::vector<DesignFinding> run()
    {
        checkClients();
        checkName(DesignField::NameSpace, m_design.nameSpace, "the namespace");
        checkHost();
        checkPort(DesignField::ClientPort, m_design.clientPort);
        checkEntry();
        checkAddresses();
        checkGateway();
        checkPort(DesignField::ExternalPort, m_design.externalPort);
        checkEncryption();
        checkAllowed();
        return std::move(m_findings);
    }

private:
    void add(DesignField field, model::Severity severity, std::string message, std::string hint = {})
    {
        m_findings.push_back({field, severity, std::move(message), std::move(hint)});
    }
    void error(DesignField field, std::string message, std::string hint = {})
    {
        add(field, model::Severity::Error, std::move(message), std::move(hint));
    }
    void warn(DesignField field, std::string message, std::string hint = {})
    {
        add(field, model::Severity::Warning, std::move(message), std::move(hint));
    }

    void checkName(DesignField field, const std::string &name, const std::string &what)
    {
        if (!model::isDnsLabel(name))
            error(field, name.empty() ? what + " is missing" : '"' + name + "\" is no name for " + what,
                  "lower-case letters, digits and dashes");
    }

    void checkPort(DesignField field, std::uint32_t port)
    {
        if (port == 0 || port > lastPort)
            error(field, "a port is a number from 1 to 65535");
    }

    void checkClients()
    {
        if (m_design.clients.empty())
            error(DesignField::Clients, "nobody calls by this route yet",
                  "choose a workload, or name a new one");
        for (const WorkloadName &name : m_design.clients) {
            const compile::Instance *client = findInstance(m_instances, name);
            if (!client) {
                checkName(DesignField::Clients, name.name, "a workload");
                checkName(DesignField::Clients, name.nameSpace, "its namespace");
            } else if (client->proxy == compile::Instance::Proxy::Gateway) {
                error(DesignField::Clients, name.toString() + " is a gateway, not an application");
            } else if (client->proxy == compile::Instance::Proxy::None) {
                error(DesignField::Clients,
                      name.toString() + " has no sidecar: its requests go past the egress gateway",
                      "label namespace " + name.nameSpace + " with istio-injection: enabled");
            }
        }
    }

    void checkHost()
    {
        const std::string &host = m_design.host;
        const auto isUpper = [](unsigned char c) { return c >= 'A' && c <= 'Z'; };
        if (host.empty())
            error(DesignField::Host, "the external host is missing",
                  "its name as applications call it, test.com");
        else if (model::isWildcard(host))
            error(DesignField::Host, "a route has one host as its end; " + host + " is many",
                  "make a route for each host that is called");
        else if (model::isIpAddress(host))
            error(DesignField::Host, host + " is an address",
                  "give the host's name, and this as its address");
        else if (std::any_of(host.begin(), host.end(), isUpper))
            error(DesignField::Host, "host names are written in lower case");
        else if (!model::isFqdn(host) || host.find('.') == std::string::npos)
            error(DesignField::Host, '"' + host + "\" is no full host name");
        else if (host.ends_with(".svc.cluster.local"))
            error(DesignField::Host, host + " is a Service of the mesh: there is no way out to make");
    }

    void checkEntry()
    {
        const std::string viewer =
            m_design.clients.empty() ? std::string() : m_design.clients.front().nameSpace;
        const model::ServiceEntry *entry = entryOf(m_mesh, m_design.host, viewer);
        if (!entry)
            return;
        for (const model::ServiceEntry::Port &port : entry->ports) {
            const compile::Protocol protocol = compile::parseProtocol(port.protocol);
            if (port.number == m_design.clientPort && !compile::isHttpOrSniffed(protocol))
                error(DesignField::ClientPort,
                      entry->title() + " says that port " + std::to_string(port.number) + " speaks " +
                          port.protocol + "; this route is for HTTP",
                      "choose the port on which applications call in plain HTTP");
        }
    }

    void checkAddresses()
    {
        const auto isIp = [](const std::string &address) { return model::isIpAddress(address); };
        const std::vector<std::string> &addresses = m_design.addresses;
        for (const std::string &address : addresses) {
            if (!isIp(address) && !model::isFqdn(address))
                error(DesignField::Addresses, '"' + address + "\" is neither an IP address nor a host name");
        }
        const auto ips = std::count_if(addresses.begin(), addresses.end(), isIp);
        if (ips != 0 && static_cast<std::size_t>(ips) != addresses.size())
            error(DesignField::Addresses, "IP addresses and names cannot stand together");
        if (addresses.empty() && !m_design.host.empty() && m_project.hosts.count(m_design.host) == 0)
            warn(DesignField::Addresses,
                 "DNS has to know " + m_design.host + "; in a lab .sallyport/hosts does",
                 "give its address, or add it to .sallyport/hosts");
    }

    void checkGateway()
    {
        if (!m_design.gateway.isSet()) {
            error(DesignField::Gateway, "the egress gateway is missing", "choose one, or name a new one");
            return;
        }
        const compile::Instance *gateway = findInstance(m_instances, m_design.gateway);
        if (!gateway) {
            checkName(DesignField::Gateway, m_design.gateway.name, "a gateway");
            checkName(DesignField::Gateway, m_design.gateway.nameSpace, "its namespace");
            checkPort(DesignField::GatewayPort, m_design.gatewayPort);
            return;
        }
        if (gateway->proxy != compile::Instance::Proxy::Gateway) {
            error(DesignField::Gateway, m_design.gateway.toString() + " is no gateway",
                  "a gateway's pods have the annotation inject.istio.io/templates: gateway");
            return;
        }
        const model::Service *service = serviceOf(m_mesh, *gateway, m_design.gatewayPort);
        if (!service) {
            error(DesignField::Gateway, "no Service leads to " + m_design.gateway.toString(),
                  "sidecars find a gateway by its Service: add one that selects its pods");
            return;
        }
        std::string ports;
        bool has = false;
        for (const model::Service::Port &port : service->ports) {
            ports += (ports.empty() ? "" : ", ") + std::to_string(port.port);
            has = has || port.port == m_design.gatewayPort;
        }
        if (!has) {
            error(DesignField::GatewayPort,
                  service->title() + " has no port " + std::to_string(m_design.gatewayPort),
                  "it has " + ports);
            return;
        }
        const auto server =
            serverOnPort(m_mesh, *gateway, m_design.gatewayPort, m_design.nameSpace, m_design.host);
        if (server && !server->meshMtls)
            error(DesignField::GatewayPort,
                  server->gateway->title() + " uses port " + std::to_string(m_design.gatewayPort) +
                      " without mesh mTLS",
                  "choose another port of the gateway: " + ports);
    }

    void checkEncryption()
    {
        if (m_design.encryption == Encryption::None) {
            warn(DesignField::Encryption, "requests leave the mesh unencrypted",
                 "choose mutual TLS, or TLS where the host asks for no client certificate");
            return;
        }
        const std::string &credential = m_design.credentialName;
        const std::vector<std::string> known = credentialsIn(m_mesh, m_design.gateway.nameSpace);
        if (credential.empty() && m_design.encryption == Encryption::MutualTls)
            error(DesignField::Credential, "mutual TLS shows a client certificate: which one?",
                  "choose a credential, or name the one that you will import");
        else if (!credential.empty() && std::find(known.begin(), known.end(), credential) == known.end())
            warn(DesignField::Credential,
                 "there is no credential " + credential + " in " + m_design.gateway.nameSpace +
                     " yet: until it is imported, requests fail with 503",
                 "import it under Certificates");
        if (!m_design.sni.empty() && !model::isFqdn(m_design.sni))
            error(DesignField::Sni, '"' + m_design.sni + "\" is no host name");
        if (!m_design.sni.empty() && m_design.subjectAltNames.empty())
            warn(DesignField::SubjectAltNames,
                 "the server's name is not checked: any certificate of the CA is accepted",
                 "add " + m_design.sni);
    }

    void checkAllowed()
    {
        for (const std::string &principal : m_design.allowed) {
            if (principal.starts_with("spiffe://"))
                error(DesignField::Allowed, "policies name principals without spiffe://",
                      principal.substr(std::string("spiffe://").size()));
            else if (principal.find("/ns/") == std::string::npos && principal.find('*') == std::string::npos)
                warn(DesignField::Allowed, '"' + principal + "\" is no identity of a mesh",
                     m_mesh.config.trustDomain + "/ns/NAMESPACE/sa/ACCOUNT");
        }
    }

    const model::Project &m_project;
    const model::Mesh &m_mesh;
    const RouteDesign &m_design;
    std::vector<compile::Instance> m_instances;
    std::vector<DesignFinding> m_findings;
};

} // namespace

std::vector<DesignFinding> checkDesign(const model::Project &project, const RouteDesign &design)
{
    // A project without YAML has no mesh yet: the design makes its first.
    const model::Mesh *mesh = project.findMesh(design.mesh);
    model::Mesh empty;
    empty.name = design.mesh;
    return Check(project, mesh ? *mesh : empty, design).run();
}

} // namespace sallyport::design
