// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/compile.h"

#include <string>
#include <vector>

/// A mesh from YAML text, compiled with the addresses that its pods have in the mesh, and asked what a
/// connection or a request would meet.
namespace fixture {

using namespace sallyport;

/// YAML of a Deployment with its namespace's usual injection. `kind`: `sidecar`, `gateway` or `none`.
std::string workload(const std::string &nameSpace, const std::string &name, const std::string &labels,
                     const std::string &kind = "sidecar", const std::string &ports = {});
std::string service(const std::string &nameSpace, const std::string &name, const std::string &selector,
                    const std::string &ports, const std::string &labels = "{}");
/// A ConfigMap `istio` with this MeshConfig.
std::string meshConfig(const std::string &text);
/// Several documents as one text.
std::string documents(const std::vector<std::string> &parts);

class Mesh
{
public:
    explicit Mesh(const std::string &yaml, std::map<std::string, std::vector<std::string>> hosts = {});

    const compile::CompiledProxy &proxy(const std::string &name) const;
    const compile::CompiledProject &compiled() const { return m_compiled; }
    std::string clusterIp(const std::string &hostname) const;
    /// What loading and compiling complained of.
    std::string complaints() const;

private:
    model::Project m_project;
    compile::Placement m_placement;
    compile::CompiledProject m_compiled;
};

/// A connection and what is asked on it.
struct Call
{
    std::string address = "203.0.113.77";
    std::uint32_t port = 80;
    bool tls = false;
    std::string sni;
    std::vector<std::string> alpn;
    bool http = true; ///< HTTP/1.1 in the clear, or inside the TLS that the proxy terminates
    std::string host;
    std::string path = "/";
    std::string method = "GET";
    std::vector<std::pair<std::string, std::string>> headers;
    std::string source = "10.9.9.9";
    std::string identity; ///< URI SAN of a verified client certificate
};

/// Where it ends up.
struct Outcome
{
    std::string listener; ///< empty: nothing listens
    std::string chain;    ///< empty name or `none`: no filter chain
    bool terminatesTls = false;
    std::string routes; ///< route configuration
    std::string virtualHost;
    std::string route;
    std::string cluster;  ///< of the route or of the TCP proxy
    int status = 0;       ///< of a redirect, a direct response, a 403 or a 404
    std::string policy;   ///< of a 403, or of a refused connection
    bool refused = false; ///< by a policy on connections

    /// `cluster`, `status`, `no chain`, `no listener`: in one word.
    std::string summary() const;
};

/// From the application of a sidecar.
Outcome outbound(const compile::CompiledProxy &proxy, const Call &call);
/// At a gateway, or at a sidecar's inbound side. `call.port` is the port on the pod.
Outcome inbound(const compile::CompiledProxy &proxy, const Call &call);

const dataplane::Cluster *findCluster(const compile::CompiledProxy &proxy, const std::string &name);
const dataplane::Listener *findListener(const compile::CompiledProxy &proxy, const std::string &name);
const dataplane::RouteConfiguration *findRoutes(const compile::CompiledProxy &proxy, const std::string &name);

} // namespace fixture
