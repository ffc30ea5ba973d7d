// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

namespace {

constexpr const char *previousHostsType =
    "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate";
constexpr const char *omitCanariesType =
    "envoy.extensions.retry.host.omit_canary_hosts.v3.OmitCanaryHostsPredicate";
constexpr const char *omitMetadataType =
    "envoy.extensions.retry.host.omit_host_metadata.v3.OmitHostMetadataConfig";
constexpr const char *previousPrioritiesType =
    "envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig";

/// Which hosts a retry avoids.
template<typename A>
void describeHostPredicates(A &a, RetryPolicy &m)
{
    if constexpr (std::is_same_v<A, JsonReader>) {
        const auto take = [&m](JsonReader &config, const std::string &type) {
            std::optional<Metadata> match;
            config.field("metadata_match", match);
            if (type == previousHostsType)
                m.avoidPreviousHosts = true;
            else if (type == omitCanariesType)
                m.avoidCanaries = true;
            else if (type == omitMetadataType)
                m.avoidedMetadata.push_back(match.value_or(Metadata()));
            else
                config.check(config.state().asked != nullptr, "@type",
                             "this predicate is not supported by this gateway");
        };
        a.extensions("retry_host_predicate", take);
    } else {
        QJsonArray predicates;
        const auto write = [&predicates](const char *name, const char *type, QJsonObject config) {
            config[QStringLiteral("@type")] = QLatin1String(typePrefix) + QLatin1String(type);
            predicates.append(QJsonObject{{QStringLiteral("name"), QLatin1String(name)},
                                          {QStringLiteral("typed_config"), config}});
        };
        if (m.avoidPreviousHosts)
            write("envoy.retry_host_predicates.previous_hosts", previousHostsType, {});
        if (m.avoidCanaries)
            write("envoy.retry_host_predicates.omit_canary_hosts", omitCanariesType, {});
        for (const Metadata &metadata : m.avoidedMetadata)
            write("envoy.retry_host_predicates.omit_host_metadata", omitMetadataType,
                  {{QStringLiteral("metadata_match"), JsonWriter::write(metadata)}});
        if (!predicates.isEmpty())
            a.set("retry_host_predicate", predicates);
    }
}

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
    describeHostPredicates(a, m);
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
