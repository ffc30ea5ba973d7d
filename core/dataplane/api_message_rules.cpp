// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_message_rules.h"

#include "core/dataplane/access_log_format.h"
#include "core/dataplane/regular_expression.h"
#include "core/dataplane/runtime_layers.h"

namespace sallyport::dataplane {

namespace {

constexpr const char *largestProgramKey = "re2.max_program_size.error_level";

/// The messages with rules, by name; null if the API is not known.
struct Ruled
{
    const ApiMessage *regex = named("envoy.type.matcher.v3.RegexMatcher");
    const ApiMessage *string = named("envoy.type.matcher.v3.StringMatcher");
    const ApiMessage *dnsCache = named("envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig");
    const ApiMessage *clusterType = named("envoy.config.cluster.v3.Cluster.CustomClusterType");
    const ApiMessage *requestId =
        named("envoy.extensions.filters.network.http_connection_manager.v3.RequestIDExtension");
    const ApiMessage *routeTracing = named("envoy.config.route.v3.Tracing");
    const ApiMessage *customTag = named("envoy.type.tracing.v3.CustomTag");
    const ApiMessage *managerTracing =
        named("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.Tracing");

    static const ApiMessage *named(const char *name) { return ApiSchema::envoy().message(name); }
};

const Ruled &ruled()
{
    static const Ruled messages;
    return messages;
}

QJsonObject child(const QJsonObject &object, const char *name, const char *camel)
{
    return object.value(object.contains(QLatin1String(camel)) ? QLatin1String(camel) : QLatin1String(name))
        .toObject();
}

} // namespace

bool isTypedStruct(const std::string &type)
{
    return type == "xds.type.v3.TypedStruct" || type == "udpa.type.v1.TypedStruct";
}

MessageRules::MessageRules(const QJsonObject &root, ReadState &state)
    : m_state(state)
{
    const QJsonObject runtime = child(root, "layered_runtime", "layeredRuntime");
    for (const QJsonValue &layer : runtime.value(QLatin1String("layers")).toArray()) {
        const auto values = runtimeValues(child(layer.toObject(), "static_layer", "staticLayer"));
        const auto found = values.find(QLatin1String(largestProgramKey));
        bool isNumber = false;
        const double number =
            found == values.end() ? 0 : found->second.toVariant().toString().toDouble(&isNumber);
        if (isNumber)
            m_largestProgram = number;
    }
}

void MessageRules::check(const ApiMessage &message, const QJsonObject &written, const QJsonObject &checked,
                         const std::string &path)
{
    const Ruled &known = ruled();
    // The patterns of statistics are compiled later, and not while a configuration is only validated.
    const bool ofStatistics = path.starts_with("stats_config");
    if (&message == known.regex && !ofStatistics)
        checkExpression(checked, path);
    else if (&message == known.string && !ofStatistics && checked.contains(QLatin1String("safe_regex")) &&
             checked.contains(QLatin1String("ignore_case")))
        m_state.fail(path + ".ignore_case", "ignore_case has no effect for safe_regex.");
    else if (&message == known.dnsCache)
        checkDnsCache(checked, path);
    else if (&message == known.clusterType || &message == known.requestId)
        checkOwnType(written, path);
    else if (&message == known.routeTracing || &message == known.managerTracing ||
             &message == known.customTag)
        checkFormats(checked, path);
}

/// Who looks for its implementation by the configuration's type finds none for a struct with a type.
void MessageRules::checkOwnType(const QJsonObject &object, const std::string &path)
{
    const std::string url =
        fromQt(child(object, "typed_config", "typedConfig").value(QLatin1String("@type")).toString());
    const std::string type = url.substr(url.rfind('/') + 1);
    if (isTypedStruct(type))
        m_state.fail(path + ".typed_config.@type",
                     "Didn't find a registered implementation for type: '" + type + '\'');
}

void MessageRules::checkExpression(const QJsonObject &matcher, const std::string &path)
{
    const std::string expression = fromQt(matcher.value(QLatin1String("regex")).toString());
    const re2::RE2 regex(expression, byBytes());
    if (!regex.ok()) {
        m_state.fail(path + ".regex", regex.error());
        return;
    }
    const QJsonValue own =
        matcher.value(QLatin1String("google_re2")).toObject().value(QLatin1String("max_program_size"));
    const double most = own.isDouble() ? own.toDouble() : m_largestProgram;
    if (regex.ProgramSize() > most)
        m_state.fail(path + ".regex",
                     "the regular expression's program has " + std::to_string(regex.ProgramSize()) +
                         " steps, " + std::to_string(static_cast<qint64>(most)) + " are possible",
                     "simplify it, or set the runtime key " + std::string(largestProgramKey));
}

/// Names of spans are formats, of tags the values.
void MessageRules::checkFormats(const QJsonObject &tracing, const std::string &path)
{
    for (const char *name : {"operation", "upstream_operation", "value"}) {
        const QJsonValue format = tracing.value(QLatin1String(name));
        if (!format.isString())
            continue;
        if (const auto parsed = parseFormat(fromQt(format.toString())); !parsed)
            m_state.fail(path + '.' + name, parsed.error().what);
    }
}

/// Filters and clusters share the caches of names, each stated by all who use it.
void MessageRules::checkDnsCache(const QJsonObject &cache, const std::string &path)
{
    QJsonObject settings;
    for (auto it = cache.constBegin(); it != cache.constEnd(); ++it) {
        const bool isStandard =
            it.value() == QJsonObject() || (it.key().endsWith(QLatin1String("_timeout")) &&
                                            durationFromJson(it.value().toString()) == Duration::zero());
        if (!isStandard)
            settings[it.key()] = it.value();
    }
    const QString name = cache.value(QLatin1String("name")).toString();
    const auto stated = m_dnsCaches.emplace(name, settings);
    if (!stated.second && stated.first->second != settings)
        m_state.fail(path, "config specified DNS cache '" + fromQt(name) + "' with different settings");
}

} // namespace sallyport::dataplane
