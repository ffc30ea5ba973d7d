// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project_edit.h"

#include <cstdint>
#include <string>
#include <vector>

/// Routes out of the mesh, made without writing YAML: what a person decides, and what that means for the
/// resources of a project.
namespace sallyport::design {

/// A Deployment or Pod of the mesh.
struct WorkloadName
{
    std::string nameSpace;
    std::string name;

    bool isSet() const { return !name.empty(); }
    std::string toString() const { return nameSpace + '/' + name; }
    auto operator<=>(const WorkloadName &) const = default;
};

/// `default/sleep`; without a slash the namespace is `default`.
WorkloadName workloadFromText(const std::string &text);

/// What the egress gateway does on its way to the host.
enum class Encryption {
    None,
    Tls,      ///< verifies the server
    MutualTls ///< and shows a client certificate
};

/// A route `clients → egress gateway → host`. Applications call the host in plain HTTP.
struct RouteDesign
{
    std::string mesh = "primary";
    std::string nameSpace = "default";  ///< of the resources that are made
    std::vector<WorkloadName> clients;  ///< who calls; one that is not there yet is made
    std::string host;                   ///< `test.com`
    std::uint32_t clientPort = 80;      ///< what applications call
    std::vector<std::string> addresses; ///< of the host, IPs or names; empty: DNS knows it
    WorkloadName gateway;               ///< made if it is not there yet
    std::uint32_t gatewayPort = 80;     ///< of the gateway's Service
    std::uint32_t externalPort = 443;   ///< of the host, where the gateway goes
    Encryption encryption = Encryption::MutualTls;
    std::string credentialName;               ///< in the gateway's namespace; `Tls`: may be empty
    std::string sni;                          ///< empty: as the Host header says
    std::vector<std::string> subjectAltNames; ///< names the server must prove one of
    std::vector<std::string> allowed;         ///< principals that may use the route; empty: everybody
    bool registryOnly = false;                ///< sidecars refuse hosts that nobody registered

    bool operator==(const RouteDesign &) const = default;
};

/// The part of a design that a finding is about.
enum class DesignField {
    Clients,
    NameSpace,
    Host,
    ClientPort,
    Addresses,
    Gateway,
    GatewayPort,
    ExternalPort,
    Encryption,
    Credential,
    Sni,
    SubjectAltNames,
    Allowed
};

/// What is to be said of one decision.
struct DesignFinding
{
    DesignField field = DesignField::Host;
    model::Severity severity = model::Severity::Error; ///< with an Error nothing can be made
    std::string message;
    std::string hint;
};

/// What is wrong with a design in this project, in the order of its fields.
std::vector<DesignFinding> checkDesign(const model::Project &project, const RouteDesign &design);

/// What a design asks of one resource.
struct DesignedResource
{
    enum class Change { Kept, Created, Changed };
    Change change = Change::Kept;
    std::string kind;
    std::string nameSpace;
    std::string name;
    std::string file;
    std::string why; ///< one sentence in plain words
};

/// What a design comes to.
struct DesignedRoute
{
    std::vector<DesignedResource> resources; ///< in the order of the way of a request
    model::FileChanges changes;              ///< one undo step; empty if the project has it all
    std::vector<std::string> notes;          ///< what stands in the way even so
};

/// Makes what is missing and changes what differs, each as a minimal patch; what fits already is used as it
/// is. Fails with the first error of checkDesign().
Result<DesignedRoute> designRoute(const model::Project &project, const RouteDesign &design);

} // namespace sallyport::design
