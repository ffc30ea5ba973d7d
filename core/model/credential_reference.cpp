// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/credential_reference.h"

namespace sallyport::model {

namespace {

class Collector
{
public:
    void add(const Resource &resource, const std::string &credential, std::string path, bool server)
    {
        if (!credential.empty())
            m_found.push_back({credential, &resource, std::move(path), server});
    }

    void addPolicy(const Resource &resource, const std::optional<TrafficPolicy> &policy,
                   const std::string &path)
    {
        if (!policy)
            return;
        if (policy->tls)
            add(resource, policy->tls->credentialName, path + ".tls.credentialName", false);
        for (std::size_t i = 0; i < policy->portLevel.size(); ++i) {
            if (const auto &tls = policy->portLevel[i].policy.tls)
                add(resource, tls->credentialName,
                    path + ".portLevelSettings[" + std::to_string(i) + "].tls.credentialName", false);
        }
    }

    void addServer(const Gateway &gateway, std::size_t index)
    {
        const auto &tls = gateway.servers[index].tls;
        if (!tls)
            return;
        const std::string path = "spec.servers[" + std::to_string(index) + "].tls.";
        add(gateway, tls->credentialName, path + "credentialName", true);
        for (std::size_t i = 0; i < tls->credentialNames.size(); ++i)
            add(gateway, tls->credentialNames[i], path + "credentialNames[" + std::to_string(i) + ']', true);
        add(gateway, tls->caCertCredentialName, path + "caCertCredentialName", true);
    }

    std::vector<CredentialReference> take() { return std::move(m_found); }

private:
    std::vector<CredentialReference> m_found;
};

} // namespace

std::vector<CredentialReference> credentialReferences(const Mesh &mesh)
{
    Collector collector;
    for (const DestinationRule &rule : mesh.destinationRules) {
        collector.addPolicy(rule, rule.trafficPolicy, "spec.trafficPolicy");
        for (std::size_t i = 0; i < rule.subsets.size(); ++i)
            collector.addPolicy(rule, rule.subsets[i].trafficPolicy,
                                "spec.subsets[" + std::to_string(i) + "].trafficPolicy");
    }
    for (const Gateway &gateway : mesh.gateways) {
        for (std::size_t i = 0; i < gateway.servers.size(); ++i)
            collector.addServer(gateway, i);
    }
    return collector.take();
}

} // namespace sallyport::model
