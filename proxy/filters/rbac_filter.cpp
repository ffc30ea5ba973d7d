// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/rbac_filter.h"

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

/// Leaves a decision in the request's dynamic metadata, for access logs and later filters.
void note(QJsonObject &metadata, const dataplane::RbacEngine::Decision &decision, const QString &prefix)
{
    static const QString name = QStringLiteral("envoy.filters.http.rbac");
    QJsonObject facts = metadata.value(name).toObject();
    if (!decision.policy.empty())
        facts[prefix + QStringLiteral("effective_policy_id")] =
            QString::fromUtf8(decision.policy.data(), static_cast<qsizetype>(decision.policy.size()));
    facts[prefix + QStringLiteral("engine_result")] =
        decision.allowed ? QStringLiteral("allowed") : QStringLiteral("denied");
    metadata[name] = facts;
}

class RbacFilter : public HttpFilter
{
public:
    RbacFilter(std::shared_ptr<const RbacConfig> config,
               std::function<std::shared_ptr<const RbacConfig>(const dataplane::Rbac &)> perRoute)
        : m_config(std::move(config))
        , m_perRoute(std::move(perRoute))
    {
    }
    FilterStatus decodeHeaders(http::HeaderMap &headers, bool) override
    {
        std::shared_ptr<const RbacConfig> config = m_config;
        if (const dataplane::CompiledRoute *route = m_callbacks->route()) {
            const dataplane::Rbac *own = route->perFilter(
                [](const dataplane::PerFilterConfig &level) { return level.rbac ? &*level.rbac : nullptr; });
            if (own)
                config = m_perRoute(*own);
        }
        const HeaderView view(headers, &m_callbacks->streamInfo().dynamicMetadata);
        const std::string details =
            config->refuse(m_callbacks->connectionFacts(), &view, &m_callbacks->streamInfo().dynamicMetadata);
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
    std::shared_ptr<const RbacConfig> m_config;
    std::function<std::shared_ptr<const RbacConfig>(const dataplane::Rbac &)> m_perRoute;
};

} // namespace

RbacConfig::RbacConfig(const dataplane::Rbac &configuration, telemetry::StatsStore &store,
                       const std::string &statPrefix)
    : m_rules(compile(configuration.rules))
    , m_shadow(compile(configuration.shadowRules))
    , m_prefix(QString::fromStdString(configuration.rulesStatPrefix))
    , m_shadowPrefix(QString::fromStdString(configuration.shadowRulesStatPrefix))
    , m_allowed(store.counter(statPrefix + "rbac." + dotted(configuration.rulesStatPrefix) + "allowed"))
    , m_denied(store.counter(statPrefix + "rbac." + dotted(configuration.rulesStatPrefix) + "denied"))
    , m_shadowAllowed(store.counter(statPrefix + "rbac." + dotted(configuration.shadowRulesStatPrefix) +
                                    "shadow_allowed"))
    , m_shadowDenied(
          store.counter(statPrefix + "rbac." + dotted(configuration.shadowRulesStatPrefix) + "shadow_denied"))
{
}

std::string RbacConfig::refuse(const dataplane::ConnectionFacts &connection,
                               const dataplane::RequestView *request, QJsonObject *metadata) const
{
    if (m_shadow) {
        const dataplane::RbacEngine::Decision decision = m_shadow->decide(connection, request);
        (decision.allowed ? m_shadowAllowed : m_shadowDenied).inc();
        if (metadata)
            note(*metadata, decision, m_shadowPrefix + QStringLiteral("shadow_"));
    }
    if (!m_rules)
        return {};
    const dataplane::RbacEngine::Decision decision = m_rules->decide(connection, request);
    if (metadata) {
        note(*metadata, decision, m_prefix + QStringLiteral("enforced_"));
        // LOG rules say which requests are worth a line of an access log.
        if (m_rules->action() == dataplane::RbacAction::Log)
            (*metadata)[QStringLiteral("envoy.common")] =
                QJsonObject{{QStringLiteral("access_log_hint"), !decision.policy.empty()}};
    }
    if (decision.allowed) {
        m_allowed.inc();
        return {};
    }
    m_denied.inc();
    return detailsFor(decision.policy);
}

FilterFactory makeRbacFactory(const dataplane::Rbac &configuration, telemetry::StatsStore &store,
                              const std::string &statPrefix)
{
    auto config = std::make_shared<const RbacConfig>(configuration, store, statPrefix);
    // Rules of a route are compiled when first met; the route's configuration outlives every stream that uses
    // it.
    struct Cache
    {
        std::mutex mutex;
        std::map<const dataplane::Rbac *, std::shared_ptr<const RbacConfig>> compiled;
    };
    auto cache = std::make_shared<Cache>();
    auto perRoute = [cache, &store, statPrefix](const dataplane::Rbac &own) {
        const std::lock_guard lock(cache->mutex);
        std::shared_ptr<const RbacConfig> &slot = cache->compiled[&own];
        if (!slot)
            slot = std::make_shared<const RbacConfig>(own, store, statPrefix);
        return slot;
    };
    return [config, perRoute] { return std::make_unique<RbacFilter>(config, perRoute); };
}

} // namespace sallyport::filters
