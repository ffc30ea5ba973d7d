// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/rbac_engine.h"
#include "proxy/filters/filter.h"
#include "proxy/telemetry/stats.h"

#include <array>
#include <compare>
#include <map>

namespace sallyport::filters {

/// RBAC rules of one filter with their counters; shared by all streams.
class RbacConfig
{
public:
    RbacConfig(const dataplane::Rbac &configuration, telemetry::StatsStore &store,
               const std::string &statPrefix)
        : RbacConfig(configuration, store, statPrefix, configuration)
    {
    }
    /// A route's configuration counts under the names of its filter's; what it says of a request stands under
    /// its own, if it has any.
    RbacConfig(const dataplane::Rbac &configuration, telemetry::StatsStore &store,
               const std::string &statPrefix, const dataplane::Rbac &filter);

    /// Evaluates shadow rules and rules; both are counted and written to `metadata`, but of a connection
    /// (without a request) only what the shadow rules say. The answer is the refusal's details, empty if the
    /// request may pass.
    std::string refuse(const dataplane::ConnectionFacts &connection, const dataplane::RequestView *request,
                       QJsonObject *metadata, const dataplane::CelAttributes *attributes = nullptr) const;

private:
    using Decision = dataplane::RbacEngine::Decision;
    using Decisions = std::pair<const Decision *, const Decision *>; ///< shadow, rules; null: there are none
    void countPolicy(const Decision &decision, const std::string &prefix, const char *kind) const;
    void note(QJsonObject &metadata, const Decisions &decisions) const;
    void write(QJsonObject &metadata, const QString &name, const Decisions &decisions) const;

    /// What a worker wrote for decisions, by themselves: most requests come to the same one, and to write it
    /// costs more than to decide. Policies' names are the engines' own, so their place tells them apart.
    struct Written
    {
        struct Key
        {
            const char *shadowPolicy;
            const char *policy;
            bool shadowAllowed;
            bool allowed;
            auto operator<=>(const Key &) const = default;
        };
        std::map<Key, QJsonObject> byDecisions;
    };
    std::optional<dataplane::RbacEngine> m_rules;
    std::optional<dataplane::RbacEngine> m_shadow;
    QString m_prefix;
    QString m_shadowPrefix;
    telemetry::StatsStore &m_store;
    std::string m_policies; ///< what their counters' names begin with; empty: policies count nothing
    std::string m_shadowPolicies;
    telemetry::Counter &m_allowed;
    telemetry::Counter &m_denied;
    telemetry::Counter &m_shadowAllowed;
    telemetry::Counter &m_shadowDenied;
    mutable std::array<Written, telemetry::mostWriters> m_written; ///< each worker touches its own only
};

/// envoy.filters.http.rbac
FilterFactory makeRbacFactory(const dataplane::Rbac &configuration, telemetry::StatsStore &store,
                              const std::string &statPrefix);

} // namespace sallyport::filters
