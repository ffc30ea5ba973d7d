// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/route_design.h"

/// YAML of the resources that a route is made of, each with a comment that says what it is for.
namespace sallyport::design {

/// Name and version of a resource that is to be written.
struct ManifestHead
{
    std::string apiVersion;
    std::string nameSpace;
    std::string name;
};

/// A port of a ServiceEntry.
struct EntryPort
{
    std::uint32_t number = 0;
    std::string name;
    std::string protocol;
};

/// One destination of a route.
struct RouteTarget
{
    std::string host;
    std::string subset; ///< may be empty
    std::uint32_t port = 0;
    bool operator==(const RouteTarget &) const = default;
};

/// `text` as a scalar on one line.
std::string scalar(const std::string &text);
/// `- a` lines.
std::string listOf(const std::vector<std::string> &values);
/// `test.com` → `test-com`, fit for a name.
std::string nameFromHost(const std::string &host);

/// The ServiceEntry of the host, and a port of one that exists.
std::string serviceEntryManifest(const ManifestHead &head, const RouteDesign &design,
                                 const std::vector<EntryPort> &ports);
std::string entryPortBlock(const EntryPort &port);

/// The Gateway of the egress: it takes mesh mTLS on `port`.
std::string gatewayManifest(const ManifestHead &head, const model::Labels &selector, std::uint32_t port,
                            const std::string &gatewayName);
/// The rule that makes sidecars speak mesh mTLS to the gateway; `subset` with a fixed SNI if it is not empty.
std::string meshMtlsManifest(const ManifestHead &head, const std::string &gatewayHost,
                             const std::string &subset, std::uint32_t port, const std::string &sni);
std::string sniSubsetBlock(const std::string &subset, std::uint32_t port, const std::string &sni);

/// A rule for requests that enter by `gateway` (`mesh`: the sidecars) on `port`.
std::string routeRuleBlock(const std::string &gateway, std::uint32_t port, const RouteTarget &target);
std::string virtualServiceManifest(const ManifestHead &head, const std::string &host,
                                   const std::string &gateway, const std::string &meshRule,
                                   const std::string &gatewayRule);

/// The `tls` block of a design.
std::string tlsBlock(const RouteDesign &design);
std::string originationManifest(const ManifestHead &head, const RouteDesign &design);

/// Refuses the host to everybody but `design.allowed`.
std::string denyOthersManifest(const ManifestHead &head, const model::Labels &selector,
                               const RouteDesign &design);
/// Lets the host pass where other ALLOW policies stand at the gateway.
std::string allowManifest(const ManifestHead &head, const model::Labels &selector, const RouteDesign &design);

/// A Namespace, and the mesh's configuration with its root namespace.
std::string namespaceManifest(const std::string &name, bool injected);
std::string meshConfigManifest(const std::string &rootNamespace);
/// ServiceAccount, Deployment and Service of a client with a sidecar.
std::vector<std::string> clientManifests(const WorkloadName &name);
/// ServiceAccount, Deployment and Service of an egress gateway.
std::vector<std::string> gatewayWorkloadManifests(const WorkloadName &name, std::uint32_t port);

} // namespace sallyport::design
