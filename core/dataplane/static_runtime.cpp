// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/static_runtime.h"

#include "core/dataplane/runtime_layers.h"

#include <QJsonArray>

namespace sallyport::dataplane {

namespace {

using Runtime = std::map<QString, QJsonValue>;

QJsonValue field(const QJsonObject &object, const char *snake, const char *camel)
{
    const QJsonValue value = object.value(QLatin1String(snake));
    return value.isUndefined() ? object.value(QLatin1String(camel)) : value;
}

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
        return value;
    if (!isNumber(value))
        return standard;
    // A number is a percentage.
    const QJsonObject object = standard.toObject();
    if (object.contains(QLatin1String("value")))
        return QJsonObject{{QStringLiteral("value"), value}};
    return QJsonObject{{QStringLiteral("numerator"), value}};
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
    const auto found = runtime.find(field(object, "runtime_key", "runtimeKey").toString());
    if (found == runtime.end())
        return object;
    for (const char *name : {"default_value", "defaultValue", "percent_sampled", "percentSampled"}) {
        if (object.contains(QLatin1String(name)))
            object[QLatin1String(name)] = replaced(object.value(QLatin1String(name)), found->second);
    }
    return object;
}

} // namespace

QJsonObject withStaticRuntime(const QJsonObject &bootstrap)
{
    Runtime runtime;
    const QJsonObject layered = field(bootstrap, "layered_runtime", "layeredRuntime").toObject();
    for (const QJsonValue &layer : layered.value(QLatin1String("layers")).toArray()) {
        for (const auto &[key, value] :
             runtimeValues(field(layer.toObject(), "static_layer", "staticLayer").toObject()))
            runtime[key] = value;
    }
    return runtime.empty() ? bootstrap : applied(bootstrap, runtime).toObject();
}

} // namespace sallyport::dataplane
