// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/static_runtime.h"

#include "core/dataplane/runtime_layers.h"

#include <QJsonArray>

#include <cmath>
#include <optional>

namespace sallyport::dataplane {

namespace {

using Runtime = std::map<QString, QJsonValue>;

constexpr const char *dropLimitKey = "load_balancing_policy.drop_overload_limit";
constexpr const char *faultType = "/envoy.extensions.filters.http.fault.v3.HTTPFault";
constexpr const char *managerType =
    "/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

bool isNumber(const QJsonValue &value)
{
    return value.isDouble() && value.toDouble() >= 0;
}

/// The default `standard` as `value` has it; `standard` itself if `value` is none of its kind.
QJsonValue replaced(const QJsonValue &standard, const QJsonValue &value)
{
    if (standard.isBool() || standard.isDouble())
        return value.type() == standard.type() ? value : standard;
    if (!standard.isObject())
        return standard;
    if (value.isObject())
        return isNumber(value.toObject().value(QLatin1String("numerator"))) ? value : standard;
    if (!isNumber(value))
        return standard;
    // A number is a percentage.
    const QJsonObject object = standard.toObject();
    if (object.contains(QLatin1String("value")))
        return QJsonObject{{QStringLiteral("value"), value}};
    return QJsonObject{{QStringLiteral("numerator"), value}};
}

/// The value that `runtime` has for the key in `object`'s field `name`, or for `standardKey` without one.
std::optional<QJsonValue> keyed(const QJsonObject &object, const char *name, const char *standardKey,
                                const Runtime &runtime)
{
    const QString key = object.value(QLatin1String(name)).toString();
    const auto found = runtime.find(key.isEmpty() ? QLatin1String(standardKey) : key);
    return found == runtime.end() ? std::nullopt : std::optional(found->second);
}

/// The fault filter asks for its numbers by keys of its own (source/extensions/filters/http/fault).
QJsonObject withFaults(QJsonObject fault, const Runtime &runtime)
{
    const auto replace = [&](const char *part, auto change) {
        QJsonObject object = fault.value(QLatin1String(part)).toObject();
        if (object.isEmpty())
            return;
        change(object);
        fault[QLatin1String(part)] = object;
    };
    replace("delay", [&](QJsonObject &delay) {
        if (const auto percent =
                keyed(fault, "delay_percent_runtime", "fault.http.delay.fixed_delay_percent", runtime))
            delay[QLatin1String("percentage")] =
                replaced(delay.value(QLatin1String("percentage")).toObject(), *percent);
        const auto milliseconds =
            keyed(fault, "delay_duration_runtime", "fault.http.delay.fixed_duration_ms", runtime);
        if (milliseconds && isNumber(*milliseconds) && delay.contains(QLatin1String("fixed_delay"))) {
            delay[QLatin1String("fixed_delay")] =
                QString::number(milliseconds->toDouble() / 1000, 'f', 3) + QLatin1Char('s');
        }
    });
    replace("abort", [&](QJsonObject &abort) {
        if (const auto percent =
                keyed(fault, "abort_percent_runtime", "fault.http.abort.abort_percent", runtime))
            abort[QLatin1String("percentage")] =
                replaced(abort.value(QLatin1String("percentage")).toObject(), *percent);
        const auto status =
            keyed(fault, "abort_http_status_runtime", "fault.http.abort.http_status", runtime);
        if (status && isNumber(*status) && abort.contains(QLatin1String("http_status"))) {
            abort[QLatin1String("http_status")] = *status;
        }
        const auto grpcStatus =
            keyed(fault, "abort_grpc_status_runtime", "fault.http.abort.grpc_status", runtime);
        if (grpcStatus && isNumber(*grpcStatus) && abort.contains(QLatin1String("grpc_status"))) {
            abort[QLatin1String("grpc_status")] = *grpcStatus;
        }
    });
    if (const auto most = keyed(fault, "max_active_faults_runtime", "fault.http.max_active_faults", runtime);
        most && isNumber(*most)) {
        fault[QLatin1String("max_active_faults")] = *most;
    }
    return fault;
}

/// How many requests are traced (source/common/http/conn_manager_utility.cc); the keys have no field.
QJsonObject withTracing(QJsonObject manager, const Runtime &runtime)
{
    const QJsonValue configured = manager.value(QLatin1String("tracing"));
    if (!configured.isObject())
        return manager;
    QJsonObject tracing = configured.toObject();
    const auto replace = [&](const char *name, const char *key) {
        const auto found = runtime.find(QLatin1String(key));
        if (found == runtime.end() || !isNumber(found->second))
            return;
        tracing[QLatin1String(name)] = QJsonObject{{QStringLiteral("value"), found->second}};
    };
    replace("client_sampling", "tracing.client_enabled");
    replace("random_sampling", "tracing.random_sampling");
    replace("overall_sampling", "tracing.global_enabled");
    manager[QLatin1String("tracing")] = tracing;
    return manager;
}

/// Clusters whose weights stand under `runtime_key_prefix` and their names.
QJsonObject withWeights(QJsonObject weighted, const Runtime &runtime)
{
    const QString prefix = weighted.value(QLatin1String("runtime_key_prefix")).toString();
    QJsonArray clusters = weighted.value(QLatin1String("clusters")).toArray();
    for (qsizetype i = 0; i < clusters.size(); ++i) {
        QJsonObject cluster = clusters.at(i).toObject();
        const auto weight =
            runtime.find(prefix + QLatin1Char('.') + cluster.value(QLatin1String("name")).toString());
        if (weight != runtime.end() && isNumber(weight->second))
            cluster[QLatin1String("weight")] = weight->second;
        clusters[i] = cluster;
    }
    weighted[QLatin1String("clusters")] = clusters;
    return weighted;
}

/// Envoy asks for the most that drop_overloads may drop once, when it reads a cluster: the runtime's admin
/// layer comes too late for it.
QJsonObject withDropLimit(QJsonObject policy, const Runtime &runtime)
{
    const auto limit = runtime.find(QLatin1String(dropLimitKey));
    if (limit == runtime.end() || !isNumber(limit->second))
        return policy;
    const double percent = std::floor(limit->second.toDouble());
    QJsonArray drops = policy.value(QLatin1String("drop_overloads")).toArray();
    for (qsizetype i = 0; i < drops.size(); ++i) {
        QJsonObject drop = drops.at(i).toObject();
        const QJsonObject share = drop.value(QLatin1String("drop_percentage")).toObject();
        const QString of = share.value(QLatin1String("denominator")).toString();
        const double denominator = of == QLatin1String("MILLION")        ? 1e6
                                   : of == QLatin1String("TEN_THOUSAND") ? 1e4
                                                                         : 100;
        if (share.value(QLatin1String("numerator")).toDouble() / denominator > percent / 100)
            drop[QLatin1String("drop_percentage")] = QJsonObject{{QStringLiteral("numerator"), percent}};
        drops[i] = drop;
    }
    policy[QLatin1String("drop_overloads")] = drops;
    return policy;
}

QJsonValue applied(const QJsonValue &value, const Runtime &runtime)
{
    if (value.isArray()) {
        QJsonArray array = value.toArray();
        for (qsizetype i = 0; i < array.size(); ++i)
            array[i] = applied(array.at(i), runtime);
        return array;
    }
    if (!value.isObject())
        return value;
    QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end(); ++it)
        it.value() = applied(it.value(), runtime);
    if (object.value(QLatin1String("@type")).toString().endsWith(QLatin1String(faultType)))
        return withFaults(object, runtime);
    if (object.value(QLatin1String("@type")).toString().endsWith(QLatin1String(managerType)))
        return withTracing(object, runtime);
    if (object.contains(QLatin1String("drop_overloads")))
        return withDropLimit(object, runtime);
    if (object.contains(QLatin1String("runtime_key_prefix")))
        return withWeights(object, runtime);
    const auto found = runtime.find(object.value(QLatin1String("runtime_key")).toString());
    if (found == runtime.end())
        return object;
    for (const char *name : {"default_value", "percent_sampled"}) {
        if (object.contains(QLatin1String(name)))
            object[QLatin1String(name)] = replaced(object.value(QLatin1String(name)), found->second);
    }
    return object;
}

} // namespace

QJsonObject withStaticRuntime(const QJsonObject &bootstrap, const QJsonObject &adminRuntime)
{
    Runtime runtime;
    const QJsonObject layered = bootstrap.value(QLatin1String("layered_runtime")).toObject();
    for (const QJsonValue &layer : layered.value(QLatin1String("layers")).toArray()) {
        const bool isAdmin = !layer[QLatin1String("admin_layer")].isUndefined();
        for (const auto &[key, value] :
             runtimeValues(isAdmin ? adminRuntime : layer[QLatin1String("static_layer")].toObject())) {
            if (!isAdmin || key != QLatin1String(dropLimitKey))
                runtime[key] = value;
        }
    }
    return runtime.empty() ? bootstrap : applied(bootstrap, runtime).toObject();
}

} // namespace sallyport::dataplane
