// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"
#include "core/dataplane/http_filter_types.h"

namespace sallyport::dataplane {

using namespace http_filter_types;

namespace {

/// What filters are called where nobody chose another name.
const std::map<std::string, std::string> &usualNames()
{
    static const std::map<std::string, std::string> names{
        {faultType, "envoy.filters.http.fault"},
        {corsPolicyType, "envoy.filters.http.cors"},
        {rbacPerRouteType, "envoy.filters.http.rbac"},
        {localRateLimitType, "envoy.filters.http.local_ratelimit"},
        {headerMutationPerRouteType, "envoy.filters.http.header_mutation"},
        {extAuthzPerRouteType, "envoy.filters.http.ext_authz"},
        {jwtPerRouteType, "envoy.filters.http.jwt_authn"},
    };
    return names;
}

const std::string &nameOf(const PerFilterConfig &m, const char *type)
{
    const auto chosen = m.names.find(type);
    return chosen != m.names.end() ? chosen->second : usualNames().at(type);
}

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
        const bool configured = a.any("config", [&](JsonReader &inner, const std::string &held) {
            if (!disabled)
                readPerFilterConfig(inner, held, name, m);
            else
                inner.ignoreRest();
        });
        a.check(disabled || configured, "", "Empty route/virtual host per filter configuration");
        if (disabled)
            m.disabled.push_back(name);
        return;
    } else {
        a.fail("@type", "this per-route configuration is not supported by this gateway: " + type);
        a.ignoreRest();
        return;
    }
    if (usualNames().at(type) != name)
        m.names[type] = name;
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
        writeAny(filters, nameOf(m, faultType).c_str(), faultType, *m.fault);
    if (m.cors)
        writeAny(filters, nameOf(m, corsPolicyType).c_str(), corsPolicyType, *m.cors);
    if (m.rbac) {
        QJsonObject perRoute{
            {QStringLiteral("@type"), QLatin1String(typePrefix) + QLatin1String(rbacPerRouteType)}};
        if (m.rbac->rules || m.rbac->shadowRules)
            perRoute[QStringLiteral("rbac")] = JsonWriter::write(*m.rbac);
        filters.set(nameOf(m, rbacPerRouteType).c_str(), perRoute);
    }
    if (m.localRateLimit)
        writeAny(filters, nameOf(m, localRateLimitType).c_str(), localRateLimitType, *m.localRateLimit);
    if (m.headerMutation)
        writeAny(filters, nameOf(m, headerMutationPerRouteType).c_str(), headerMutationPerRouteType,
                 *m.headerMutation);
    if (m.extAuthzDisabled)
        filters.set(nameOf(m, extAuthzPerRouteType).c_str(),
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
        filters.set(nameOf(m, jwtPerRouteType).c_str(), perRoute);
    }
    for (const std::string &name : m.disabled)
        filters.set(name.c_str(), QJsonObject{{QStringLiteral("@type"),
                                               QLatin1String(typePrefix) + QLatin1String(filterConfigType)},
                                              {QStringLiteral("disabled"), true}});
    if (!filters.object().isEmpty())
        a.set("typed_per_filter_config", filters.object());
}

} // namespace

bool PerFilterConfig::configures(std::string_view name) const
{
    const auto named = [&](bool present, const char *type) { return present && nameOf(*this, type) == name; };
    return named(fault.has_value(), faultType) || named(cors.has_value(), corsPolicyType) ||
           named(rbac.has_value(), rbacPerRouteType) ||
           named(localRateLimit.has_value(), localRateLimitType) ||
           named(headerMutation.has_value(), headerMutationPerRouteType) ||
           named(extAuthzDisabled.has_value(), extAuthzPerRouteType) ||
           named(jwtRequirementName || jwtDisabled, jwtPerRouteType);
}

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
