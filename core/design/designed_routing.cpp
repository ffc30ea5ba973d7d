// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/designer.h"
#include "core/model/host_name.h"

#include <algorithm>

/// Where requests go in the sidecars and in the gateway, and how they leave it.
namespace sallyport::design {

namespace {

/// A match that asks for nothing but its gateways and port.
bool isPlain(model::HttpMatch match)
{
    match.gateways.clear();
    match.port = 0;
    match.name.clear();
    match.statPrefix.clear();
    return match == model::HttpMatch();
}

bool appliesTo(const model::HttpMatch &match, const std::string &nameSpace, const std::string &gateway,
               std::uint32_t port)
{
    const bool entersHere =
        match.gateways.empty() ||
        std::any_of(match.gateways.begin(), match.gateways.end(), [&](const std::string &name) {
            return compile::resolveGatewayName(name, nameSpace) == gateway;
        });
    return entersHere && (match.port == 0 || match.port == port);
}

/// What a rule of a VirtualService is to requests by one gateway and port.
struct RuleUse
{
    bool applies = false;
    bool conditional = false; ///< only to some of them
    bool dedicated = false;   ///< to nobody else
    std::optional<RouteTarget> target;
};

RuleUse useOf(const model::HttpRoute &rule, const std::string &nameSpace, const std::string &gateway,
              std::uint32_t port)
{
    RuleUse use;
    use.applies = rule.match.empty();
    use.conditional = !rule.match.empty();
    use.dedicated = !rule.match.empty();
    for (const model::HttpMatch &match : rule.match) {
        const bool applies = appliesTo(match, nameSpace, gateway, port);
        use.applies = use.applies || applies;
        if (applies && isPlain(match))
            use.conditional = false;
        use.dedicated = use.dedicated && applies && match.gateways.size() == 1 && match.port == port;
    }
    if (rule.route.size() == 1 && !rule.redirect && !rule.directResponse && !rule.delegate) {
        const model::Destination &to = rule.route.front().destination;
        use.target = {model::resolveShortName(to.host, nameSpace), to.subset, to.port};
    }
    return use;
}

} // namespace

const model::VirtualService *Designer::virtualServiceFor(const std::string &gateway) const
{
    const model::VirtualService *found = nullptr;
    for (const model::VirtualService &service : mesh().virtualServices) {
        const std::string &nameSpace = service.metadata.resourceNamespace;
        const bool forHost =
            std::find(service.hosts.begin(), service.hosts.end(), m_design.host) != service.hosts.end();
        const bool bound =
            service.gateways.empty()
                ? gateway == "mesh"
                : std::any_of(service.gateways.begin(), service.gateways.end(), [&](const auto &name) {
                      return compile::resolveGatewayName(name, nameSpace) == gateway;
                  });
        if (forHost && bound && (!found || compile::olderThan(service, *found)))
            found = &service;
    }
    return found;
}

Result<bool> Designer::ensureGatewayNamed(const model::VirtualService &service, const std::string &gateway,
                                          const std::string &gatewayAsWritten)
{
    const auto same = [&](const std::string &name) {
        return compile::resolveGatewayName(name, service.metadata.resourceNamespace) == gateway;
    };
    const bool named = std::any_of(service.gateways.begin(), service.gateways.end(), same);
    if (named || (service.gateways.empty() && gateway == "mesh"))
        return false;
    const model::ResourceAddress address = model::ResourceAddress::of(service);
    // Without a list it is bound to the sidecars: that must be said now.
    const Result<void> added =
        service.gateways.empty()
            ? m_edit.setBlock(address, "spec.gateways", listOf({gatewayAsWritten, "mesh"}))
            : m_edit.appendItem(address, "spec.gateways", scalar(gatewayAsWritten));
    if (!added)
        return fail(added.error());
    return true;
}

Result<bool> Designer::ensureRule(const model::VirtualService &service, const std::string &gateway,
                                  const std::string &gatewayAsWritten, std::uint32_t port,
                                  const RouteTarget &target)
{
    const model::ResourceAddress address = model::ResourceAddress::of(service);
    const std::string &nameSpace = service.metadata.resourceNamespace;
    const std::string block = routeRuleBlock(gatewayAsWritten, port, target);
    const auto done = [](const Result<void> &edit) -> Result<bool> {
        if (!edit)
            return fail(edit.error());
        return true;
    };
    for (std::size_t index = 0; index < service.http.size(); ++index) {
        const RuleUse use = useOf(service.http[index], nameSpace, gateway, port);
        if (!use.applies)
            continue;
        if (use.target == target) {
            if (use.conditional)
                continue; // some requests go there already; the others need a rule as well
            return false;
        }
        if (use.conditional || !use.dedicated || !use.target)
            return done(m_edit.insertItem(address, "spec.http", index, block));
        const std::string path = "spec.http[" + std::to_string(index) + "].route[0].destination";
        if (use.target->host != target.host) {
            if (Result<void> set = m_edit.setScalar(address, path + ".host", target.host); !set)
                return fail(set.error());
        }
        if (use.target->subset != target.subset) {
            const Result<void> set = target.subset.empty()
                                         ? m_edit.remove(address, path + ".subset")
                                         : m_edit.setScalar(address, path + ".subset", target.subset);
            if (!set)
                return fail(set.error());
        }
        if (use.target->port != target.port)
            return done(m_edit.setScalar(address, path + ".port.number", std::to_string(target.port),
                                         yaml::ScalarType::Number));
        return true;
    }
    return done(m_edit.appendItem(address, "spec.http", block));
}

Result<void> Designer::routeRequests()
{
    const RouteTarget toGateway{gatewayHost(), m_subset, m_design.gatewayPort};
    const RouteTarget outside{m_design.host, {}, m_design.externalPort};
    const std::string &host = m_design.host;
    const std::string why = "Sidecars send " + host + " to the egress gateway, and that sends it to port " +
                            std::to_string(m_design.externalPort) + '.';
    const auto written = [this](const std::string &nameSpace) {
        // A Gateway of the same namespace is named without it, as people write it.
        return m_gatewayName.starts_with(nameSpace + '/') ? m_gatewayName.substr(nameSpace.size() + 1)
                                                          : m_gatewayName;
    };
    const model::VirtualService *inSidecars = virtualServiceFor("mesh");
    const model::VirtualService *inGateway = virtualServiceFor(m_gatewayName);
    if (!inSidecars && !inGateway) {
        const ManifestHead at = head("networking.istio.io", m_design.nameSpace,
                                     nameFromHost(host) + "-through-egress-gateway", "VirtualService");
        const std::string gateway = written(at.nameSpace);
        addForRoute("VirtualService", at,
                    virtualServiceManifest(at, host, gateway,
                                           routeRuleBlock("mesh", m_design.clientPort, toGateway),
                                           routeRuleBlock(gateway, m_design.gatewayPort, outside)),
                    why);
        return {};
    }
    struct Rule
    {
        std::string gateway;
        std::uint32_t port;
        RouteTarget target;
    };
    for (const Rule &rule :
         {Rule{"mesh", m_design.clientPort, toGateway}, Rule{m_gatewayName, m_design.gatewayPort, outside}}) {
        // The one that is there for this side, else the one of the other side.
        const model::VirtualService *own = virtualServiceFor(rule.gateway);
        const model::VirtualService *service =
            own ? own : virtualServiceFor(rule.gateway == "mesh" ? m_gatewayName : "mesh");
        const std::string gateway =
            rule.gateway == "mesh" ? rule.gateway : written(service->metadata.resourceNamespace);
        const Result<bool> ruled = ensureRule(*service, rule.gateway, gateway, rule.port, rule.target);
        if (!ruled)
            return fail(ruled.error());
        const Result<bool> named = ensureGatewayNamed(*service, rule.gateway, gateway);
        if (!named)
            return fail(named.error());
        note(*ruled || *named ? Change::Changed : Change::Kept, *service, why);
        refresh();
    }
    return {};
}

Result<void> Designer::originateTls()
{
    const compile::Instance &pod = *gatewayPod();
    const model::ServiceEntry *entry = entryOf(mesh(), m_design.host, pod.nameSpace);
    const std::string owner = entry ? entry->metadata.resourceNamespace : m_design.nameSpace;
    const compile::MergedRule *rule =
        m_context->destinationRules.find(m_design.host, owner, pod.nameSpace, pod.labels);
    const bool plain = m_design.encryption == Encryption::None;
    const compile::EffectivePolicy effective = compile::effectivePolicy(rule, m_design.externalPort, {});
    const bool encrypted =
        effective.policy.tls && effective.policy.tls->mode != model::ClientTls::Mode::Disable;
    if (plain && !encrypted)
        return {};
    const std::string why =
        plain ? "The gateway sends " + m_design.host + " in the clear."
              : "The gateway makes " +
                    std::string(m_design.encryption == Encryption::MutualTls ? "mutual " : "") + "TLS to " +
                    m_design.host + '.';
    if (!rule || rule->rule.host != m_design.host) {
        const bool besideOther = rule && rule->rule.metadata.resourceNamespace == pod.nameSpace &&
                                 pod.nameSpace != mesh().config.rootNamespace;
        const std::string prefix =
            m_design.encryption == Encryption::MutualTls ? "originate-mtls-for-" : "originate-tls-for-";
        const ManifestHead at = head("networking.istio.io", besideOther ? pod.nameSpace : owner,
                                     prefix + nameFromHost(m_design.host), "DestinationRule");
        addForRoute("DestinationRule", at, originationManifest(at, m_design), why);
        return {};
    }
    model::ClientTls wanted;
    wanted.mode = plain                                          ? model::ClientTls::Mode::Disable
                  : m_design.encryption == Encryption::MutualTls ? model::ClientTls::Mode::Mutual
                                                                 : model::ClientTls::Mode::Simple;
    if (!plain) {
        wanted.credentialName = m_design.credentialName;
        wanted.sni = m_design.sni;
        wanted.subjectAltNames = m_design.subjectAltNames;
    }
    const model::DestinationRule &deciding = *rule->from.front();
    const model::ResourceAddress address = model::ResourceAddress::of(deciding);
    if (effective.policy.tls == wanted) {
        note(Change::Kept, deciding, why);
        return {};
    }
    note(Change::Changed, deciding, why);
    const std::vector<model::PortPolicy> ports =
        deciding.trafficPolicy ? deciding.trafficPolicy->portLevel : std::vector<model::PortPolicy>();
    const auto port = std::find_if(ports.begin(), ports.end(),
                                   [&](const auto &each) { return each.port == m_design.externalPort; });
    const std::string list = "spec.trafficPolicy.portLevelSettings";
    if (port == ports.end()) {
        std::string block = "port:\n  number: " + std::to_string(m_design.externalPort) + "\ntls:\n";
        const std::string tls = tlsBlock(m_design);
        for (std::size_t at = 0; at < tls.size();) {
            const std::size_t end = tls.find('\n', at) + 1;
            block += "  " + tls.substr(at, end - at);
            at = end;
        }
        return m_edit.appendItem(address, list, block);
    }
    const std::string path = list + '[' + std::to_string(port - ports.begin()) + "].tls";
    if (!port->policy.tls || plain)
        return m_edit.setBlock(address, path, tlsBlock(m_design));
    // Field by field: comments and what a design does not know stay.
    const model::ClientTls &before = *port->policy.tls;
    const auto set = [&](const std::string &field, const std::string &old,
                         const std::string &value) -> Result<void> {
        if (old == value)
            return {};
        if (value.empty())
            return m_edit.remove(address, path + '.' + field);
        return m_edit.setScalar(address, path + '.' + field, value, yaml::ScalarType::String);
    };
    const char *const modes[] = {"DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"};
    if (Result<void> made =
            set("mode", modes[static_cast<int>(before.mode)], modes[static_cast<int>(wanted.mode)]);
        !made)
        return made;
    if (Result<void> made = set("credentialName", before.credentialName, wanted.credentialName); !made)
        return made;
    if (Result<void> made = set("sni", before.sni, wanted.sni); !made)
        return made;
    if (before.subjectAltNames == wanted.subjectAltNames)
        return {};
    return wanted.subjectAltNames.empty()
               ? m_edit.remove(address, path + ".subjectAltNames")
               : m_edit.setBlock(address, path + ".subjectAltNames", listOf(wanted.subjectAltNames));
}

} // namespace sallyport::design
