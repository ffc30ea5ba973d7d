// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

namespace {

constexpr const char *previousHostsType =
    "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate";
constexpr const char *previousPrioritiesType =
    "envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig";

} // namespace

template<typename A>
void describe(A &a, RetryPolicy::RateLimitedReset &m)
{
    a.message("envoy.config.route.v3.RetryPolicy.ResetHeader");
    a.field("name", m.header);
    int format = m.unixTimestamp ? 1 : 0;
    a.word("format", format, {"SECONDS", "UNIX_TIMESTAMP"});
    if constexpr (A::reading)
        m.unixTimestamp = format == 1;
}
SALLYPORT_DESCRIBED(RetryPolicy::RateLimitedReset)

template<typename A>
void describe(A &a, RetryPolicy &m)
{
    a.message("envoy.config.route.v3.RetryPolicy");
    a.field("retry_on", m.retryOn);
    a.field("num_retries", m.numRetries, 1U);
    a.field("per_try_timeout", m.perTryTimeout);
    a.field("per_try_idle_timeout", m.perTryIdleTimeout);
    a.field("host_selection_retry_max_attempts", m.hostSelectionMaxAttempts, std::int64_t(1));
    a.field("retriable_status_codes", m.retriableStatusCodes);
    a.field("retriable_headers", m.retriableHeaders);
    a.field("retriable_request_headers", m.retriableRequestHeaders);
    if constexpr (std::is_same_v<A, JsonReader>) {
        const QJsonArray predicates = a.take("retry_host_predicate").toArray();
        for (qsizetype i = 0; i < predicates.size(); ++i) {
            JsonReader predicate(predicates.at(i).toObject(),
                                 a.child("retry_host_predicate") + '[' + std::to_string(i) + ']', a.state());
            predicate.ignored({"name"});
            const bool typed =
                predicate.any("typed_config", [&](JsonReader &config, const std::string &type) {
                    config.check(type == previousHostsType, "@type",
                                 "only previous_hosts is supported by this gateway");
                    m.avoidPreviousHosts = true;
                });
            predicate.check(typed, "typed_config", "a predicate needs its configuration");
            predicate.finish();
        }
    } else if (m.avoidPreviousHosts) {
        a.set("retry_host_predicate",
              QJsonArray{QJsonObject{
                  {QStringLiteral("name"), QStringLiteral("envoy.retry_host_predicates.previous_hosts")},
                  {QStringLiteral("typed_config"),
                   QJsonObject{{QStringLiteral("@type"),
                                QLatin1String(typePrefix) + QLatin1String(previousHostsType)}}}}});
    }
    a.group("retry_back_off", [&](A &inner) {
        Duration standard = std::chrono::milliseconds(25);
        inner.field("base_interval", m.backOffBase, standard);
        inner.field("max_interval", m.backOffMax);
        inner.check(!m.backOffMax || *m.backOffMax >= m.backOffBase, "max_interval",
                    "it must not be shorter than base_interval");
    });
    a.group("rate_limited_retry_back_off", [&](A &inner) {
        inner.field("reset_headers", m.rateLimitedResets);
        inner.field("max_interval", m.rateLimitedMax);
    });
    if constexpr (std::is_same_v<A, JsonReader>) {
        a.group("retry_priority", [&](JsonReader &priority) {
            priority.ignored({"name"});
            const bool typed = priority.any("typed_config", [&](JsonReader &config, const std::string &type) {
                config.field("update_frequency", m.previousPrioritiesUpdate);
                config.check(type == previousPrioritiesType, "@type",
                             "only previous_priorities is supported by this gateway");
            });
            priority.check(typed || priority.state().asked != nullptr, "typed_config",
                           "a priority needs its configuration");
        });
    } else if (m.previousPrioritiesUpdate > 0) {
        a.set("retry_priority",
              QJsonObject{
                  {QStringLiteral("name"), QStringLiteral("envoy.retry_priorities.previous_priorities")},
                  {QStringLiteral("typed_config"),
                   QJsonObject{{QStringLiteral("@type"),
                                QLatin1String(typePrefix) + QLatin1String(previousPrioritiesType)},
                               {QStringLiteral("update_frequency"),
                                static_cast<qint64>(m.previousPrioritiesUpdate)}}}});
    }
    a.refused({"retry_options_predicates"});
}
SALLYPORT_DESCRIBED(RetryPolicy)

template<typename A>
void describe(A &a, HedgePolicy &m)
{
    a.message("envoy.config.route.v3.HedgePolicy");
    a.field("hedge_on_per_try_timeout", m.hedgeOnPerTryTimeout);
    // Envoy reads them and does nothing by them.
    a.ignored({"initial_requests", "additional_request_chance"});
}
SALLYPORT_DESCRIBED(HedgePolicy)

} // namespace sallyport::dataplane
