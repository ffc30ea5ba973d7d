// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/analysis.h"

#include "core/analysis/bindings.h"
#include "core/analysis/check.h"
#include "core/analysis/flows.h"

#include <algorithm>
#include <tuple>

namespace sallyport::analysis {

namespace {

std::vector<Check> allChecks()
{
    std::vector<Check> all;
    for (const std::span<const Check> group :
         {referenceChecks(), destinationRuleChecks(), sidecarChecks(), gatewayChecks(),
          virtualServiceChecks(), flowChecks(), hopTlsChecks(), credentialChecks(), chainChecks(),
          pairChecks(), authorizationChecks(), authorizationValueChecks(), postureChecks(),
          serviceEntryChecks(), hygieneChecks()})
        all.insert(all.end(), group.begin(), group.end());
    std::stable_sort(all.begin(), all.end(), [](const Check &a, const Check &b) {
        return std::string_view(a.code) < std::string_view(b.code);
    });
    return all;
}

/// A warning about TCP ports of a policy whose workloads are gateways that end all they take as HTTP.
bool isSettled(const model::Project &project, const model::Problem &problem)
{
    const model::Mesh *mesh = project.findMesh(problem.mesh);
    if (mesh == nullptr || problem.code != "EGR0107" ||
        problem.resource.compare(0, 20, "AuthorizationPolicy ") != 0 ||
        problem.message.find("TCP ports") == std::string::npos)
        return false;
    const auto policy =
        std::find_if(mesh->authorizationPolicies.begin(), mesh->authorizationPolicies.end(),
                     [&problem](const auto &each) { return each.title() == problem.resource; });
    if (policy == mesh->authorizationPolicies.end() || !policy->selector || policy->selector->empty())
        return false;
    bool any = false;
    for (const compile::Instance &pod : compile::instancesOf(*mesh)) {
        if (!model::selects(*policy->selector, pod.labels))
            continue;
        if (pod.proxy != compile::Instance::Proxy::Gateway)
            return false;
        any = true;
        for (const model::Gateway &gateway : mesh->gateways) {
            for (const model::Gateway::Server &server : gateway.servers) {
                const compile::Protocol protocol = compile::parseProtocol(server.protocol);
                const bool http = compile::isHttp(protocol) ||
                                  (protocol == compile::Protocol::Https && !isPassthrough(server));
                if (model::selects(gateway.selector, pod.labels) && !http)
                    return false;
            }
        }
    }
    return any;
}

bool before(const Finding &a, const Finding &b)
{
    return std::tie(a.severity, a.place.file, a.place.line, a.place.column, a.code) <
           std::tie(b.severity, b.place.file, b.place.line, b.place.column, b.code);
}

} // namespace

std::vector<CheckInfo> catalogue()
{
    std::vector<CheckInfo> infos;
    for (const Check &check : allChecks())
        infos.push_back({check.code, check.severity, check.title});
    return infos;
}

std::vector<model::Problem> openProblems(const model::Project &project)
{
    std::vector<model::Problem> open;
    for (const model::Problem &problem : project.problems) {
        if (!isSettled(project, problem))
            open.push_back(problem);
    }
    return open;
}

std::vector<Finding> analyse(const model::Project &project, TimePoint now)
{
    const lab::AddressPlan plan = lab::planAddresses(project, {}, 0);
    const compile::CompiledProject compiled = compile::compileProject(project, plan.placement);
    const auto scene = explain::Scene::of(project);
    const std::vector<Check> checks = allChecks();
    std::vector<Finding> findings;
    for (const model::Mesh &mesh : project.meshes) {
        MeshFacts facts(mesh, plan, compiled);
        facts.now = now;
        if (scene)
            facts.flows = followFlows(facts, *scene);
        Report report(facts, findings);
        for (const Check &check : checks) {
            report.begin(check);
            check.run(facts, report);
        }
    }
    // What is not well formed was read in part: first things first.
    std::erase_if(findings, [&project](const Finding &finding) {
        return finding.severity != model::Severity::Error &&
               std::any_of(project.problems.begin(), project.problems.end(),
                           [&](const model::Problem &problem) {
                               return problem.severity == model::Severity::Error &&
                                      problem.mesh == finding.mesh && problem.resource == finding.resource;
                           });
    });
    std::stable_sort(findings.begin(), findings.end(), before);
    return findings;
}

} // namespace sallyport::analysis
