// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/address_plan.h"

#include "core/compile/service.h"
#include "core/model/host_name.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>

namespace sallyport::lab {

namespace {

constexpr int firstPod = 11;
constexpr int firstService = 150;
constexpr int firstOutside =
    200; ///< addresses that only the YAML has: ServiceEntry VIPs, unused load balancers
constexpr int lastInBlock = 249;
constexpr int nowhereNumber = 254;
constexpr int firstLowPort = 1024;
constexpr int mostSlots = 10'000; ///< of one kind in one mesh

std::string dotted(int a, int b, int c, int d)
{
    return std::to_string(a) + '.' + std::to_string(b) + '.' + std::to_string(c) + '.' + std::to_string(d);
}

/// Numbers from 0 on. What somebody has already is not given to another.
class Slots
{
public:
    /// `known`: who has which number. Newcomers get the numbers that are free.
    explicit Slots(std::map<std::string, int> known)
        : m_known(std::move(known))
    {
        for (const auto &[name, slot] : m_known)
            m_taken.insert(slot);
    }
    int of(const std::string &name)
    {
        if (const auto known = m_known.find(name); known != m_known.end())
            return known->second;
        while (m_taken.count(m_next) > 0)
            ++m_next;
        return m_next++;
    }

private:
    std::map<std::string, int> m_known;
    std::set<int> m_taken;
    int m_next = 0;
};

/// Addresses of one mesh: short ones first, then longer ones when a range is used up.
class MeshAddresses
{
public:
    MeshAddresses(const AddressBlock &block, int index)
        : m_block(block)
        , m_index(index)
    {
    }

    /// The pod's address in the mesh, on this machine, and for its application behind a sidecar.
    std::array<std::string, 3> pod(int slot) const
    {
        const int number = firstPod + slot;
        if (number < firstService)
            return {inMesh(number), here(number), dotted(127, 200 + m_block.a, m_block.b + m_index, number)};
        const auto [c, d] = overflow(number - firstService);
        return {dotted(10, 10 * (m_index + 1), c, d),
                dotted(127, 20 + m_block.a * 10 + m_block.b + m_index, c, d),
                dotted(127, 20 + m_block.a * 10 + m_block.b + m_index, 64 + c, d)};
    }

    std::pair<std::string, std::string> service(int slot) const
    {
        return ranged(firstService + slot, firstOutside, 128);
    }
    std::string outside(int slot) const { return ranged(firstOutside + slot, lastInBlock + 1, 192).second; }
    std::string nowhere() const { return here(nowhereNumber); }

private:
    std::string inMesh(int number) const { return dotted(10, 10 * (m_index + 1), 0, number); }
    std::string here(int number) const { return dotted(127, m_block.a, m_block.b + m_index, number); }

    static std::pair<int, int> overflow(int number) { return {1 + number / 250, 1 + number % 250}; }

    std::pair<std::string, std::string> ranged(int number, int end, int overflowBase) const
    {
        if (number < end)
            return {inMesh(number), here(number)};
        const auto [c, d] = overflow(number - end);
        return {dotted(10, 10 * (m_index + 1), overflowBase + c % 60, d),
                dotted(127, 20 + m_block.a * 10 + m_block.b + m_index, overflowBase + c % 60, d)};
    }

    AddressBlock m_block;
    int m_index;
};

/// Which slots `addresses` (by name) lie in, as `addressOf` gives them. Addresses that are none of them are
/// left out.
std::map<std::string, int> slotsOf(const std::map<std::string, std::string> &addresses,
                                   const std::function<std::string(int)> &addressOf)
{
    std::map<std::string, std::string> nameOf;
    for (const auto &[name, address] : addresses)
        nameOf.emplace(address, name);
    std::map<std::string, int> slots;
    for (int slot = 0; slot < mostSlots && !nameOf.empty(); ++slot) {
        const auto found = nameOf.find(addressOf(slot));
        if (found == nameOf.end())
            continue;
        slots.emplace(found->second, slot);
        nameOf.erase(found);
    }
    return slots;
}

class AddressPlanner
{
public:
    AddressPlanner(const model::Project &project, const AddressBlock &block, int lowPortShift, bool taps,
                   const LabPlan *running)
        : m_project(project)
        , m_block(block)
        , m_taps(taps)
        , m_running(running)
    {
        if (lowPortShift > 0) {
            m_plan.overlay.firstFreePort = firstLowPort;
            m_plan.overlay.lowPortShift = lowPortShift;
            m_plan.placement.firstFreePort = firstLowPort;
            m_plan.placement.lowPortShift = static_cast<std::uint32_t>(lowPortShift);
        }
        m_plan.placement.hosts = project.hosts;
    }

    AddressPlan plan()
    {
        const std::vector<const model::Mesh *> meshes = orderedMeshes(m_project);
        for (std::size_t index = 0; index < meshes.size(); ++index) {
            const MeshAddresses addresses(m_block, static_cast<int>(index));
            if (index == 0)
                m_plan.overlay.nowhere = m_plan.placement.nowhere = addresses.nowhere();
            placePods(*meshes[index], addresses);
            placeServices(*meshes[index], addresses);
            m_addresses.push_back(addresses);
        }
        // After all load balancers are known: what else the YAML mentions.
        for (std::size_t index = 0; index < meshes.size(); ++index)
            placeEntries(*meshes[index], m_addresses[index]);
        m_plan.placement.toLocal = m_plan.overlay.toLab;
        return std::move(m_plan);
    }

private:
    void map(const std::string &mesh, const std::string &lab)
    {
        m_plan.overlay.toLab.emplace(mesh, lab);
        m_plan.overlay.toMesh.emplace(lab, mesh);
    }

    std::map<std::string, int> runningPods(const std::string &mesh, const MeshAddresses &addresses) const
    {
        std::map<std::string, std::string> known;
        if (m_running) {
            for (const Instance &instance : m_running->instances) {
                if (instance.mesh == mesh)
                    known.emplace(instance.name, instance.address);
            }
        }
        return slotsOf(known, [&addresses](int slot) { return addresses.pod(slot)[1]; });
    }

    std::map<std::string, int> runningServices(const std::string &mesh, const MeshAddresses &addresses) const
    {
        std::map<std::string, std::string> known;
        const auto names =
            m_running ? m_running->meshes.find(mesh) : std::map<std::string, MeshNames>::const_iterator();
        if (m_running && names != m_running->meshes.end()) {
            for (const auto &[hostname, list] : names->second.hosts) {
                const auto lab = list.size() == 1 ? m_running->overlay.toLab.find(list.front())
                                                  : m_running->overlay.toLab.end();
                if (lab != m_running->overlay.toLab.end())
                    known.emplace(hostname, lab->second);
            }
        }
        return slotsOf(known, [&addresses](int slot) { return addresses.service(slot).second; });
    }

    void placePods(const model::Mesh &mesh, const MeshAddresses &addresses)
    {
        Slots slots(runningPods(mesh.name, addresses));
        for (const compile::Instance &instance : compile::instancesOf(mesh)) {
            const auto [inMesh, here, application] = addresses.pod(slots.of(instance.name));
            compile::InstancePlace place;
            place.meshAddress = inMesh;
            place.address = here;
            place.appAddress = application;
            const std::string before = m_taps ? tapBefore(here) : std::string();
            map(inMesh, before.empty() ? here : before);
            if (!before.empty()) {
                m_plan.taps.emplace(here, before);
                m_plan.names.emplace(before, instance.name);
                m_plan.overlay.toMesh.emplace(here, inMesh);
            }
            m_plan.names.emplace(here, instance.name);
            m_plan.names.emplace(application, instance.name);
            m_plan.overlay.toMesh.emplace(application, inMesh);
            m_plan.placement.instances.emplace(instance.name, std::move(place));
        }
    }

    /// `127.A.B.N` → `127.(210+A).B.N`; the addresses of large meshes have none.
    std::string tapBefore(const std::string &here) const
    {
        const std::string prefix = "127." + std::to_string(m_block.a) + '.';
        if (here.compare(0, prefix.size(), prefix) != 0)
            return {};
        return "127." + std::to_string(210 + m_block.a) + '.' + here.substr(prefix.size());
    }

    /// The pods behind a Service's port, with the port they answer on.
    std::vector<std::pair<std::string, std::uint32_t>>
    backendsOf(const model::Mesh &mesh, const model::Service &service, const model::Service::Port &port) const
    {
        std::vector<std::pair<std::string, std::uint32_t>> backends;
        if (service.selector.empty())
            return backends;
        for (const compile::Instance &instance : compile::instancesOf(mesh)) {
            if (instance.nameSpace != service.metadata.resourceNamespace ||
                !model::selects(service.selector, instance.labels))
                continue;
            if (const std::uint32_t target = compile::targetPortOn(port, instance))
                backends.emplace_back(m_plan.placement.instances.at(instance.name).meshAddress, target);
        }
        return backends;
    }

    void placeServices(const model::Mesh &mesh, const MeshAddresses &addresses)
    {
        Slots slots(runningServices(mesh.name, addresses));
        std::vector<const model::Service *> order;
        for (const model::Service &service : mesh.services)
            order.push_back(&service);
        std::stable_sort(order.begin(), order.end(),
                         [](const auto *a, const auto *b) { return a->order < b->order; });
        MeshNames &names = m_plan.meshes[mesh.name];
        names.domain = "cluster.local";
        for (const model::Service *service : order) {
            const std::string hostname = compile::serviceHostname(*service);
            if (!service->externalName.empty())
                continue;
            if (service->clusterIp == "None") {
                std::vector<std::string> &pods = names.hosts[hostname];
                for (const compile::Instance &instance : compile::instancesOf(mesh)) {
                    if (instance.nameSpace == service->metadata.resourceNamespace &&
                        model::selects(service->selector, instance.labels))
                        pods.push_back(m_plan.placement.instances.at(instance.name).meshAddress);
                }
                continue;
            }
            auto [inMesh, here] = addresses.service(slots.of(hostname));
            if (model::isIpAddress(service->clusterIp))
                inMesh = service->clusterIp;
            map(inMesh, here);
            m_plan.placement.serviceAddresses.emplace(mesh.name + '/' + hostname, inMesh);
            names.hosts[hostname] = {inMesh};
            std::vector<std::string> outer = service->loadBalancerIps;
            outer.insert(outer.end(), service->externalIps.begin(), service->externalIps.end());
            connect(mesh, *service, inMesh, here, outer);
        }
    }

    void connect(const model::Mesh &mesh, const model::Service &service, const std::string &inMesh,
                 const std::string &here, const std::vector<std::string> &outer)
    {
        std::string onlyPod;
        bool samePorts = true;
        bool severalPods = false;
        for (const model::Service::Port &port : service.ports) {
            const auto backends = backendsOf(mesh, service, port);
            if (backends.empty())
                continue;
            severalPods = severalPods || backends.size() > 1;
            samePorts = samePorts && backends.front().second == port.port;
            onlyPod = backends.front().first;
            m_plan.placement.backends.emplace(std::pair(inMesh, port.port), backends);
            for (const std::string &address : outer)
                m_plan.placement.backends.emplace(std::pair(address, port.port), backends);
            Route route;
            route.seen = {here, m_plan.overlay.labPort(static_cast<int>(port.port))};
            for (const auto &[pod, target] : backends)
                route.actual.push_back(
                    {m_plan.overlay.toLab.at(pod), m_plan.overlay.labPort(static_cast<int>(target))});
            m_plan.routes.push_back(std::move(route));
        }
        const auto pod = m_plan.overlay.toLab.find(onlyPod);
        if (pod != m_plan.overlay.toLab.end())
            m_plan.names.emplace(here, m_plan.names.at(pod->second));
        else
            m_plan.names.emplace(here, mesh.name + ':' + service.metadata.resourceNamespace + '/' +
                                           service.metadata.name);
        // A load balancer before one pod with the same ports is that pod; else it is the Service.
        const bool direct = pod != m_plan.overlay.toLab.end() && samePorts && !severalPods;
        for (const std::string &address : outer)
            m_plan.overlay.toLab.emplace(address, direct ? pod->second : here);
    }

    void placeEntries(const model::Mesh &mesh, const MeshAddresses &addresses)
    {
        int next = 0;
        const auto place = [&](const std::string &address) {
            if (model::isIpAddress(address) && m_plan.overlay.toLab.count(address) == 0)
                map(address, addresses.outside(next++));
        };
        for (const model::ServiceEntry &entry : mesh.serviceEntries) {
            for (const std::string &address : entry.addresses)
                place(address.substr(0, address.find("/32")));
            for (const model::WorkloadEntrySpec &endpoint : entry.endpoints)
                place(endpoint.address);
        }
        for (const model::WorkloadEntry &entry : mesh.workloadEntries)
            place(entry.spec.address);
        for (const auto &[name, list] : m_project.hosts) {
            for (const std::string &address : list)
                place(address);
        }
    }

    const model::Project &m_project;
    AddressBlock m_block;
    bool m_taps;
    const LabPlan *m_running;
    AddressPlan m_plan;
    std::vector<MeshAddresses> m_addresses;
};

} // namespace

std::vector<AddressBlock> candidateBlocks(const std::string &projectPath, std::size_t meshes)
{
    std::vector<AddressBlock> all;
    const int width = std::max(1, static_cast<int>(meshes));
    for (int a = 1; a <= 9; ++a) {
        for (int b = 0; b + width <= 10; b += width)
            all.push_back({a, b});
    }
    // FNV-1a: the same project asks for the same addresses on every run.
    std::uint32_t hash = 2166136261U;
    for (const char c : projectPath)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    if (!all.empty())
        std::rotate(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(hash % all.size()), all.end());
    return all;
}

std::vector<SocketAddress> reservations(const AddressBlock &block, std::size_t meshes)
{
    std::vector<SocketAddress> addresses;
    for (std::size_t index = 0; index < meshes; ++index)
        addresses.push_back({dotted(127, block.a, block.b + static_cast<int>(index), 1), 15099});
    return addresses;
}

std::vector<const model::Mesh *> orderedMeshes(const model::Project &project)
{
    std::vector<const model::Mesh *> meshes;
    for (const model::Mesh &mesh : project.meshes)
        meshes.push_back(&mesh);
    std::stable_sort(meshes.begin(), meshes.end(), [](const model::Mesh *a, const model::Mesh *b) {
        return std::pair(a->name != "primary", a->name) < std::pair(b->name != "primary", b->name);
    });
    return meshes;
}

AddressPlan planAddresses(const model::Project &project, const AddressBlock &block, int lowPortShift,
                          bool taps, const LabPlan *running)
{
    return AddressPlanner(project, block, lowPortShift, taps, running).plan();
}

} // namespace sallyport::lab
