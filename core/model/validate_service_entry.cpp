// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/host_name.h"
#include "core/model/lexical.h"
#include "core/model/validation.h"

#include <algorithm>
#include <array>
#include <set>

namespace sallyport::model {

namespace {

using Resolution = ServiceEntry::Resolution;

bool usesDns(Resolution resolution)
{
    return resolution == Resolution::Dns || resolution == Resolution::DnsRoundRobin;
}

void validateHosts(const ServiceEntry &entry, Findings &findings)
{
    if (entry.hosts.empty())
        findings.error(Rule::Missing, "spec.hosts", "a ServiceEntry needs at least one host");
    for (std::size_t i = 0; i < entry.hosts.size(); ++i) {
        const std::string &host = entry.hosts[i];
        const std::string path = item("spec.hosts", i);
        const bool partial = host.size() > 1 && isWildcard(host) && host[1] != '.';
        if (host == "*")
            findings.error(Rule::Value, path, "the host \"*\" would stand for every service",
                           "name the domain, such as *.example.com");
        else if (!isWildcardDomain(host))
            findings.error(Rule::Value, path, "\"" + host + "\" is no domain name");
        else if (partial && entry.resolution != Resolution::DynamicDns)
            findings.warning(path, "the partial wildcard \"" + host + "\" is not matched everywhere",
                             "put a dot behind the *");
        if (entry.resolution == Resolution::DynamicDns && !isWildcard(host))
            findings.error(Rule::Value, path, "DYNAMIC_DNS takes wildcard hosts only",
                           "use DNS for one name");
    }
}

void validateAddresses(const ServiceEntry &entry, Findings &findings)
{
    for (std::size_t i = 0; i < entry.addresses.size(); ++i) {
        const std::string &address = entry.addresses[i];
        const bool range = isCidr(address);
        if (!isIpOrCidr(address))
            findings.error(Rule::Value, item("spec.addresses", i),
                           "\"" + address + "\" is no IP address or range");
        else if (range && entry.resolution != Resolution::None && entry.resolution != Resolution::Static)
            findings.error(Rule::Exclusive, item("spec.addresses", i),
                           "a range of addresses cannot be used with DNS resolution",
                           "give single addresses, or use NONE or STATIC");
    }
    if (entry.resolution == Resolution::DynamicDns && !entry.addresses.empty())
        findings.error(Rule::Exclusive, "spec.addresses", "DYNAMIC_DNS takes no addresses");
}

/// What a dynamic forward proxy can tell the host of (istiod compares the parsed words, case does not count).
bool canBeDynamic(const std::string &protocol)
{
    static constexpr std::array<std::string_view, 4> known{"http", "http2", "grpc", "tls"};
    return std::find(known.begin(), known.end(), lowerCase(protocol)) != known.end();
}

void validatePorts(const ServiceEntry &entry, Findings &findings)
{
    std::set<std::string> names;
    std::set<std::uint32_t> numbers;
    for (std::size_t i = 0; i < entry.ports.size(); ++i) {
        const ServiceEntry::Port &port = entry.ports[i];
        const std::string path = item("spec.ports", i);
        if (!findings.given(path)) {
            findings.error(Rule::Missing, path, "a port is empty");
            continue;
        }
        if (!isPort(port.number))
            findings.error(Rule::Value, path + ".number", "a port number is from 1 to 65535");
        else if (!numbers.insert(port.number).second)
            findings.error(Rule::Duplicate, path + ".number",
                           "port number " + std::to_string(port.number) + " is used twice");
        if (!isDnsLabel(port.name))
            findings.error(port.name.empty() ? Rule::Missing : Rule::Value, path + ".name",
                           port.name.empty() ? "a port needs a name"
                                             : "the port name \"" + port.name + "\" is no DNS label");
        else if (!names.insert(port.name).second)
            findings.error(Rule::Duplicate, path + ".name", "port name \"" + port.name + "\" is used twice");
        if (port.targetPort != 0 && !isPort(port.targetPort))
            findings.error(Rule::Value, path + ".targetPort", "a port number is from 1 to 65535");
        if (!port.protocol.empty() && protocolFamily(port.protocol) == ProtocolFamily::Unknown)
            findings.error(Rule::Value, path + ".protocol", "unsupported protocol \"" + port.protocol + '"',
                           "one of HTTP, HTTPS, HTTP2, GRPC, GRPC-Web, TLS, TCP, UDP, Mongo, Redis, MySQL");
        const bool httpOrTls = isHttpProtocol(port.protocol) || isTlsProtocol(port.protocol);
        if (entry.resolution == Resolution::DynamicDns && !canBeDynamic(port.protocol))
            findings.error(Rule::Value, path + ".protocol",
                           "DYNAMIC_DNS takes HTTP, HTTP2, GRPC and TLS only");
        else if (entry.resolution != Resolution::None && entry.hosts.size() > 1 && !httpOrTls)
            findings.error(Rule::Exclusive, path + ".protocol",
                           "several hosts cannot be told apart on port " + std::to_string(port.number) +
                               ", which is neither HTTP nor TLS",
                           "give each host a ServiceEntry of its own");
    }
}

/// TCP services without an address take every connection to their port.
void warnOfPortsWithoutAddress(const ServiceEntry &entry, Findings &findings)
{
    const auto &labels = entry.metadata.labels;
    const auto optOut = labels.find("networking.istio.io/enable-autoallocate-ip");
    const bool allocated =
        entry.resolution != Resolution::None && !(optOut != labels.end() && optOut->second == "false");
    if (!entry.addresses.empty() || allocated)
        return;
    for (std::size_t i = 0; i < entry.ports.size(); ++i) {
        const std::string &protocol = entry.ports[i].protocol;
        if (protocol.empty() || protocol == "TCP")
            findings.warning(item("spec.ports", i),
                             "without addresses, this port takes every connection to port " +
                                 std::to_string(entry.ports[i].number),
                             "give addresses, or name an HTTP or TLS protocol");
    }
}

void validateEndpointPorts(const ServiceEntry &entry, const WorkloadEntrySpec &endpoint,
                           const std::string &path, Findings &findings)
{
    for (const auto &[name, number] : endpoint.ports) {
        const bool known = std::any_of(entry.ports.begin(), entry.ports.end(),
                                       [&, &wanted = name](const auto &port) { return port.name == wanted; });
        const std::string portPath = path + ".ports[\"" + name + "\"]";
        if (!known)
            findings.error(Rule::Value, portPath, "no port of this ServiceEntry is named \"" + name + '"');
        if (!isDnsLabel(name))
            findings.error(Rule::Value, portPath, "the port name \"" + name + "\" is no DNS label");
        if (!isPort(number))
            findings.error(Rule::Value, portPath, "a port number is from 1 to 65535");
    }
    validateLabels(endpoint.labels, path + ".labels", findings);
}

void validateStaticEndpoint(const ServiceEntry &entry, const WorkloadEntrySpec &endpoint,
                            const std::string &path, Findings &findings)
{
    const std::string &address = endpoint.address;
    if (address.starts_with(unixScheme)) {
        if (!isUnixAddress(std::string_view(address).substr(unixScheme.size())))
            findings.error(Rule::Value, path + ".address", "a unix address is an absolute path or @name");
        if (entry.ports.size() != 1)
            findings.error(Rule::Exclusive, path + ".address",
                           "a ServiceEntry with a unix address has exactly one port");
        if (!endpoint.ports.empty())
            findings.error(Rule::Exclusive, path + ".ports", "an endpoint with a unix address has no ports");
        validateLabels(endpoint.labels, path + ".labels", findings);
        return;
    }
    if (address.empty() && endpoint.network.empty())
        findings.error(Rule::Missing, path, "a STATIC endpoint needs an address");
    else if (address.empty())
        findings.warning(path, "the endpoint has a network but no address: the network's gateway is used");
    else if (!isIpAddress(address))
        findings.error(Rule::Value, path + ".address",
                       "a STATIC endpoint needs an IP address, not \"" + address + '"',
                       "use resolution: DNS for a name");
    validateEndpointPorts(entry, endpoint, path, findings);
}

void validateEndpoints(const ServiceEntry &entry, Findings &findings)
{
    switch (entry.resolution) {
    case Resolution::None:
        if (!entry.endpoints.empty())
            findings.error(Rule::Exclusive, "spec.endpoints", "resolution NONE takes no endpoints",
                           "use STATIC or DNS");
        if (entry.workloadSelector)
            findings.warning("spec.workloadSelector", "a selector has no effect with resolution NONE");
        return;
    case Resolution::Static:
        for (std::size_t i = 0; i < entry.endpoints.size(); ++i)
            validateStaticEndpoint(entry, entry.endpoints[i], item("spec.endpoints", i), findings);
        return;
    case Resolution::Dns:
    case Resolution::DnsRoundRobin:
        break;
    case Resolution::DynamicDns:
        if (!entry.endpoints.empty())
            findings.error(Rule::Exclusive, "spec.endpoints", "DYNAMIC_DNS takes no endpoints");
        return;
    }
    if (entry.endpoints.empty()) {
        for (std::size_t i = 0; i < entry.hosts.size(); ++i) {
            if (isWildcard(entry.hosts[i]) && entry.hosts[i] != "*")
                findings.error(Rule::Value, item("spec.hosts", i), "a wildcard cannot be looked up in DNS",
                               "give endpoints, or use resolution: NONE");
        }
    }
    if (entry.resolution == Resolution::DnsRoundRobin && entry.endpoints.size() > 1)
        findings.error(Rule::Value, "spec.endpoints", "DNS_ROUND_ROBIN takes one endpoint");
    for (std::size_t i = 0; i < entry.endpoints.size(); ++i) {
        const WorkloadEntrySpec &endpoint = entry.endpoints[i];
        const std::string path = item("spec.endpoints", i);
        if (!isIpAddress(endpoint.address) && !isFqdn(endpoint.address))
            findings.error(endpoint.address.empty() ? Rule::Missing : Rule::Value, path + ".address",
                           "an endpoint needs an IP address or a domain name, not \"" + endpoint.address +
                               '"');
        validateEndpointPorts(entry, endpoint, path, findings);
    }
}

} // namespace

void validate(const ServiceEntry &entry, Findings &findings)
{
    constexpr std::size_t most = 256;
    constexpr std::size_t mostEndpoints = 4096;
    validateCount(entry.hosts.size(), most, "spec.hosts", findings);
    validateCount(entry.addresses.size(), most, "spec.addresses", findings);
    validateCount(entry.ports.size(), most, "spec.ports", findings);
    validateCount(entry.endpoints.size(), mostEndpoints, "spec.endpoints", findings);
    validateHosts(entry, findings);
    validateAddresses(entry, findings);
    validatePorts(entry, findings);
    warnOfPortsWithoutAddress(entry, findings);
    if (entry.workloadSelector && !entry.endpoints.empty())
        findings.error(Rule::Exclusive, "spec.workloadSelector",
                       "workloadSelector and endpoints cannot be used together", "keep one of them");
    validateSelector(entry.workloadSelector, "spec.workloadSelector", findings);
    validateEndpoints(entry, findings);
    const bool tcpPort = std::any_of(entry.ports.begin(), entry.ports.end(),
                                     [](const auto &port) { return isTcpProtocol(port.protocol); });
    if (usesDns(entry.resolution) && !entry.addresses.empty() && entry.hosts.size() > 1 && tcpPort)
        findings.warning("spec.addresses", "several hosts share these addresses on a TCP or TLS port",
                         "give each host a ServiceEntry of its own");
    const auto label = entry.metadata.labels.find("istio.io/use-waypoint");
    const bool waypoint =
        label != entry.metadata.labels.end() && !label->second.empty() && lowerCase(label->second) != "none";
    if (entry.resolution == Resolution::DynamicDns &&
        entry.location == ServiceEntry::Location::MeshInternal && waypoint)
        findings.error(Rule::Exclusive, "spec.location",
                       "DYNAMIC_DNS cannot be MESH_INTERNAL and use a waypoint");
    validateExportTo(entry.exportTo, true, findings);
}

void validate(const WorkloadEntry &entry, Findings &findings)
{
    const std::string &address = entry.spec.address;
    if (address.starts_with(unixScheme)) {
        if (!isUnixAddress(std::string_view(address).substr(unixScheme.size())))
            findings.error(Rule::Value, "spec.address", "a unix address is an absolute path or @name");
        if (!entry.spec.ports.empty())
            findings.error(Rule::Exclusive, "spec.ports", "a WorkloadEntry with a unix address has no ports");
    } else if (address.empty()) {
        if (entry.spec.network.empty())
            findings.error(Rule::Missing, "spec.address", "a WorkloadEntry needs an address");
        else
            findings.warning("spec.network",
                             "the entry has a network but no address: the network's gateway is used");
    } else if (!isIpAddress(address) && !isFqdn(address)) {
        findings.error(Rule::Value, "spec.address", "\"" + address + "\" is no IP address or domain name");
    }
    validateLabels(entry.spec.labels, "spec.labels", findings);
    for (const auto &[name, number] : entry.spec.ports) {
        if (!isDnsLabel(name))
            findings.error(Rule::Value, "spec.ports[\"" + name + "\"]",
                           "the port name \"" + name + "\" is no DNS label");
        if (!isPort(number))
            findings.error(Rule::Value, "spec.ports[\"" + name + "\"]", "a port number is from 1 to 65535");
    }
}

} // namespace sallyport::model
