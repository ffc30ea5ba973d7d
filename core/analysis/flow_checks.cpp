// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/check.h"

#include <algorithm>

namespace sallyport::analysis {

namespace {

using explain::Hop;
using explain::Mark;
using explain::Step;
using model::Severity;

/// A refusal on a flow's way, and the hop before it.
struct Refusal
{
    const Flow *flow = nullptr;
    const Hop *hop = nullptr;
    const Hop *sender = nullptr; ///< whose request or connection it was
    const Step *step = nullptr;
};

bool isOf(const MeshFacts &facts, const std::string &workload)
{
    return workload.compare(0, facts.mesh.name.size() + 1, facts.mesh.name + ':') == 0;
}

std::vector<Refusal> refusals(const MeshFacts &facts, std::initializer_list<const char *> reasons)
{
    std::vector<Refusal> found;
    for (const Flow &flow : facts.flows) {
        for (const Hop &hop : flow.explained.hops) {
            for (const Step &step : hop.steps) {
                const bool wanted = std::any_of(reasons.begin(), reasons.end(), [&step](const char *reason) {
                    return step.mark == Mark::Refused && step.reason == reason;
                });
                if (!wanted)
                    continue;
                const Hop *sender = nullptr;
                for (const Hop &other : flow.explained.hops) {
                    if (&other != &hop && other.proxy == hop.from && other.kind != Hop::Kind::Client)
                        sender = &other;
                }
                found.push_back({&flow, &hop, sender, &step});
            }
        }
    }
    return found;
}

std::string requestOf(const Flow &flow)
{
    return "http://" + flow.host + (flow.port == 80 ? "" : ':' + std::to_string(flow.port));
}

/// The step at which the sender chose how to speak.
const Step *transportOf(const Hop *sender)
{
    if (sender == nullptr)
        return nullptr;
    const auto found = std::find_if(sender->steps.rbegin(), sender->steps.rend(),
                                    [](const Step &step) { return step.kind == "transport"; });
    return found == sender->steps.rend() ? nullptr : &*found;
}

/// The step that says where the sender sends to: its route, else its cluster.
const Step *destinationOf(const Hop *sender)
{
    for (const char *kind : {"route", "cluster"}) {
        if (sender == nullptr)
            break;
        const auto found = std::find_if(sender->steps.begin(), sender->steps.end(), [kind](const Step &step) {
            return step.kind == kind && !step.sources.empty();
        });
        if (found != sender->steps.end())
            return &*found;
    }
    return nullptr;
}

/// The place to put a finding about how a proxy speaks to its upstream: the rule that says so, else the
/// route.
std::optional<explain::Source> sourceOf(const Refusal &refusal)
{
    if (const Step *transport = transportOf(refusal.sender); transport && !transport->sources.empty())
        return transport->sources.front();
    if (const Step *route = destinationOf(refusal.sender))
        return route->sources.front();
    return std::nullopt;
}

/// The fix of a missing ISTIO_MUTUAL rule: a new one beside the gateway.
Fix meshTlsFix(const MeshFacts &facts, const std::string &host, const std::string &nameSpace)
{
    const std::string name = host.substr(0, host.find('.'));
    const std::string manifest =
        "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata:\n  name: " + name +
        "-mesh-mtls\n  namespace: " + nameSpace + "\nspec:\n  host: " + host +
        "\n  trafficPolicy:\n    tls:\n      mode: ISTIO_MUTUAL\n";
    const std::string folder = facts.mesh.name;
    return {"Add a DestinationRule with ISTIO_MUTUAL for " + host,
            [manifest, name, folder](model::ProjectEdit &edit) -> Result<void> {
                edit.addResource(edit.freeFileName(folder, name + "-mesh-mtls.yaml"), manifest);
                return {};
            }};
}

void hopOneDisagrees(const MeshFacts &facts, Report &report)
{
    for (const Refusal &refusal : refusals(facts, {"plaintext-to-tls", "tls-to-plaintext", "no-filter-chain",
                                                   "client-certificate-demanded"})) {
        if (refusal.hop->kind != Hop::Kind::Gateway || !isOf(facts, refusal.hop->proxy) ||
            !isOf(facts, refusal.hop->from) ||
            (refusal.step->reason == "no-filter-chain" && refusal.hop->tls))
            continue;
        const bool bare = refusal.step->reason == "client-certificate-demanded";
        const bool plain = refusal.step->reason != "tls-to-plaintext" && !bare;
        const std::string message = std::string("sidecars send ") +
                                    (plain  ? "plaintext"
                                     : bare ? "TLS without a certificate"
                                            : "mesh TLS") +
                                    " to " + refusal.hop->proxy + ", which expects " +
                                    (plain  ? "TLS"
                                     : bare ? "mesh TLS"
                                            : "plaintext") +
                                    ": " + requestOf(*refusal.flow) + " fails";
        const std::string hint =
            bare    ? "say ISTIO_MUTUAL in the DestinationRule"
            : plain ? "gateway pods are no target of automatic mTLS: say ISTIO_MUTUAL for the gateway's "
                      "Service in "
                      "a DestinationRule that the clients see"
                    : "say ISTIO_MUTUAL in the Gateway's server, or no TLS in the DestinationRule";
        // Plaintext: the gateway's server is what asks for something. TLS: the rule is.
        std::optional<explain::Source> source = sourceOf(refusal);
        if (plain && !refusal.step->sources.empty())
            source = refusal.step->sources.front();
        if (!source)
            continue;
        Finding &finding = report.add(*source, message, hint);
        const std::string cluster = refusal.sender == nullptr ? std::string() : refusal.sender->log.cluster;
        const auto services = facts.servicesNamed(parseCluster(cluster).host);
        // A rule that is there and says something else is a person's to change.
        if (plain && !services.empty() && services.front()->kubernetes &&
            facts.ruleFor(*refusal.flow->client, *services.front()) == nullptr)
            finding.fixes.push_back(
                meshTlsFix(facts, services.front()->hostname, services.front()->nameSpace));
    }
}

void serverNameFitsNoServer(const MeshFacts &facts, Report &report)
{
    for (const Refusal &refusal : refusals(facts, {"no-filter-chain"})) {
        const std::optional<explain::Source> source = sourceOf(refusal);
        if (refusal.hop->kind != Hop::Kind::Gateway || !refusal.hop->tls || !source)
            continue;
        const bool own = isOf(facts, refusal.hop->proxy);
        report.add(
            *source,
            "no server of " + refusal.hop->proxy + " accepts the SNI " +
                (refusal.hop->sni.empty() ? std::string("that is missing") : refusal.hop->sni) + ": " +
                requestOf(*refusal.flow) + " fails, 503 URX,UF",
            own ? "set `sni` to one of the server's hosts in the DestinationRule, or let the server accept "
                  "`*`"
                : "set `sni` to a name that the server has");
    }
}

void noRouteAtGateway(const MeshFacts &facts, Report &report)
{
    for (const Refusal &refusal : refusals(facts, {"no-virtual-host"})) {
        if (refusal.hop->kind != Hop::Kind::Gateway || !isOf(facts, refusal.hop->proxy))
            continue;
        const Step *sent = destinationOf(refusal.sender);
        const std::vector<explain::Source> &sources = !refusal.step->sources.empty() ? refusal.step->sources
                                                      : sent != nullptr              ? sent->sources
                                                                                     : refusal.step->sources;
        if (!sources.empty())
            report.add(sources.front(),
                       "at the gateway " + refusal.hop->proxy + " GET " + requestOf(*refusal.flow) +
                           "/ matches no rule: 404 NR",
                       "add a rule for the host that is bound to this Gateway");
    }
}

std::string whatItWants(const Refusal &refusal)
{
    if (refusal.step->reason == "plaintext-to-tls")
        return " speaks TLS, and " + refusal.hop->from + " sends plaintext";
    if (refusal.step->reason == "tls-to-plaintext")
        return " speaks plaintext, and " + refusal.hop->from + " sends TLS";
    return " asks for a client certificate, and " + refusal.hop->from + " sends none";
}

void clientCertificateMissing(const MeshFacts &facts, Report &report)
{
    for (const Refusal &refusal :
         refusals(facts, {"client-certificate-demanded", "plaintext-to-tls", "tls-to-plaintext"})) {
        const std::optional<explain::Source> source = sourceOf(refusal);
        if (!isOf(facts, refusal.hop->from) || isOf(facts, refusal.hop->proxy) || !source)
            continue;
        report.add(*source,
                   refusal.hop->proxy + whatItWants(refusal) + ": " + requestOf(*refusal.flow) + " fails",
                   refusal.step->reason == "tls-to-plaintext"
                       ? "send to a port that speaks TLS, or originate none for this one"
                       : "use `mode: MUTUAL` with a credential for this port");
    }
}

void serverNotAccepted(const MeshFacts &facts, Report &report, bool names)
{
    for (const Refusal &refusal : refusals(facts, {"server-certificate-refused"})) {
        const std::optional<explain::Source> source = sourceOf(refusal);
        if (!isOf(facts, refusal.hop->from) || !source)
            continue;
        const bool aboutNames =
            std::any_of(refusal.step->why.begin(), refusal.step->why.end(), [](const std::string &line) {
                return line.find(" SAN") != std::string::npos && line.find("refuses") != std::string::npos;
            });
        std::string shown;
        for (const std::string &line : refusal.step->why) {
            if (line.starts_with("the server shows "))
                shown = line.substr(std::string("the server shows ").size());
        }
        if (aboutNames != names)
            continue;
        report.add(*source,
                   refusal.hop->from + " does not accept the certificate of " + refusal.hop->proxy + " (" +
                       shown + ") " + (names ? "for its name: " : "with the CA that it trusts: ") +
                       requestOf(*refusal.flow) + " fails, 503 URX,UF",
                   names ? "set `sni` and `subjectAltNames` to a name of the certificate"
                         : "give the credential the CA that signed it");
    }
}

void serverNameNotCovered(const MeshFacts &facts, Report &report)
{
    serverNotAccepted(facts, report, true);
}

void serverNotSigned(const MeshFacts &facts, Report &report)
{
    serverNotAccepted(facts, report, false);
}

void clientNotAccepted(const MeshFacts &facts, Report &report)
{
    for (const Refusal &refusal : refusals(facts, {"client-certificate-refused"})) {
        const std::optional<explain::Source> source = sourceOf(refusal);
        const bool expired =
            std::any_of(refusal.step->why.begin(), refusal.step->why.end(),
                        [](const std::string &line) { return line.find("expired") != std::string::npos; });
        // EGR0510 says that of the credential.
        if (!source || expired || !isOf(facts, refusal.hop->from))
            continue;
        report.add(*source,
                   refusal.hop->proxy + " does not accept the client certificate of " + refusal.hop->from +
                       ": " + requestOf(*refusal.flow) + " fails, 503 UC",
                   "use a certificate that the server's CA signed, with every certificate between them");
    }
}

void hiddenBySidecar(const MeshFacts &facts, Report &report)
{
    for (const Flow &flow : facts.flows) {
        const compile::Scope &scope = flow.client->scope;
        const bool blocked = flow.explained.outcome.status == 502 &&
                             flow.explained.outcome.decidedBy == flow.client->instance->name &&
                             flow.explained.outcome.details == "direct_response";
        const auto services = facts.servicesNamed(flow.host);
        // What a namespace defines or routes itself it means to use; the rest a Sidecar may well leave out.
        const std::string &own = flow.client->instance->nameSpace;
        const bool meant = std::any_of(services.begin(), services.end(),
                                       [&own](const auto *service) { return service->nameSpace == own; }) ||
                           std::any_of(facts.mesh.virtualServices.begin(), facts.mesh.virtualServices.end(),
                                       [&](const auto &service) {
                                           return service.metadata.resourceNamespace == own &&
                                                  std::find(service.hosts.begin(), service.hosts.end(),
                                                            flow.host) != service.hosts.end();
                                       });
        if (!blocked || !meant || scope.sidecar == nullptr || scope.find(flow.host) != nullptr)
            continue;
        const std::string wanted =
            (services.empty() ? std::string("*") : services.front()->nameSpace) + '/' + flow.host;
        report.add(*scope.sidecar, "spec.egress",
                   "the Sidecar hides " + flow.host + " from " + flow.client->instance->name + ": 502",
                   "add `" + wanted + "` to the egress hosts");
    }
}

constexpr Check flowTable[] = {
    {"EGR0224", Severity::Error, "A Sidecar hides a host that its clients know of", hiddenBySidecar},
    {"EGR0301", Severity::Error, "A request reaches a gateway that has no route for it", noRouteAtGateway},
    {"EGR0401", Severity::Error, "Sidecars and egress gateway disagree about TLS", hopOneDisagrees},
    {"EGR0402", Severity::Error, "A server name that no server of a gateway accepts", serverNameFitsNoServer},
    {"EGR0407", Severity::Error, "The server's certificate has another name", serverNameNotCovered},
    {"EGR0408", Severity::Error, "The server wants another kind of TLS than it gets",
     clientCertificateMissing},
    {"EGR0525", Severity::Error, "The server does not accept the client's certificate", clientNotAccepted},
    {"EGR0512", Severity::Error, "The server's certificate is signed by another CA", serverNotSigned},
};

} // namespace

std::span<const Check> flowChecks()
{
    return flowTable;
}

} // namespace sallyport::analysis
