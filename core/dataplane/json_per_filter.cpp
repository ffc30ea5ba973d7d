// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"
#include "core/dataplane/http_filter_types.h"

namespace sallyport::dataplane {

using namespace http_filter_types;

namespace {

/// The configuration of the filter `name`.
void readPerFilterConfig(JsonReader &a, const std::string &type, const std::string &name, PerFilterConfig &m)
{
    if (type == faultType) {
        describe(a, m.fault.emplace());
    } else if (type == corsPolicyType) {
        describe(a, m.cors.emplace());
    } else if (type == rbacPerRouteType) {
        m.rbac.emplace();
        a.field("rbac", m.rbac);
    } else if (type == localRateLimitType) {
        describe(a, m.localRateLimit.emplace());
        a.check(m.localRateLimit->hasTokenBucket, "token_bucket",
                "local rate limit token bucket must be set for per filter configs");
    } else if (type == headerMutationPerRouteType) {
        describe(a, m.headerMutation.emplace());
    } else if (type == extAuthzPerRouteType) {
        a.field("disabled", m.extAuthzDisabled);
        a.refused({"check_settings"});
    } else if (type == jwtPerRouteType) {
        a.field("requirement_name", m.jwtRequirementName);
        a.field("disabled", m.jwtDisabled);
    } else if (type == filterConfigType) {
        bool disabled = false;
        a.field("disabled", disabled);
        a.ignored({"is_optional"});
        // It would also switch on a filter that the listener has off, which nothing here does.
        a.refused({"config"});
        a.check(disabled || a.has("config"), "", "Empty route/virtual host per filter configuration");
        if (disabled)
            m.disabled.push_back(name);
    } else {
        a.fail("@type", "this per-route configuration is not supported by this gateway: " + type);
        a.ignoreRest();
    }
}

void readPerFilter(JsonReader &a, PerFilterConfig &m)
{
    const QJsonValue json = a.take("typed_per_filter_config");
    const QJsonObject filters = json.toObject();
    for (auto it = filters.constBegin(); it != filters.constEnd(); ++it) {
        const std::string path = a.child("typed_per_filter_config") + '[' + fromQt(it.key()) + ']';
        const QJsonObject object = it.value().toObject();
        const std::string url = fromQt(object.value(QLatin1String("@type")).toString());
        JsonReader inner(object, path, a.state());
        inner.ignored({"@type"});
        readPerFilterConfig(inner, url.substr(url.rfind('/') + 1), fromQt(it.key()), m);
        inner.finish();
    }
}

void writePerFilter(JsonWriter &a, const PerFilterConfig &m)
{
    JsonWriter filters;
    if (m.fault)
        writeAny(filters, "envoy.filters.http.fault", faultType, *m.fault);
    if (m.cors)
        writeAny(filters, "envoy.filters.http.cors", corsPolicyType, *m.cors);
    if (m.rbac) {
        QJsonObject perRoute{
            {QStringLiteral("@type"), QLatin1String(typePrefix) + QLatin1String(rbacPerRouteType)}};
        if (m.rbac->rules || m.rbac->shadowRules)
            perRoute[QStringLiteral("rbac")] = JsonWriter::write(*m.rbac);
        filters.set("envoy.filters.http.rbac", perRoute);
    }
    if (m.localRateLimit)
        writeAny(filters, "envoy.filters.http.local_ratelimit", localRateLimitType, *m.localRateLimit);
    if (m.headerMutation)
        writeAny(filters, "envoy.filters.http.header_mutation", headerMutationPerRouteType,
                 *m.headerMutation);
    if (m.extAuthzDisabled)
        filters.set("envoy.filters.http.ext_authz",
                    QJsonObject{{QStringLiteral("@type"),
                                 QLatin1String(typePrefix) + QLatin1String(extAuthzPerRouteType)},
                                {QStringLiteral("disabled"), *m.extAuthzDisabled}});
    if (m.jwtRequirementName || m.jwtDisabled) {
        QJsonObject perRoute{
            {QStringLiteral("@type"), QLatin1String(typePrefix) + QLatin1String(jwtPerRouteType)}};
        if (m.jwtRequirementName)
            perRoute[QStringLiteral("requirement_name")] = toQt(*m.jwtRequirementName);
        else
            perRoute[QStringLiteral("disabled")] = true;
        filters.set("envoy.filters.http.jwt_authn", perRoute);
    }
    for (const std::string &name : m.disabled)
        filters.set(name.c_str(), QJsonObject{{QStringLiteral("@type"),
                                               QLatin1String(typePrefix) + QLatin1String(filterConfigType)},
                                              {QStringLiteral("disabled"), true}});
    if (!filters.object().isEmpty())
        a.set("typed_per_filter_config", filters.object());
}

} // namespace

template<typename A>
void describePerFilter(A &a, PerFilterConfig &m)
{
    if constexpr (std::is_same_v<A, JsonReader>)
        readPerFilter(a, m);
    else
        writePerFilter(a, m);
}
template void describePerFilter(JsonReader &, PerFilterConfig &);
template void describePerFilter(JsonWriter &, PerFilterConfig &);

} // namespace sallyport::dataplane
