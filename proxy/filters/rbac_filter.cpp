// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/rbac_filter.h"

#include "proxy/telemetry/stream_attributes.h"

#include <algorithm>
#include <map>
#include <mutex>

namespace sallyport::filters {

namespace {

std::optional<dataplane::RbacEngine> compile(const std::optional<dataplane::RbacRules> &rules)
{
    return rules ? std::optional<dataplane::RbacEngine>(std::in_place, *rules) : std::nullopt;
}

std::string dotted(const std::string &prefix)
{
    return prefix.empty() || prefix.ends_with('.') ? prefix : prefix + '.';
}

std::string detailsFor(std::string_view policy)
{
    std::string details =
        "rbac_access_denied_matched_policy[" + std::string(policy.empty() ? "none" : policy) + ']';
    std::replace_if(
        details.begin(), details.end(), [](unsigned char c) { return std::isspace(c); }, '_');
    return details;
}

QString firstOf(const std::string &own, const std::string &other)
{
    return QString::fromStdString(own.empty() ? other : own);
}

/// One filter's rules and those that routes lay over them, compiled when first met: a route's configuration
/// outlives every stream that uses it.
class Rules
{
public:
    Rules(const dataplane::Rbac &configuration, telemetry::StatsStore &store, std::string statPrefix)
        : m_store(store)
        , m_statPrefix(std::move(statPrefix))
        , m_configuration(configuration)
        , m_own(configuration, store, m_statPrefix)
    {
    }
    const RbacConfig &own() const { return m_own; }
    const RbacConfig &ofRoute(const dataplane::Rbac &configuration) const
    {
        const std::lock_guard lock(m_mutex);
        std::unique_ptr<const RbacConfig> &slot = m_compiled[&configuration];
        if (!slot)
            slot = std::make_unique<const RbacConfig>(configuration, m_store, m_statPrefix, m_configuration);
        return *slot;
    }

private:
    telemetry::StatsStore &m_store;
    const std::string m_statPrefix;
    const dataplane::Rbac m_configuration;
    const RbacConfig m_own;
    mutable std::mutex m_mutex;
    mutable std::map<const dataplane::Rbac *, std::unique_ptr<const RbacConfig>> m_compiled;
};

class RbacFilter final : public HttpFilter
{
public:
    /// `rules` are the factory's, which the stream's connection manager keeps.
    explicit RbacFilter(const Rules &rules)
        : m_rules(rules)
    {
    }
    FilterStatus decodeHeaders(http::HeaderMap &headers, bool) override
    {
        const auto *own = ofRoute<dataplane::Rbac>();
        const RbacConfig *config = own != nullptr ? &m_rules.ofRoute(*own) : &m_rules.own();
        const HeaderView view(headers, &m_callbacks->streamInfo().dynamicMetadata);
        const telemetry::LogContext context{m_callbacks->streamInfo(), &headers, nullptr, nullptr, {}};
        const telemetry::StreamAttributes attributes(context);
        const std::string details = config->refuse(m_callbacks->connectionFacts(), &view,
                                                   &m_callbacks->streamInfo().dynamicMetadata, &attributes);
        if (details.empty())
            return FilterStatus::Continue;
        LocalReply reply;
        reply.status = 403;
        reply.body = "RBAC: access denied";
        reply.details = details;
        m_callbacks->sendLocalReply(reply);
        return FilterStatus::Stop;
    }

private:
    const Rules &m_rules;
};

} // namespace

RbacConfig::RbacConfig(const dataplane::Rbac &configuration, telemetry::StatsStore &store,
                       const std::string &statPrefix, const dataplane::Rbac &filter)
    : m_rules(compile(configuration.rules))
    , m_shadow(compile(configuration.shadowRules))
    , m_prefix(firstOf(configuration.rulesStatPrefix, filter.rulesStatPrefix))
    , m_shadowPrefix(firstOf(configuration.shadowRulesStatPrefix, filter.shadowRulesStatPrefix))
    , m_store(store)
    , m_allowed(store.counter(statPrefix + "rbac." + dotted(filter.rulesStatPrefix) + "allowed"))
    , m_denied(store.counter(statPrefix + "rbac." + dotted(filter.rulesStatPrefix) + "denied"))
    , m_shadowAllowed(
          store.counter(statPrefix + "rbac." + dotted(filter.shadowRulesStatPrefix) + "shadow_allowed"))
    , m_shadowDenied(
          store.counter(statPrefix + "rbac." + dotted(filter.shadowRulesStatPrefix) + "shadow_denied"))
{
    if (!configuration.trackPerRuleStats)
        return;
    m_policies = statPrefix + "rbac." + dotted(filter.rulesStatPrefix) + "policy.";
    m_shadowPolicies = statPrefix + "rbac." + dotted(filter.shadowRulesStatPrefix) + "policy.";
}

/// Envoy makes a policy's counter when the policy first decides.
void RbacConfig::countPolicy(const Decision &decision, const std::string &prefix, const char *kind) const
{
    if (prefix.empty() || decision.policy.empty())
        return;
    m_store.counter(prefix + std::string(decision.policy) + kind + (decision.allowed ? "allowed" : "denied"))
        .inc();
}

std::string RbacConfig::refuse(const dataplane::ConnectionFacts &connection,
                               const dataplane::RequestView *request, QJsonObject *metadata,
                               const dataplane::CelAttributes *attributes) const
{
    Decision shadow;
    Decision decision;
    if (m_shadow) {
        shadow = m_shadow->decide(connection, request, attributes);
        (shadow.allowed ? m_shadowAllowed : m_shadowDenied).inc();
        countPolicy(shadow, m_shadowPolicies, ".shadow_");
    }
    if (m_rules) {
        decision = m_rules->decide(connection, request, attributes);
        countPolicy(decision, m_policies, ".");
    }
    if (metadata != nullptr && request == nullptr)
        write(*metadata, QStringLiteral("envoy.filters.network.rbac"),
              {m_shadow ? &shadow : nullptr, nullptr});
    else if (metadata != nullptr)
        note(*metadata, {m_shadow ? &shadow : nullptr, m_rules ? &decision : nullptr});
    if (!m_rules)
        return {};
    if (decision.allowed) {
        m_allowed.inc();
        return {};
    }
    m_denied.inc();
    return detailsFor(decision.policy);
}

/// Leaves the decisions in the request's dynamic metadata, for access logs and later filters.
void RbacConfig::note(QJsonObject &metadata, const Decisions &decisions) const
{
    static const QString name = QStringLiteral("envoy.filters.http.rbac");
    const auto &[shadow, rules] = decisions;
    if (!metadata.isEmpty()) {
        write(metadata, name, decisions);
        return;
    }
    const Decision none;
    const Written::Key key{(shadow ? *shadow : none).policy.data(), (rules ? *rules : none).policy.data(),
                           (shadow ? *shadow : none).allowed, (rules ? *rules : none).allowed};
    const auto [written, isNew] = m_written[telemetry::workerIndex()].byDecisions.try_emplace(key);
    if (isNew)
        write(written->second, name, decisions);
    metadata = written->second;
}

void RbacConfig::write(QJsonObject &metadata, const QString &name, const Decisions &decisions) const
{
    const auto &[shadow, rules] = decisions;
    if (shadow == nullptr && rules == nullptr)
        return;
    QJsonObject facts = metadata.value(name).toObject();
    const auto add = [&facts](const Decision &decision, const QString &prefix) {
        if (!decision.policy.empty())
            facts[prefix + QStringLiteral("effective_policy_id")] =
                QString::fromUtf8(decision.policy.data(), static_cast<qsizetype>(decision.policy.size()));
        facts[prefix + QStringLiteral("engine_result")] =
            decision.allowed ? QStringLiteral("allowed") : QStringLiteral("denied");
    };
    if (shadow != nullptr)
        add(*shadow, m_shadowPrefix + QStringLiteral("shadow_"));
    if (rules != nullptr)
        add(*rules, m_prefix + QStringLiteral("enforced_"));
    metadata[name] = facts;
    // LOG rules say which requests are worth a line of an access log.
    if (rules != nullptr && m_rules->action() == dataplane::RbacAction::Log)
        metadata[QStringLiteral("envoy.common")] =
            QJsonObject{{QStringLiteral("access_log_hint"), !rules->policy.empty()}};
}

FilterFactory makeRbacFactory(const dataplane::Rbac &configuration, telemetry::StatsStore &store,
                              const std::string &statPrefix)
{
    const auto rules = std::make_shared<const Rules>(configuration, store, statPrefix);
    return [rules] { return std::make_unique<RbacFilter>(*rules); };
}

} // namespace sallyport::filters
