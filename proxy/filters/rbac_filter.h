// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/rbac_engine.h"
#include "proxy/filters/filter.h"
#include "proxy/telemetry/stats.h"

namespace sallyport::filters {

/// RBAC rules of one filter with their counters; shared by all streams.
class RbacConfig
{
public:
    RbacConfig(const dataplane::Rbac &configuration, telemetry::StatsStore &store,
               const std::string &statPrefix);

    /// Evaluates shadow rules and rules; both are counted and written to `metadata`. The answer is the
    /// refusal's details, empty if the request may pass.
    std::string refuse(const dataplane::ConnectionFacts &connection, const dataplane::RequestView *request,
                       QJsonObject *metadata) const;

private:
    std::optional<dataplane::RbacEngine> m_rules;
    std::optional<dataplane::RbacEngine> m_shadow;
    QString m_prefix;
    QString m_shadowPrefix;
    telemetry::Counter &m_allowed;
    telemetry::Counter &m_denied;
    telemetry::Counter &m_shadowAllowed;
    telemetry::Counter &m_shadowDenied;
};

/// envoy.filters.http.rbac
FilterFactory makeRbacFactory(const dataplane::Rbac &configuration, telemetry::StatsStore &store,
                              const std::string &statPrefix);

} // namespace sallyport::filters
