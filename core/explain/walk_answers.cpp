// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/walk.h"

#include "core/dataplane/rate_limit_policy.h"
#include "core/explain/tokens.h"

#include <algorithm>
#include <cmath>

namespace sallyport::explain {

namespace {

/// The filter with one requirement for every request.
dataplane::JwtAuthentication demanding(const dataplane::JwtAuthentication &filter, const std::string &name)
{
    dataplane::JwtAuthentication one = filter;
    dataplane::JwtRule rule;
    rule.match.path = "/";
    rule.requirementName = name;
    one.rules = {std::move(rule)};
    return one;
}

/// Why a health check's answer is 503, in Envoy's words; empty: it is 200.
std::string unwell(const Proxy &proxy, const dataplane::HealthCheckFilter &filter)
{
    for (const auto &[name, percent] : filter.clusterMinHealthyPercentages) {
        const dataplane::Cluster *cluster = proxy.findCluster(name);
        if (cluster == nullptr)
            return "health_check_failed_no_cluster_found";
        double total = 0;
        double well = 0;
        for (const auto &locality : cluster->loadAssignment ? cluster->loadAssignment->endpoints
                                                            : std::vector<dataplane::LocalityLbEndpoints>()) {
            for (const dataplane::LbEndpoint &endpoint : locality.endpoints) {
                ++total;
                well += takesPart(endpoint) ? 1 : 0;
            }
        }
        const double wanted = std::floor(percent);
        if (total == 0 && wanted > 0)
            return "health_check_failed_cluster_empty";
        if (well < total * wanted / 100)
            return "health_check_failed_cluster_unhealthy";
    }
    return {};
}

} // namespace

std::optional<Reply> Walk::authenticate(Stream &stream, const std::string &filter,
                                        const dataplane::JwtAuthentication &whole)
{
    const auto *own = stream.route == nullptr
                          ? nullptr
                          : stream.route->perFilter<dataplane::JwtPerRoute>(filter, stream.weighted);
    if (own != nullptr && !own->requirementName)
        return std::nullopt;
    if (own != nullptr && whole.requirementMap.count(*own->requirementName) == 0) {
        std::string names;
        for (const auto &[name, requirement] : whole.requirementMap)
            names += (names.empty() ? "" : ",") + name;
        const std::string problem =
            "Wrong requirement_name: " + *own->requirementName + ". It should be one of [" + names + ']';
        add(stream.hop, "jwt", Mark::Refused, problem).reason = "token";
        return local(stream.hop, 403, "Failed JWT authentication: " + problem,
                     withoutSpaces("jwt_authn_access_denied{" + problem + '}'));
    }
    const dataplane::JwtAuthentication jwt = own == nullptr ? whole : demanding(whole, *own->requirementName);
    const bool preflight = stream.request.method() == "OPTIONS" && stream.request.has("origin") &&
                           stream.request.has("access-control-request-method");
    if (jwt.bypassCorsPreflight && preflight)
        return std::nullopt;
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    const TokenVerdict verdict = judgeTokens(jwt, stream.request, now);
    if (verdict.satisfied && verdict.why.empty())
        return std::nullopt;
    Step &step =
        add(stream.hop, "jwt",
            !verdict.satisfied ? Mark::Refused
            : verdict.believed ? Mark::Uncertain
                               : Mark::Passed,
            verdict.satisfied ? verdict.believed ? "the token is taken for good" : "a token is not demanded"
                              : verdict.problem,
            {}, m_origins.ofTokens(stream.proxy));
    step.why = verdict.why;
    if (verdict.believed)
        step.why.emplace_back("whether its signature is right is not checked here");
    if (!verdict.satisfied) {
        step.reason = "token";
        std::string details = "jwt_authn_access_denied{" + verdict.problem + '}';
        std::replace(details.begin(), details.end(), ' ', '_');
        return local(stream.hop, verdict.status, verdict.problem, details);
    }
    if (!verdict.metadata.isEmpty()) {
        stream.request.dynamicMetadata()[QStringLiteral("envoy.filters.http.jwt_authn")] = verdict.metadata;
        // Claims may lead to another route.
        findRoute(stream);
    }
    return std::nullopt;
}

std::optional<Walk::FullBucket> Walk::scarcest(const Stream &stream, const dataplane::LocalRateLimit &limit)
{
    static const QJsonObject none;
    std::vector<dataplane::DescribedRequest> described;
    const std::string cluster = stream.clusterName();
    const dataplane::RateLimitedRequest request{
        stream.request, stream.route != nullptr ? stream.route->route().metadata.filters : none,
        stream.proxy.bootstrap.node.cluster, cluster};
    using Policy = dataplane::RateLimitPolicy;
    if (!limit.rateLimits.empty()) {
        Policy(limit.rateLimits, Policy::Of::Filter).describe(request, 0, described);
    } else if (stream.route != nullptr && stream.route->action() != nullptr) {
        for (const auto *limits : appliedRateLimits(limit, *stream.route->action(), stream.route->host()))
            Policy(*limits, Policy::Of::Route).describe(request, limit.stage, described);
    }
    std::optional<FullBucket> least;
    const auto consider = [&least](FullBucket bucket) {
        if (!least || bucket.tokens / std::max<std::uint64_t>(bucket.taken, 1) <
                          least->tokens / std::max<std::uint64_t>(least->taken, 1))
            least = std::move(bucket);
    };
    bool matched = false;
    for (const dataplane::DescribedRequest &asked : described) {
        for (const dataplane::LocalRateLimitDescriptor &descriptor : limit.descriptors) {
            if (!isAbout(descriptor.entries, asked.entries))
                continue;
            matched = true;
            std::string of;
            for (const dataplane::RateLimitEntry &entry : asked.entries)
                of += (of.empty() ? "" : ", ") + entry.key + '=' + entry.value;
            if (!descriptor.shadowMode)
                consider({descriptor.tokenBucket.maxTokens, asked.hits, std::move(of)});
        }
    }
    if (limit.tokenBucket && (!matched || limit.alwaysConsumeDefault))
        consider({limit.tokenBucket->maxTokens, 1, {}});
    return least;
}

std::optional<Reply> Walk::limit(Stream &stream, const dataplane::LocalRateLimit &limit)
{
    const auto on = [](const dataplane::RuntimeFractionalPercent &percent) {
        return percent.defaultValue &&
               percent.defaultValue->numerator * 2ULL >= percent.defaultValue->denominatorValue();
    };
    const std::optional<FullBucket> bucket = scarcest(stream, limit);
    if (!bucket || !on(limit.filterEnabled))
        return std::nullopt;
    const bool refuses = (bucket->taken == 0 || bucket->tokens < bucket->taken) && on(limit.filterEnforced);
    const std::string which = bucket->of.empty() ? "the bucket" : "the bucket of " + bucket->of;
    add(stream.hop, "rate-limit", refuses ? Mark::Refused : Mark::Uncertain,
        refuses ? which + (bucket->tokens == 0 ? " holds no token: every request is refused"
                                               : " never holds what one request takes")
                : which + " holds " + std::to_string(bucket->tokens) +
                      " tokens: this is one of the first requests")
        .reason = refuses ? "rate-limit" : "";
    if (!refuses)
        return std::nullopt;
    return local(stream.hop, static_cast<int>(limit.status), "local_rate_limited", "local_rate_limited",
                 "RL");
}

std::optional<Reply> Walk::askAuthorizer(Stream &stream, const std::string &filter,
                                         const dataplane::ExtAuthz &authorizer)
{
    const auto *own = stream.route == nullptr
                          ? nullptr
                          : stream.route->perFilter<dataplane::ExtAuthzPerRoute>(filter, stream.weighted);
    if (own != nullptr && own->disabled)
        return std::nullopt;
    if (authorizer.enabledMetadata) {
        const dataplane::CompiledMetadata wanted(*authorizer.enabledMetadata);
        if (!wanted.matches(stream.request.metadata()))
            return std::nullopt;
    }
    const std::string &name = authorizer.grpcCluster.empty() ? authorizer.cluster : authorizer.grpcCluster;
    const dataplane::Cluster *cluster = stream.proxy.findCluster(name);
    const bool reachable = cluster != nullptr && mayAnswer(*cluster);
    if (reachable) {
        add(stream.hop, "ext-authz", Mark::Uncertain,
            "the external authorizer " + name + " is asked; followed: it allows", "cluster " + name);
        return std::nullopt;
    }
    Step &step = add(stream.hop, "ext-authz", authorizer.failureModeAllow ? Mark::Passed : Mark::Refused,
                     "the external authorizer " + name + " cannot be asked", "cluster " + name);
    step.why.emplace_back(cluster == nullptr ? "there is no such cluster" : "nobody answers there");
    if (authorizer.failureModeAllow) {
        step.why.emplace_back("failOpen lets the request pass");
        return std::nullopt;
    }
    step.reason = "authorizer";
    return local(stream.hop, static_cast<int>(authorizer.statusOnError.value_or(403)), {}, "ext_authz_error",
                 "UAEX");
}

bool Walk::mayAnswer(const dataplane::Cluster &cluster) const
{
    using Type = dataplane::Cluster::Type;
    if (!cluster.loadAssignment)
        return cluster.type == Type::OriginalDst || cluster.type == Type::DynamicForwardProxy;
    for (const dataplane::LocalityLbEndpoints &locality : cluster.loadAssignment->endpoints) {
        for (const dataplane::LbEndpoint &endpoint : locality.endpoints) {
            if (!m_scene.behind(endpoint.address).empty() ||
                !std::holds_alternative<std::monostate>(m_scene.at(endpoint.address)))
                return true;
        }
    }
    return false;
}

/// What other proxies ask about this one's health.
std::optional<Reply> Walk::answerHealth(Stream &stream, const dataplane::HealthCheckFilter &filter)
{
    if (filter.passThrough || !dataplane::allMatch(dataplane::compileHeaders(filter.headers), stream.request))
        return std::nullopt;
    const std::string problem = unwell(stream.proxy, filter);
    const int status = problem.empty() ? 200 : 503;
    add(stream.hop, "health-check", Mark::Answered,
        "the health check filter answers " + std::to_string(status) + " itself");
    const char *well =
        filter.clusterMinHealthyPercentages.empty() ? "health_check_ok" : "health_check_ok_cluster_healthy";
    return local(stream.hop, status, {}, problem.empty() ? well : problem, problem.empty() ? "-" : "LH");
}

/// Requests are held until they are complete, if there is room for them.
std::optional<Reply> Walk::hold(Stream &stream, const std::string &filter,
                                const dataplane::BufferFilter &buffer)
{
    const auto *own = stream.route == nullptr
                          ? nullptr
                          : stream.route->perFilter<dataplane::BufferPerRoute>(filter, stream.weighted);
    if (own != nullptr && !own->buffer)
        return std::nullopt;
    const std::size_t most = own != nullptr ? own->buffer->maxRequestBytes : buffer.maxRequestBytes;
    if (m_explanation.request.bodySize <= most)
        return std::nullopt;
    Step &step = add(stream.hop, "buffer", Mark::Uncertain,
                     "the body of " + std::to_string(m_explanation.request.bodySize) +
                         " bytes is more than the " + std::to_string(most) + " that are held");
    step.why.emplace_back("followed: it is refused; a body that comes with its end in one piece passes");
    return local(stream.hop, 413, "Payload Too Large", "request_payload_too_large");
}

void Walk::mutate(Stream &stream, const std::string &filter, const dataplane::HeaderMutationFilter &mutations)
{
    std::vector<const dataplane::HeaderMutationFilter *> levels;
    if (stream.route != nullptr) {
        for (const dataplane::PerFilterConfig *level : stream.route->perFilterLevels(stream.weighted)) {
            if (const auto *own = dataplane::overrideOf<dataplane::HeaderMutationFilter>(level, filter))
                levels.push_back(own);
        }
    }
    if (mutations.mostSpecificWins)
        std::reverse(levels.begin(), levels.end());
    levels.insert(levels.begin(), &mutations);
    bool changed = false;
    for (const dataplane::HeaderMutationFilter *level : levels) {
        for (const dataplane::HeaderMutation &mutation : level->request) {
            const auto removed = mutation.remove.empty() ? std::vector<std::string>()
                                                         : std::vector<std::string>{mutation.remove};
            const auto added = mutation.append ? std::vector<dataplane::HeaderValueOption>{*mutation.append}
                                               : std::vector<dataplane::HeaderValueOption>();
            changed = stream.request.apply(added, removed) || changed;
        }
    }
    if (changed)
        add(stream.hop, "rewrite", Mark::Passed, "request headers are changed by the filter " + filter);
}

} // namespace sallyport::explain
