// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"
#include "core/dataplane/http_filter_types.h"

namespace sallyport::dataplane {

using namespace http_filter_types;

namespace {

template<typename Config>
FilterOverride described(JsonReader &a)
{
    Config config;
    describe(a, config);
    return config;
}

FilterOverride readRbac(JsonReader &a)
{
    std::optional<Rbac> rbac;
    a.field("rbac", rbac);
    return rbac.value_or(Rbac());
}

FilterOverride readLocalRateLimit(JsonReader &a)
{
    LocalRateLimit limit;
    describe(a, limit);
    a.check(limit.tokenBucket.has_value(), "token_bucket",
            "local rate limit token bucket must be set for per filter configs");
    return limit;
}

FilterOverride readExtAuthz(JsonReader &a)
{
    ExtAuthzPerRoute config;
    a.field("disabled", config.disabled);
    a.refused({"check_settings"});
    return config;
}

FilterOverride readJwt(JsonReader &a)
{
    JwtPerRoute config;
    bool disabled = false;
    a.field("requirement_name", config.requirementName);
    a.field("disabled", disabled);
    if (disabled)
        config.requirementName.reset();
    return config;
}

FilterOverride readBuffer(JsonReader &a)
{
    BufferPerRoute config;
    bool disabled = false;
    a.field("disabled", disabled);
    a.field("buffer", config.buffer);
    return config;
}

FilterOverride readOverride(JsonReader &a, const std::string &type)
{
    using Read = FilterOverride (*)(JsonReader &);
    static const std::map<std::string, Read> readers{
        {faultType, described<Fault>},
        {corsPolicyType, described<CorsPolicy>},
        {rbacPerRouteType, readRbac},
        {localRateLimitType, readLocalRateLimit},
        {headerMutationPerRouteType, described<HeaderMutationFilter>},
        {extAuthzPerRouteType, readExtAuthz},
        {jwtPerRouteType, readJwt},
        {bufferPerRouteType, readBuffer},
    };
    if (const auto reader = readers.find(type); reader != readers.end())
        return reader->second(a);
    if (type != filterConfigType) {
        a.fail("@type", "this per-route configuration is not supported by this gateway: " + type);
        a.ignoreRest();
        return FilterOff();
    }
    bool disabled = false;
    a.field("disabled", disabled);
    a.ignored({"is_optional"});
    FilterOverride held;
    const bool configured = a.any("config", [&](JsonReader &inner, const std::string &heldType) {
        if (disabled)
            inner.ignoreRest();
        else
            held = readOverride(inner, heldType);
    });
    a.check(disabled || configured, "", "Empty route/virtual host per filter configuration");
    return held;
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
        m[fromQt(it.key())] = readOverride(inner, url.substr(url.rfind('/') + 1));
        inner.finish();
    }
}

/// Writes one filter's entry, by what it holds.
class OverrideWriter
{
public:
    QJsonValue entry() const { return m_holder.object().value(QLatin1String(Entry)); }
    void operator()(const FilterOff &) { set(filterConfigType, {{QStringLiteral("disabled"), true}}); }
    void operator()(const Fault &m) { writeAny(m_holder, Entry, faultType, m); }
    void operator()(const CorsPolicy &m) { writeAny(m_holder, Entry, corsPolicyType, m); }
    void operator()(const Rbac &m)
    {
        if (m.rules || m.shadowRules)
            set(rbacPerRouteType, {{QStringLiteral("rbac"), JsonWriter::write(m)}});
        else
            set(rbacPerRouteType, {});
    }
    void operator()(const LocalRateLimit &m) { writeAny(m_holder, Entry, localRateLimitType, m); }
    void operator()(const HeaderMutationFilter &m)
    {
        writeAny(m_holder, Entry, headerMutationPerRouteType, m);
    }
    void operator()(const ExtAuthzPerRoute &m)
    {
        set(extAuthzPerRouteType, {{QStringLiteral("disabled"), m.disabled}});
    }
    void operator()(const JwtPerRoute &m)
    {
        if (m.requirementName)
            set(jwtPerRouteType, {{QStringLiteral("requirement_name"), toQt(*m.requirementName)}});
        else
            set(jwtPerRouteType, {{QStringLiteral("disabled"), true}});
    }

    void operator()(const BufferPerRoute &m)
    {
        if (m.buffer)
            set(bufferPerRouteType, {{QStringLiteral("buffer"), JsonWriter::write(*m.buffer)}});
        else
            set(bufferPerRouteType, {{QStringLiteral("disabled"), true}});
    }

private:
    void set(const char *type, QJsonObject config)
    {
        config[QStringLiteral("@type")] = QLatin1String(typePrefix) + QLatin1String(type);
        m_holder.set(Entry, config);
    }

    static constexpr const char *Entry = "entry";
    JsonWriter m_holder; ///< of the entry alone: the name it gets may hold any character
};

void writePerFilter(JsonWriter &a, const PerFilterConfig &m)
{
    QJsonObject filters;
    for (const auto &[name, filter] : m) {
        OverrideWriter writer;
        std::visit(writer, filter);
        filters.insert(toQt(name), writer.entry());
    }
    if (!filters.isEmpty())
        a.set("typed_per_filter_config", filters);
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
