// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/chain_nodes.h"

#include "core/compile/config_path.h"
#include "core/compile/service.h"
#include "core/pki/pem.h"

#include <algorithm>
#include <set>

namespace sallyport::topology {

namespace {

constexpr const char *credentialScheme = "kubernetes://";

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

/// `ns[istio-system]-policy[test]-rule[0]` → namespace and name.
std::optional<std::pair<std::string, std::string>> policyOf(const std::string &rule)
{
    const auto part = [&rule](const std::string &key) {
        const std::size_t begin = rule.find(key + '[');
        const std::size_t end = rule.find(']', begin);
        return begin == std::string::npos || end == std::string::npos
                   ? std::string()
                   : rule.substr(begin + key.size() + 1, end - begin - key.size() - 1);
    };
    const std::string name = part("policy");
    if (name.empty())
        return std::nullopt;
    return std::pair(part("ns"), name);
}

/// Every filter chain of a proxy.
template<typename Visit>
void forEachChain(const dataplane::Bootstrap &bootstrap, const Visit &visit)
{
    for (const dataplane::Listener &listener : bootstrap.listeners) {
        for (const dataplane::FilterChain &chain : listener.filterChains)
            visit(listener, chain);
        if (listener.defaultFilterChain)
            visit(listener, *listener.defaultFilterChain);
    }
}

void collectPolicies(const dataplane::Rbac &rbac, std::set<std::pair<std::string, std::string>> &names)
{
    for (const std::optional<dataplane::RbacRules> *rules : {&rbac.rules, &rbac.shadowRules}) {
        if (!*rules)
            continue;
        for (const auto &policy : (*rules)->policies) {
            if (const auto name = policyOf(policy.first))
                names.insert(*name);
        }
    }
}

QString actionName(model::AuthorizationPolicy::Action action)
{
    switch (action) {
    case model::AuthorizationPolicy::Action::Allow:
        return QStringLiteral("ALLOW");
    case model::AuthorizationPolicy::Action::Deny:
        return QStringLiteral("DENY");
    case model::AuthorizationPolicy::Action::Audit:
        return QStringLiteral("AUDIT");
    case model::AuthorizationPolicy::Action::Custom:
        return QStringLiteral("CUSTOM");
    }
    return {};
}

std::string pemOf(const dataplane::DataSource &source)
{
    return source.inlineString ? *source.inlineString : source.inlineBytes.value_or(std::string());
}

} // namespace

std::optional<GivenCertificate> givenCertificate(const compile::CompiledProxy &proxy,
                                                 const std::string &secretName)
{
    const auto found =
        std::find_if(proxy.secrets.begin(), proxy.secrets.end(), [&](const compile::SecretFile &file) {
            return file.name == secretName && file.kind == compile::SecretFile::Kind::Given;
        });
    if (found == proxy.secrets.end())
        return std::nullopt;
    GivenCertificate certificate;
    certificate.credential = text(secretName);
    if (certificate.credential.startsWith(QLatin1String(credentialScheme)))
        certificate.credential.remove(0, static_cast<int>(std::char_traits<char>::length(credentialScheme)));
    if (!found->secret || !found->secret->certificate)
        return certificate;
    const auto material =
        pki::decodeKeyMaterial(pemOf(found->secret->certificate->certificateChain), secretName);
    if (material && !material->certificates.empty()) {
        const pki::Certificate &leaf = material->certificates.front();
        certificate.subject = text(leaf.subject());
        certificate.notAfter =
            QDateTime::fromSecsSinceEpoch(std::chrono::system_clock::to_time_t(leaf.notAfter()), Qt::UTC);
    }
    return certificate;
}

ChainNodes::ChainNodes(const model::Project &project, const compile::CompiledProject &compiled,
                       const lab::AddressPlan &addresses)
    : m_addresses(addresses)
{
    for (const model::Mesh &mesh : project.meshes) {
        for (const model::Resource *resource : mesh.allResources())
            m_byReference[&mesh][compile::configPath(*resource)] = resource;
        for (compile::Instance &instance : compile::instancesOf(mesh)) {
            const auto place = addresses.placement.instances.find(instance.name);
            if (place == addresses.placement.instances.end())
                continue;
            Pod pod;
            pod.mesh = &mesh;
            pod.address = place->second.address;
            pod.meshAddress = place->second.meshAddress;
            pod.workload = workloadOf(text(instance.name));
            const auto proxy = std::find_if(compiled.proxies.begin(), compiled.proxies.end(),
                                            [&instance](const compile::CompiledProxy &candidate) {
                                                return candidate.name == instance.name;
                                            });
            pod.proxy = proxy == compiled.proxies.end() ? nullptr : &*proxy;
            pod.instance = std::move(instance);
            m_byAddress[pod.address] = m_pods.size();
            m_pods.push_back(std::move(pod));
        }
    }
    for (const Pod &pod : m_pods) {
        if (ChainNode *known = find(pod.workload))
            ++known->replicas;
        else
            m_nodes.push_back(makeNode(pod));
    }
    const bool anyClient =
        std::any_of(m_nodes.begin(), m_nodes.end(), [](const ChainNode &node) { return node.client; });
    for (ChainNode &node : m_nodes) {
        if (!anyClient && node.role != NodeRole::Gateway)
            node.client = true;
    }
}

ChainNode ChainNodes::makeNode(const Pod &pod) const
{
    using Proxy = compile::Instance::Proxy;
    const compile::Instance &instance = pod.instance;
    ChainNode node;
    node.name = pod.workload;
    node.title = text(instance.workload);
    node.mesh = text(instance.mesh);
    node.nameSpace = text(instance.nameSpace);
    node.role = instance.proxy == Proxy::Gateway   ? NodeRole::Gateway
                : instance.proxy == Proxy::Sidecar ? NodeRole::Sidecar
                                                   : NodeRole::Application;
    if (instance.proxy != Proxy::None) {
        node.identity = text(instance.spiffeId);
        node.identity.remove(QStringLiteral("spiffe://"));
    }
    node.server = instance.httpbin && instance.proxy != Proxy::Gateway;
    node.client = instance.proxy != Proxy::Gateway && !instance.httpbin;
    for (const model::Service &service : pod.mesh->services) {
        if (service.metadata.resourceNamespace != instance.nameSpace || service.selector.empty() ||
            !model::selects(service.selector, instance.labels))
            continue;
        for (const auto *list : {&service.loadBalancerIps, &service.externalIps}) {
            for (const std::string &address : *list)
                node.places.append(text(address));
        }
    }
    for (const model::Workload &workload : pod.mesh->workloads) {
        if (workload.metadata.name == instance.workload &&
            workload.metadata.resourceNamespace == instance.nameSpace)
            node.resource = linkTo(workload);
    }
    if (pod.proxy) {
        addPolicies(pod, node);
        addCertificates(pod, node);
    }
    return node;
}

void ChainNodes::addPolicies(const Pod &pod, ChainNode &node) const
{
    std::set<std::pair<std::string, std::string>> names;
    forEachChain(pod.proxy->bootstrap,
                 [&names](const dataplane::Listener &, const dataplane::FilterChain &chain) {
                     for (const dataplane::NetworkFilter &filter : chain.filters) {
                         if (const auto *rbac = std::get_if<dataplane::Rbac>(&filter.config))
                             collectPolicies(*rbac, names);
                         const auto *manager = std::get_if<dataplane::HttpConnectionManager>(&filter.config);
                         if (!manager)
                             continue;
                         for (const dataplane::HttpFilter &http : manager->filters) {
                             if (const auto *rbac = std::get_if<dataplane::Rbac>(&http.config))
                                 collectPolicies(*rbac, names);
                         }
                     }
                 });
    for (const model::AuthorizationPolicy &policy : pod.mesh->authorizationPolicies) {
        if (names.count({policy.metadata.resourceNamespace, policy.metadata.name}) == 0)
            continue;
        node.policies.push_back({actionName(policy.action),
                                 text(policy.metadata.resourceNamespace + '/' + policy.metadata.name),
                                 policy.isDryRun(), linkTo(policy)});
    }
}

void ChainNodes::addCertificates(const Pod &pod, ChainNode &node) const
{
    std::set<std::string> shown;
    forEachChain(pod.proxy->bootstrap, [&](const dataplane::Listener &, const dataplane::FilterChain &chain) {
        if (!chain.tls)
            return;
        for (const dataplane::SdsSecretConfig &secret : chain.tls->common.certificateSecrets) {
            if (!shown.insert(secret.name).second)
                continue;
            if (const auto certificate = givenCertificate(*pod.proxy, secret.name))
                node.certificates.push_back(*certificate);
        }
    });
}

std::vector<const Pod *> ChainNodes::podsAt(const std::string &address, int port) const
{
    if (const auto own = m_byAddress.find(address); own != m_byAddress.end())
        return {&m_pods[own->second]};
    std::vector<const Pod *> pods;
    for (const lab::Route &route : m_addresses.routes) {
        if (route.seen.address != address || route.seen.port != port)
            continue;
        for (const lab::SocketAddress &actual : route.actual) {
            if (const auto pod = m_byAddress.find(actual.address); pod != m_byAddress.end())
                pods.push_back(&m_pods[pod->second]);
        }
    }
    return pods;
}

ChainNode *ChainNodes::find(const QString &name)
{
    const auto found = std::find_if(m_nodes.begin(), m_nodes.end(),
                                    [&name](const ChainNode &node) { return node.name == name; });
    return found == m_nodes.end() ? nullptr : &*found;
}

ChainNode &ChainNodes::external(const QString &host)
{
    if (ChainNode *known = find(host))
        return *known;
    ChainNode node;
    node.name = node.title = host;
    node.role = NodeRole::External;
    return m_nodes.emplace_back(std::move(node));
}

const model::Resource *ChainNodes::resourceOf(const model::Mesh &mesh,
                                              const dataplane::Metadata &metadata) const
{
    const QString reference =
        metadata.filters[QLatin1String("istio")].toObject()[QLatin1String("config")].toString();
    const auto byReference = m_byReference.find(&mesh);
    if (reference.isEmpty() || byReference == m_byReference.end())
        return nullptr;
    const auto found = byReference->second.find(reference);
    return found == byReference->second.end() ? nullptr : found->second;
}

} // namespace sallyport::topology
