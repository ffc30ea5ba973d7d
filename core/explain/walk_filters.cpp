// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/walk.h"

#include "core/dataplane/cel_message.h"
#include "core/explain/match_reason.h"

#include <algorithm>
#include <charconv>

namespace sallyport::explain {

namespace {

double shareOf(const dataplane::FractionalPercent &percentage)
{
    return std::min(1.0, static_cast<double>(percentage.numerator) / percentage.denominatorValue());
}

std::optional<std::uint32_t> headerNumber(const CarriedRequest &request, const char *name)
{
    const std::string text = request.get(name);
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return !text.empty() && error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                                     : std::nullopt;
}

/// A dry-run policy's verdict, where the shadow engine writes it.
void noteShadow(CarriedRequest &request, const dataplane::Rbac &rbac,
                const dataplane::RbacEngine::Decision &decision)
{
    const QString name = QStringLiteral("envoy.filters.http.rbac");
    QJsonObject facts = request.dynamicMetadata().value(name).toObject();
    const QString prefix = QString::fromStdString(rbac.shadowRulesStatPrefix);
    if (!decision.policy.empty())
        facts[prefix + QStringLiteral("shadow_effective_policy_id")] =
            QString::fromStdString(std::string(decision.policy));
    facts[prefix + QStringLiteral("shadow_engine_result")] =
        decision.allowed ? QStringLiteral("allowed") : QStringLiteral("denied");
    request.dynamicMetadata()[name] = facts;
}

/// The condition of a policy in words.
std::string conditionText(const dataplane::RbacPolicy &policy)
{
    const Result<std::string> text = dataplane::celText(policy.condition);
    return text ? *text : "its condition";
}

/// Why a policy does not match.
std::string mismatch(const dataplane::RbacPolicy &policy, const dataplane::ConnectionFacts &connection,
                     const CarriedRequest &request)
{
    const PolicySides sides = sidesOf(policy, connection, &request);
    if (!sides.operation)
        return " does not fit the request: " + describeOperations(policy);
    return sides.source ? ": its condition does not hold: " + conditionText(policy)
                        : " does not fit the source: " + describeSources(policy);
}

std::string whoIs(const Connection &connection)
{
    if (!connection.facts.tls)
        return "the client came without TLS and has no principal";
    if (connection.uris.empty() && connection.dnsNames.empty())
        return "the client showed no name in a certificate";
    std::string names;
    for (const auto *list : {&connection.uris, &connection.dnsNames}) {
        for (const std::string &name : *list)
            names += (names.empty() ? "" : ", ") + name;
    }
    return "the client is " + names;
}

} // namespace

std::optional<Reply> Walk::filter(Stream &stream, const dataplane::HttpFilter &filter)
{
    const auto inForce = [&](const auto &configured) -> const auto &
    {
        using Config = std::decay_t<decltype(configured)>;
        const Config *own =
            stream.route == nullptr ? nullptr : stream.route->perFilter<Config>(filter.name, stream.weighted);
        return own == nullptr ? configured : *own;
    };
    const bool runs = stream.route == nullptr
                          ? !filter.disabled
                          : stream.route->runs(filter.name, filter.disabled, stream.weighted);
    if (!runs)
        return std::nullopt;
    if (const auto *rbac = std::get_if<dataplane::Rbac>(&filter.config))
        return authorize(stream, inForce(*rbac));
    if (const auto *fault = std::get_if<dataplane::Fault>(&filter.config))
        return inject(stream, inForce(*fault));
    if (std::holds_alternative<dataplane::CorsPolicy>(filter.config))
        return checkOrigin(stream, filter.name);
    if (const auto *jwt = std::get_if<dataplane::JwtAuthentication>(&filter.config))
        return authenticate(stream, filter.name, *jwt);
    if (const auto *limited = std::get_if<dataplane::LocalRateLimit>(&filter.config))
        return limit(stream, inForce(*limited));
    if (const auto *authorizer = std::get_if<dataplane::ExtAuthz>(&filter.config))
        return askAuthorizer(stream, filter.name, *authorizer);
    if (const auto *health = std::get_if<dataplane::HealthCheckFilter>(&filter.config))
        return answerHealth(stream, *health);
    if (const auto *buffer = std::get_if<dataplane::BufferFilter>(&filter.config))
        return hold(stream, filter.name, *buffer);
    if (const auto *mutations = std::get_if<dataplane::HeaderMutationFilter>(&filter.config))
        mutate(stream, filter.name, *mutations);
    if (const auto *alpn = std::get_if<dataplane::IstioAlpn>(&filter.config))
        stream.alpn = alpn;
    return std::nullopt;
}

std::optional<Reply> Walk::authorize(Stream &stream, const dataplane::Rbac &rbac)
{
    const dataplane::ConnectionFacts &facts = stream.connection.facts;
    const KnownAttributes attributes = stream.attributes();
    if (rbac.shadowRules) {
        const dataplane::RbacEngine engine(*rbac.shadowRules);
        const auto decision = engine.decide(facts, &stream.request, &attributes);
        noteShadow(stream.request, rbac, decision);
        if (rbac.shadowRulesStatPrefix.find("dry_run") != std::string::npos)
            add(stream.hop, "rbac", Mark::Note,
                std::string("dry run: ") + (decision.allowed ? "it would pass" : "it would be refused"), {},
                m_origins.ofPolicy(stream.proxy, std::string(decision.policy)));
    }
    if (!rbac.rules)
        return std::nullopt;
    const dataplane::RbacEngine engine(*rbac.rules);
    const auto decision = engine.decide(facts, &stream.request, &attributes);
    const bool allows = rbac.rules->action == dataplane::RbacAction::Allow;
    const std::string id(decision.policy);
    std::string text;
    if (decision.allowed)
        text = id.empty() ? "no DENY policy matches" : "allowed by " + id;
    else
        text = id.empty() ? "no ALLOW policy matches, and there are some" : "denied by " + id;
    if (rbac.rules->action == dataplane::RbacAction::Log)
        text = id.empty() ? "no AUDIT policy matches" : "audited by " + id;
    std::vector<Source> sources = m_origins.ofPolicy(stream.proxy, id);
    if (id.empty() && !decision.allowed) {
        for (const auto &policy : rbac.rules->policies) {
            for (Source &source : m_origins.ofPolicy(stream.proxy, policy.first))
                sources.push_back(std::move(source));
        }
    }
    Step &step = add(stream.hop, "rbac", decision.allowed ? Mark::Passed : Mark::Refused, text,
                     std::string(allows ? "RBAC ALLOW, " : "RBAC DENY, ") +
                         std::to_string(rbac.rules->policies.size()) +
                         (rbac.rules->policies.size() == 1 ? " rule" : " rules"),
                     std::move(sources));
    step.why.push_back(whoIs(stream.connection));
    for (const auto &[name, policy] : rbac.rules->policies) {
        if (name == id) {
            step.why.push_back(
                "it matches: " + describeOperations(policy) + "; from " + describeSources(policy) +
                (policy.condition.isEmpty() ? std::string() : "; and " + conditionText(policy)));
        } else if (id.empty()) {
            step.why.push_back(name + mismatch(policy, facts, stream.request));
        }
    }
    if (attributes.askedForUnknown()) {
        step.why.emplace_back("a condition asks for what is not known here");
        if (decision.allowed)
            step.mark = Mark::Uncertain;
    }
    if (decision.allowed)
        return std::nullopt;
    step.reason = "policy";
    std::string details = "rbac_access_denied_matched_policy[" + (id.empty() ? "none" : id) + ']';
    std::replace(details.begin(), details.end(), ' ', '_');
    return local(stream.hop, 403, "RBAC: access denied", details);
}

std::optional<Reply> Walk::inject(Stream &stream, const dataplane::Fault &fault)
{
    if (!fault.headers.empty() &&
        !dataplane::allMatch(dataplane::compileHeaders(fault.headers), stream.request))
        return std::nullopt;
    if (!fault.upstreamCluster.empty() && fault.upstreamCluster != stream.clusterName())
        return std::nullopt;
    std::vector<Source> sources = stream.route == nullptr
                                      ? std::vector<Source>()
                                      : m_origins.ofRoute(stream.proxy, stream.route->route());
    // Whether it hits, if chance decides: the likelier of the two is followed.
    const auto hits = [&](const dataplane::FractionalPercent &percentage, const std::string &what) {
        const double share = shareOf(percentage);
        if (share <= 0)
            return false;
        const bool followed = share >= 0.5;
        Step &step = add(stream.hop, "fault", share < 1 ? Mark::Uncertain : Mark::Note,
                         what + " for " + percentText(share) + " of such requests", {}, sources);
        if (share < 1)
            step.why.emplace_back(followed ? "followed: this one too" : "followed: not this one");
        takeChance(std::max(share, 1 - share));
        return followed;
    };
    if (fault.delay) {
        const auto asked = headerNumber(stream.request, "x-envoy-fault-delay-request");
        const auto wait = fault.delay->fixed
                              ? std::chrono::duration_cast<std::chrono::milliseconds>(*fault.delay->fixed)
                              : std::chrono::milliseconds(asked.value_or(0));
        if (wait.count() > 0 &&
            hits(fault.delay->percentage, "a delay of " + std::to_string(wait.count()) + " ms"))
            stream.delayed += wait;
    }
    std::optional<std::uint32_t> status;
    if (fault.abort) {
        status = fault.abort->httpStatus;
        if (!status && !fault.abort->grpcStatus)
            status = headerNumber(stream.request, "x-envoy-fault-abort-request");
        else if (!status)
            status = 200; // gRPC: the status is in a header
        if (status && (*status < 200 || *status >= 600))
            status.reset();
    }
    if (!status || !hits(fault.abort->percentage, "an abort with " + std::to_string(*status)))
        return std::nullopt;
    add(stream.hop, "fault", Mark::Answered, "the fault filter answers " + std::to_string(*status), {},
        sources);
    Reply reply = local(stream.hop, static_cast<int>(*status), "fault filter abort", "fault_filter_abort",
                        stream.delayed.count() > 0 ? "DI,FI" : "FI");
    reply.took = stream.delayed;
    return reply;
}

std::optional<Reply> Walk::checkOrigin(Stream &stream, const std::string &filter)
{
    // Only requests on their way to a cluster are looked at.
    const dataplane::CorsPolicy *policy =
        stream.route == nullptr || stream.route->action() == nullptr
            ? nullptr
            : stream.route->perFilter<dataplane::CorsPolicy>(filter, stream.weighted);
    if (policy == nullptr && stream.route != nullptr && stream.route->action() != nullptr &&
        stream.route->action()->cors)
        policy = &*stream.route->action()->cors;
    const std::string origin = stream.request.get("origin");
    if (policy == nullptr || origin.empty())
        return std::nullopt;
    if (policy->filterEnabled && policy->filterEnabled->defaultValue &&
        policy->filterEnabled->defaultValue->numerator == 0)
        return std::nullopt;
    const bool allowed =
        std::any_of(policy->allowOrigins.begin(), policy->allowOrigins.end(),
                    [&origin](const dataplane::StringMatcher &matcher) {
                        return dataplane::CompiledString(matcher).matches(origin) ||
                               (matcher.kind == dataplane::StringMatchKind::Exact && matcher.value == "*");
                    });
    const bool preflight =
        stream.request.method() == "OPTIONS" && !stream.request.get("access-control-request-method").empty();
    const bool answers = preflight && (allowed || !policy->forwardNotMatchingPreflights.value_or(true));
    add(stream.hop, "cors", answers ? Mark::Answered : Mark::Note,
        "the origin " + origin + (allowed ? " is allowed" : " is not allowed") +
            (answers ? ": the proxy answers the preflight" : ""),
        {}, m_origins.ofRoute(stream.proxy, stream.route->route()));
    if (!answers)
        return std::nullopt;
    return local(stream.hop, 200, {}, "cors_response");
}

} // namespace sallyport::explain
