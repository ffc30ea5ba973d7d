// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"
#include "core/dataplane/http_filter_types.h"

namespace sallyport::dataplane {

using namespace http_filter_types;

namespace {

void readPerFilter(JsonReader &a, PerFilterConfig &m)
{
    const QJsonValue json = a.take("typed_per_filter_config");
    const QJsonObject filters = json.toObject();
    for (auto it = filters.constBegin(); it != filters.constEnd(); ++it) {
        const std::string path = a.child("typed_per_filter_config") + '[' + fromQt(it.key()) + ']';
        const QJsonObject object = it.value().toObject();
        const std::string url = fromQt(object.value(QLatin1String("@type")).toString());
        const std::string type = url.substr(url.rfind('/') == std::string::npos ? 0 : url.rfind('/') + 1);
        JsonReader inner(object, path, a.state());
        inner.ignored({"@type"});
        if (type == faultType) {
            describe(inner, m.fault.emplace());
        } else if (type == corsPolicyType) {
            describe(inner, m.cors.emplace());
        } else if (type == rbacPerRouteType) {
            m.rbac.emplace();
            inner.field("rbac", m.rbac);
        } else if (type == localRateLimitType) {
            describe(inner, m.localRateLimit.emplace());
            inner.check(m.localRateLimit->hasTokenBucket, "token_bucket",
                        "local rate limit token bucket must be set for per filter configs");
        } else if (type == headerMutationPerRouteType) {
            describe(inner, m.headerMutation.emplace());
        } else if (type == extAuthzPerRouteType) {
            inner.field("disabled", m.extAuthzDisabled);
            inner.refused({"check_settings"});
        } else if (type == jwtPerRouteType) {
            inner.field("requirement_name", m.jwtRequirementName);
            inner.field("disabled", m.jwtDisabled);
        } else if (type == filterConfigType) {
            bool disabled = false;
            inner.field("disabled", disabled);
            inner.ignored({"is_optional"});
            inner.refused({"config"});
            inner.check(disabled || inner.has("config"), "",
                        "Empty route/virtual host per filter configuration");
            if (disabled)
                m.disabled.push_back(fromQt(it.key()));
        } else {
            inner.fail("@type", "this per-route configuration is not supported by this gateway: " + type);
            inner.ignoreRest();
        }
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
