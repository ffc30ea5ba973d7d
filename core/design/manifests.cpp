// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/manifests.h"

#include "core/model/host_name.h"
#include "core/yaml/scalar_text.h"

#include <algorithm>
#include <cctype>

namespace sallyport::design {

namespace {

/// Every line of `block` moved to the right.
std::string shifted(const std::string &block, std::size_t columns)
{
    std::string text;
    std::size_t at = 0;
    while (at < block.size()) {
        const std::size_t end = std::min(block.find('\n', at), block.size());
        text += std::string(columns, ' ') + block.substr(at, end - at) + '\n';
        at = end + 1;
    }
    return text;
}

/// The same as an item of a list: the dash before its first line.
std::string asItem(const std::string &block, std::size_t columns)
{
    std::string text = shifted(block, columns + 2);
    text[columns] = '-';
    return text;
}

std::string labelLines(const model::Labels &labels)
{
    std::string text;
    for (const auto &[name, value] : labels)
        text += scalar(name) + ": " + scalar(value) + '\n';
    return text;
}

std::string headText(const std::string &comment, const std::string &apiVersion, const std::string &kind,
                     const std::string &nameSpace, const std::string &name)
{
    std::string text = comment.empty() ? std::string() : "# " + comment + '\n';
    text += "apiVersion: " + apiVersion + "\nkind: " + kind + "\nmetadata:\n  name: " + scalar(name) + '\n';
    return nameSpace.empty() ? text : text + "  namespace: " + scalar(nameSpace) + '\n';
}

std::string headText(const std::string &comment, const std::string &kind, const ManifestHead &head)
{
    return headText(comment, head.apiVersion, kind, head.nameSpace, head.name);
}

std::string hostLines(const std::string &host)
{
    // A policy compares the Host header as it came, with or without its port.
    return listOf({host, host + ":*"});
}

std::string policyText(const std::string &comment, const ManifestHead &head, const model::Labels &selector,
                       const std::string &action, const std::string &principals, const RouteDesign &design)
{
    std::string text = headText(comment, "AuthorizationPolicy", head);
    text += "spec:\n  selector:\n    matchLabels:\n" + shifted(labelLines(selector), 6);
    text += "  action: " + action + "\n  rules:\n  - ";
    if (!design.allowed.empty())
        text += "from:\n    - source:\n        " + principals + ":\n" + shifted(listOf(design.allowed), 8) +
                "    ";
    return text + "to:\n    - operation:\n        hosts:\n" + shifted(hostLines(design.host), 8);
}

std::string accountManifest(const WorkloadName &name, const std::string &account)
{
    return headText({}, "v1", "ServiceAccount", name.nameSpace, account);
}

std::string serviceText(const WorkloadName &name, const model::Labels &selector,
                        const std::vector<EntryPort> &ports)
{
    std::string text = headText({}, "v1", "Service", name.nameSpace, name.name);
    text += "spec:\n  selector:\n" + shifted(labelLines(selector), 4) + "  ports:\n";
    for (const EntryPort &port : ports) {
        const std::string number = std::to_string(port.number);
        text += asItem("name: " + port.name + "\nport: " + number + "\ntargetPort: " + number + '\n', 2);
    }
    return text;
}

std::string deploymentText(const WorkloadName &name, const model::Labels &labels,
                           const std::string &annotations, const std::string &account,
                           const std::string &container, const std::string &image)
{
    std::string text = headText({}, "apps/v1", "Deployment", name.nameSpace, name.name);
    text += "spec:\n  replicas: 1\n  selector:\n    matchLabels:\n" + shifted(labelLines(labels), 6);
    text += "  template:\n    metadata:\n" + annotations + "      labels:\n" + shifted(labelLines(labels), 8);
    text += "    spec:\n      serviceAccountName: " + scalar(account) +
            "\n      containers:\n      - name: " + scalar(container) + "\n        image: " + image + '\n';
    return text;
}

} // namespace

std::string scalar(const std::string &text)
{
    return yaml::scalarText(text, yaml::ScalarType::String, yaml::ScalarStyle::Plain, false);
}

std::string listOf(const std::vector<std::string> &values)
{
    std::string text;
    for (const std::string &value : values)
        text += "- " + scalar(value) + '\n';
    return text;
}

std::string nameFromHost(const std::string &host)
{
    std::string name;
    for (const char c : host) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0)
            name += static_cast<char>(std::tolower(byte));
        else if (!name.empty() && name.back() != '-')
            name += '-';
    }
    while (!name.empty() && name.back() == '-')
        name.pop_back();
    return name;
}

std::string entryPortBlock(const EntryPort &port)
{
    return "name: " + scalar(port.name) + "\nnumber: " + std::to_string(port.number) +
           "\nprotocol: " + port.protocol + '\n';
}

std::string serviceEntryManifest(const ManifestHead &head, const RouteDesign &design,
                                 const std::vector<EntryPort> &ports)
{
    std::string text =
        headText("Registers " + design.host + ", which is outside of the mesh, so that proxies may reach it.",
                 "ServiceEntry", head);
    text += "spec:\n  hosts:\n" + shifted(listOf({design.host}), 2) + "  location: MESH_EXTERNAL\n  ports:\n";
    for (const EntryPort &port : ports)
        text += asItem(entryPortBlock(port), 2);
    const bool fixed = !design.addresses.empty() && model::isIpAddress(design.addresses.front());
    text += std::string("  resolution: ") + (fixed ? "STATIC" : "DNS") + '\n';
    if (!design.addresses.empty())
        text += "  endpoints:\n";
    for (const std::string &address : design.addresses)
        text += asItem("address: " + scalar(address) + '\n', 2);
    return text;
}

std::string gatewayManifest(const ManifestHead &head, const model::Labels &selector, std::uint32_t port,
                            const std::string &gatewayName)
{
    std::string text =
        headText("The egress gateway " + gatewayName + " listens on port " + std::to_string(port) +
                     " and takes mesh mTLS only. The host accepts any SNI and VirtualServices of " +
                     head.nameSpace + '.',
                 "Gateway", head);
    text += "spec:\n  selector:\n" + shifted(labelLines(selector), 4);
    text += "  servers:\n  - port:\n      number: " + std::to_string(port) +
            "\n      name: https-mesh\n      protocol: HTTPS\n    hosts:\n" +
            shifted(listOf({head.nameSpace + "/*"}), 4) + "    tls:\n      mode: ISTIO_MUTUAL\n";
    return text;
}

std::string sniSubsetBlock(const std::string &subset, std::uint32_t port, const std::string &sni)
{
    return "name: " + scalar(subset) +
           "\ntrafficPolicy:\n  portLevelSettings:\n  - port:\n      number: " + std::to_string(port) +
           "\n    tls:\n      mode: ISTIO_MUTUAL\n      sni: " + scalar(sni) + '\n';
}

std::string meshMtlsManifest(const ManifestHead &head, const std::string &gatewayHost,
                             const std::string &subset, std::uint32_t port, const std::string &sni)
{
    std::string text = headText(
        "Makes the sidecars speak mesh mTLS to the gateway: gateway pods do not ask for it by themselves.",
        "DestinationRule", head);
    text +=
        "spec:\n  host: " + scalar(gatewayHost) + "\n  trafficPolicy:\n    tls:\n      mode: ISTIO_MUTUAL\n";
    return subset.empty() ? text : text + "  subsets:\n" + asItem(sniSubsetBlock(subset, port, sni), 2);
}

std::string routeRuleBlock(const std::string &gateway, std::uint32_t port, const RouteTarget &target)
{
    std::string text =
        "match:\n- gateways:\n  - " + scalar(gateway) + "\n  port: " + std::to_string(port) + '\n';
    text += "route:\n- destination:\n    host: " + scalar(target.host) + '\n';
    if (!target.subset.empty())
        text += "    subset: " + scalar(target.subset) + '\n';
    return text + "    port:\n      number: " + std::to_string(target.port) + '\n';
}

std::string virtualServiceManifest(const ManifestHead &head, const std::string &host,
                                   const std::string &gateway, const std::string &meshRule,
                                   const std::string &gatewayRule)
{
    std::string gateways;
    std::string rules;
    if (!gatewayRule.empty())
        gateways += "  - " + scalar(gateway) + '\n';
    if (!meshRule.empty()) {
        gateways += "  - mesh\n";
        rules += "  # In the sidecars: to the egress gateway.\n" + asItem(meshRule, 2);
    }
    if (!gatewayRule.empty())
        rules += "  # In the egress gateway: to " + host + ".\n" + asItem(gatewayRule, 2);
    return headText("Requests for " + host + " go through the egress gateway.", "VirtualService", head) +
           "spec:\n  hosts:\n" + shifted(listOf({host}), 2) + "  gateways:\n" + gateways + "  http:\n" +
           rules;
}

std::string tlsBlock(const RouteDesign &design)
{
    switch (design.encryption) {
    case Encryption::None:
        return "mode: DISABLE\n";
    case Encryption::Tls:
    case Encryption::MutualTls:
        break;
    }
    std::string text =
        std::string("mode: ") + (design.encryption == Encryption::MutualTls ? "MUTUAL" : "SIMPLE") + '\n';
    if (!design.credentialName.empty())
        text += "credentialName: " + scalar(design.credentialName) + '\n';
    if (!design.sni.empty())
        text += "sni: " + scalar(design.sni) + '\n';
    if (!design.subjectAltNames.empty())
        text += "subjectAltNames:\n" + listOf(design.subjectAltNames);
    return text;
}

std::string originationManifest(const ManifestHead &head, const RouteDesign &design)
{
    const std::string port = std::to_string(design.externalPort);
    std::string text =
        headText("The egress gateway encrypts what it sends to port " + port + " of " + design.host + '.',
                 "DestinationRule", head);
    text += "spec:\n  host: " + scalar(design.host) + "\n  trafficPolicy:\n    portLevelSettings:\n";
    return text + asItem("port:\n  number: " + port + "\ntls:\n" + shifted(tlsBlock(design), 2), 4);
}

std::string denyOthersManifest(const ManifestHead &head, const model::Labels &selector,
                               const RouteDesign &design)
{
    return policyText("Refuses " + design.host +
                          " to everybody but those named here. Other hosts are not touched.",
                      head, selector, "DENY", "notPrincipals", design);
}

std::string allowManifest(const ManifestHead &head, const model::Labels &selector, const RouteDesign &design)
{
    return policyText("Lets " + design.host +
                          " pass: the gateway has ALLOW policies, which refuse what none of them names.",
                      head, selector, "ALLOW", "principals", design);
}

std::string namespaceManifest(const std::string &name, bool injected)
{
    const std::string text = headText({}, "v1", "Namespace", {}, name);
    return injected ? text + "  labels:\n    istio-injection: enabled\n" : text;
}

std::string meshConfigManifest(const std::string &rootNamespace)
{
    return headText("The mesh configuration.", "v1", "ConfigMap", rootNamespace, "istio") +
           "data:\n  mesh: |\n    accessLogFile: /dev/stdout\n    accessLogEncoding: JSON\n";
}

std::vector<std::string> clientManifests(const WorkloadName &name)
{
    const model::Labels labels{{"app", name.name}};
    return {accountManifest(name, name.name), deploymentText(name, labels, {}, name.name, name.name, "curl"),
            serviceText(name, labels, {{80, "http", "HTTP"}})};
}

std::vector<std::string> gatewayWorkloadManifests(const WorkloadName &name, std::uint32_t port)
{
    const std::string account = name.name + "-service-account";
    // The usual gateway is known by its short label; another by its own name.
    const std::string usual = "istio-egressgateway";
    const model::Labels labels{{"app", name.name},
                               {"istio", name.name == usual ? "egressgateway" : name.name}};
    std::vector<EntryPort> ports{{80, "http", "HTTP"}, {443, "https", "HTTPS"}};
    const bool known =
        std::any_of(ports.begin(), ports.end(), [port](const EntryPort &p) { return p.number == port; });
    if (!known)
        ports.push_back({port, "tls-" + std::to_string(port), "TLS"});
    return {accountManifest(name, account),
            deploymentText(name, labels, "      annotations:\n        inject.istio.io/templates: gateway\n",
                           account, "istio-proxy", "auto"),
            serviceText(name, labels, ports)};
}

} // namespace sallyport::design
