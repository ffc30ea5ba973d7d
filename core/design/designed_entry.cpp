// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/visibility.h"
#include "core/design/designer.h"
#include "core/model/host_name.h"

#include <algorithm>
#include <set>

/// The host's registration, and the mesh's answer to hosts without one.
namespace sallyport::design {

Result<void> Designer::refuseTheUnregistered()
{
    if (!m_design.registryOnly || mesh().config.outboundMode == model::OutboundMode::RegistryOnly)
        return {};
    const std::string why = "Sidecars answer 502 for hosts that nobody registered.";
    const std::string path = "outboundTrafficPolicy.mode";
    for (const model::ConfigMap &map : mesh().configMaps) {
        if (map.metadata.name != "istio")
            continue;
        if (Result<void> set = m_edit.setMeshConfig(model::ResourceAddress::of(map), path, "REGISTRY_ONLY");
            !set)
            return set;
        note(Change::Changed, map, why);
        return {};
    }
    const std::string &root = mesh().config.rootNamespace;
    const std::string file = m_edit.freeFileName(m_folder, "01-mesh.yaml");
    const model::ResourceAddress map = m_edit.addResource(file, meshConfigManifest(root));
    noteNew("ConfigMap", {"v1", root, "istio"}, file, why);
    return m_edit.setMeshConfig(map, path, "REGISTRY_ONLY");
}

std::vector<EntryPort> Designer::wantedPorts() const
{
    std::vector<EntryPort> ports{{m_design.clientPort, "http", "HTTP"}};
    if (m_design.externalPort != m_design.clientPort) {
        const bool plain = m_design.encryption == Encryption::None;
        ports.push_back({m_design.externalPort, plain ? "http-out" : "https", plain ? "HTTP" : "HTTPS"});
    }
    return ports;
}

Result<bool> Designer::changePorts(const model::ServiceEntry &entry)
{
    bool changed = false;
    for (EntryPort port : wantedPorts()) {
        const bool known = std::any_of(entry.ports.begin(), entry.ports.end(),
                                       [&](const auto &own) { return own.number == port.number; });
        if (known)
            continue;
        const bool nameTaken = std::any_of(entry.ports.begin(), entry.ports.end(),
                                           [&](const auto &own) { return own.name == port.name; });
        if (nameTaken)
            port.name += '-' + std::to_string(port.number);
        const Result<void> added =
            m_edit.appendItem(model::ResourceAddress::of(entry), "spec.ports", entryPortBlock(port));
        if (!added)
            return fail(added.error());
        changed = true;
    }
    return changed;
}

Result<bool> Designer::changeAddresses(const model::ServiceEntry &entry)
{
    if (m_design.addresses.empty())
        return false;
    const model::ResourceAddress address = model::ResourceAddress::of(entry);
    const std::set<std::string> wanted(m_design.addresses.begin(), m_design.addresses.end());
    std::set<std::string> known;
    bool changed = false;
    for (const model::WorkloadEntrySpec &endpoint : entry.endpoints)
        known.insert(endpoint.address);
    for (const std::string &each : m_design.addresses) {
        if (known.count(each) > 0)
            continue;
        if (Result<void> added = m_edit.appendItem(address, "spec.endpoints", "address: " + scalar(each));
            !added)
            return fail(added.error());
        changed = true;
    }
    for (std::size_t index = entry.endpoints.size(); index-- > 0;) {
        if (wanted.count(entry.endpoints[index].address) > 0)
            continue;
        const std::string path = "spec.endpoints[" + std::to_string(index) + ']';
        if (Result<void> removed = m_edit.remove(address, path); !removed)
            return fail(removed.error());
        changed = true;
    }
    using Resolution = model::ServiceEntry::Resolution;
    const bool fixed = model::isIpAddress(m_design.addresses.front());
    const bool fits =
        fixed ? entry.resolution == Resolution::Static
              : entry.resolution == Resolution::Dns || entry.resolution == Resolution::DnsRoundRobin;
    if (!fits) {
        if (Result<void> set = m_edit.setScalar(address, "spec.resolution", fixed ? "STATIC" : "DNS"); !set)
            return fail(set.error());
        changed = true;
    }
    return changed;
}

Result<bool> Designer::changeExport(const model::ServiceEntry &entry)
{
    std::set<std::string> viewers{m_design.gateway.nameSpace};
    for (const WorkloadName &name : m_design.clients)
        viewers.insert(name.nameSpace);
    bool changed = false;
    for (const std::string &viewer : viewers) {
        if (compile::isVisible(entry.exportTo, entry.metadata.resourceNamespace, viewer))
            continue;
        const Result<void> added =
            m_edit.appendItem(model::ResourceAddress::of(entry), "spec.exportTo", scalar(viewer));
        if (!added)
            return fail(added.error());
        changed = true;
    }
    return changed;
}

Result<void> Designer::registerHost()
{
    const std::string viewer = m_design.clients.empty() ? std::string() : m_design.clients.front().nameSpace;
    const model::ServiceEntry *entry = entryOf(mesh(), m_design.host, viewer);
    const std::string why = "Registers " + m_design.host + ", so that proxies may reach it.";
    if (!entry) {
        const ManifestHead at =
            head("networking.istio.io", m_design.nameSpace, nameFromHost(m_design.host), "ServiceEntry");
        addForRoute("ServiceEntry", at, serviceEntryManifest(at, m_design, wantedPorts()), why);
        return {};
    }
    bool changed = false;
    for (const auto change : {&Designer::changePorts, &Designer::changeAddresses, &Designer::changeExport}) {
        const Result<bool> made = (this->*change)(*entry);
        if (!made)
            return fail(made.error());
        changed = changed || *made;
    }
    note(changed ? Change::Changed : Change::Kept, *entry, why);
    return {};
}

} // namespace sallyport::design
