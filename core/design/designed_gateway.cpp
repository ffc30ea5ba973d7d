// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/designer.h"
#include "core/model/host_name.h"

#include <algorithm>

/// The egress gateway's door, the way to it, and who may go through.
namespace sallyport::design {

Result<void> Designer::openGateway()
{
    const compile::Instance &pod = *gatewayPod();
    const std::string why =
        "The egress gateway takes mesh mTLS on port " + std::to_string(m_design.gatewayPort) + '.';
    const auto server = serverOnPort(mesh(), pod, m_design.gatewayPort, m_design.nameSpace, m_design.host);
    if (!server) {
        std::string name = m_design.gateway.name;
        if (name.starts_with("istio-"))
            name.erase(0, std::string("istio-").size());
        const ManifestHead at = head("networking.istio.io", m_design.nameSpace, name, "Gateway");
        m_gatewayName = at.nameSpace + '/' + at.name;
        addForGateway(
            "Gateway", at,
            gatewayManifest(at, gatewaySelector(mesh(), pod), m_design.gatewayPort, m_design.gateway.name),
            why);
        return {};
    }
    const model::Gateway &gateway = *server->gateway;
    m_gatewayName = gateway.metadata.resourceNamespace + '/' + gateway.metadata.name;
    if (!server->anySni)
        m_subset = nameFromHost(m_design.host);
    if (server->accepts) {
        note(Change::Kept, gateway, why);
        return {};
    }
    const std::string host =
        server->anySni ? m_design.nameSpace + "/*" : m_design.nameSpace + '/' + m_design.host;
    note(Change::Changed, gateway, "The egress gateway accepts " + host + " as well.");
    return m_edit.appendItem(model::ResourceAddress::of(gateway),
                             "spec.servers[" + std::to_string(server->index) + "].hosts", scalar(host));
}

Result<void> Designer::encryptToGateway()
{
    const compile::Instance *from = client();
    const std::string host = gatewayHost();
    const std::string &gatewayNamespace = m_design.gateway.nameSpace;
    const compile::MergedRule *rule =
        m_context->destinationRules.find(host, gatewayNamespace, from ? from->nameSpace : m_design.nameSpace,
                                         from ? from->labels : model::Labels{});
    const std::string why = "Sidecars speak mesh mTLS to the egress gateway.";

    if (rule && !m_subset.empty()) {
        // A subset that shows this name already, under whatever name.
        for (const model::DestinationRule::Subset &subset : rule->rule.subsets) {
            const auto policy = compile::effectivePolicy(rule, m_design.gatewayPort, subset.name).policy;
            if (subset.labels.empty() && policy.tls &&
                policy.tls->mode == model::ClientTls::Mode::IstioMutual && policy.tls->sni == m_design.host) {
                m_subset = subset.name;
                note(Change::Kept, *rule->from.front(), why);
                return {};
            }
        }
    }
    if (rule && m_subset.empty()) {
        const auto policy = compile::effectivePolicy(rule, m_design.gatewayPort, {}).policy;
        if (policy.tls && policy.tls->mode == model::ClientTls::Mode::IstioMutual) {
            note(Change::Kept, *rule->from.front(), why);
            return {};
        }
    }
    if (!rule || rule->rule.host != host) {
        // A wider rule of the client's own namespace comes before the gateway's: the new one stands beside
        // it.
        const bool besideOther = rule && from && rule->rule.metadata.resourceNamespace == from->nameSpace &&
                                 from->nameSpace != mesh().config.rootNamespace;
        const std::string nameSpace = besideOther ? from->nameSpace : gatewayNamespace;
        std::string name = m_design.gateway.name;
        if (name.starts_with("istio-"))
            name.erase(0, std::string("istio-").size());
        const ManifestHead at =
            head("networking.istio.io", nameSpace, name + "-mesh-mtls", "DestinationRule");
        addForGateway("DestinationRule", at,
                      meshMtlsManifest(at, host, m_subset, m_design.gatewayPort, m_design.host), why);
        return {};
    }
    const model::DestinationRule &deciding = *rule->from.front();
    const model::ResourceAddress address = model::ResourceAddress::of(deciding);
    note(Change::Changed, deciding, why);
    if (!m_subset.empty())
        return m_edit.appendItem(address, "spec.subsets",
                                 sniSubsetBlock(m_subset, m_design.gatewayPort, m_design.host));
    std::string path = "spec.trafficPolicy.tls";
    if (deciding.trafficPolicy) {
        const std::vector<model::PortPolicy> &ports = deciding.trafficPolicy->portLevel;
        for (std::size_t index = 0; index < ports.size(); ++index) {
            if (ports[index].port == m_design.gatewayPort)
                path = "spec.trafficPolicy.portLevelSettings[" + std::to_string(index) + "].tls";
        }
    }
    return m_edit.setBlock(address, path, "mode: ISTIO_MUTUAL\n");
}

Result<void> Designer::restrictAccess()
{
    using Policy = model::AuthorizationPolicy;
    const compile::Instance &pod = *gatewayPod();
    const std::string &host = m_design.host;
    const auto namesHost = [&host](const Policy::Rule &rule) {
        return std::any_of(rule.to.begin(), rule.to.end(), [&host](const Policy::Operation &operation) {
            const auto &hosts = operation.hosts.values;
            return std::find(hosts.begin(), hosts.end(), host) != hosts.end();
        });
    };
    const std::string name = m_design.gateway.name.starts_with("istio-")
                                 ? m_design.gateway.name.substr(std::string("istio-").size())
                                 : m_design.gateway.name;
    const model::Labels selector = gatewaySelector(mesh(), pod);

    // Where ALLOW policies stand, what none of them names is refused.
    const std::vector<const Policy *> allowing = policiesAt(mesh(), pod, Policy::Action::Allow);
    const bool allowed = std::any_of(allowing.begin(), allowing.end(), [&](const Policy *policy) {
        return policy->rules &&
               std::any_of(policy->rules->begin(), policy->rules->end(), [&](const Policy::Rule &rule) {
                   return namesHost(rule) || (rule.from.empty() && rule.to.empty() && rule.when.empty());
               });
    });
    if (!allowing.empty() && !allowed) {
        const ManifestHead at = head("security.istio.io", pod.nameSpace,
                                     name + "-allow-" + nameFromHost(host), "AuthorizationPolicy");
        addForRoute("AuthorizationPolicy", at, allowManifest(at, selector, m_design),
                    "The gateway has ALLOW policies: without a rule of its own " + host +
                        " would be refused.");
    }
    if (m_design.allowed.empty())
        return {};

    const std::string why = "Everybody else gets 403 for " + host + " at the egress gateway.";
    for (const Policy *policy : policiesAt(mesh(), pod, Policy::Action::Deny)) {
        for (std::size_t index = 0; policy->rules && index < policy->rules->size(); ++index) {
            const Policy::Rule &rule = (*policy->rules)[index];
            const bool wholeHost = rule.to.size() == 1 && rule.to.front().paths.isEmpty() &&
                                   rule.to.front().methods.isEmpty() && rule.when.empty();
            if (!namesHost(rule) || !wholeHost || rule.from.size() != 1 ||
                rule.from.front().principals.notValues.empty())
                continue;
            if (rule.from.front().principals.notValues == m_design.allowed) {
                note(Change::Kept, *policy, why);
                return {};
            }
            note(Change::Changed, *policy, why);
            return m_edit.setBlock(model::ResourceAddress::of(*policy),
                                   "spec.rules[" + std::to_string(index) + "].from[0].source.notPrincipals",
                                   listOf(m_design.allowed));
        }
    }
    const ManifestHead at =
        head("security.istio.io", pod.nameSpace, name + "-only-" + nameFromHost(host), "AuthorizationPolicy");
    addForRoute("AuthorizationPolicy", at, denyOthersManifest(at, selector, m_design), why);
    return {};
}

} // namespace sallyport::design
