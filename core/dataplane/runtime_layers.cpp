// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/runtime_layers.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <algorithm>

namespace sallyport::dataplane {

namespace {

std::string text(const QJsonValue &value)
{
    if (value.isString())
        return value.toString().toStdString();
    if (value.isBool())
        return value.toBool() ? "true" : "false";
    if (value.isDouble())
        return QString::number(value.toDouble(), 'g', 15).toStdString();
    return QJsonDocument(value.toObject()).toJson(QJsonDocument::Compact).toStdString();
}

bool isFraction(const QJsonObject &object)
{
    return object.contains(QLatin1String("numerator")) || object.contains(QLatin1String("denominator"));
}

void collect(const QJsonObject &fields, const QString &prefix, std::map<QString, QJsonValue> &values)
{
    for (auto it = fields.constBegin(); it != fields.constEnd(); ++it) {
        const QString key = prefix + it.key();
        if (it.value().isObject() && !isFraction(it.value().toObject()))
            collect(it.value().toObject(), key + QLatin1Char('.'), values);
        else
            values[key] = it.value();
    }
}

} // namespace

std::map<QString, QJsonValue> runtimeValues(const QJsonObject &staticLayer)
{
    std::map<QString, QJsonValue> values;
    collect(staticLayer, {}, values);
    return values;
}

const std::string &RuntimeLayers::Entry::final() const
{
    static const std::string none;
    const auto last =
        std::find_if(values.rbegin(), values.rend(), [](const std::string &value) { return !value.empty(); });
    return last == values.rend() ? none : *last;
}

RuntimeLayers RuntimeLayers::read(const QJsonObject &layeredRuntime)
{
    RuntimeLayers runtime;
    const QJsonArray layers = layeredRuntime.value(QLatin1String("layers")).toArray();
    const auto count = static_cast<std::size_t>(layers.size());
    for (std::size_t i = 0; i < count; ++i) {
        const QJsonObject layer = layers[static_cast<qsizetype>(i)].toObject();
        runtime.names.push_back(layer.value(QLatin1String("name")).toString().toStdString());
        for (const auto &[key, value] :
             runtimeValues(layer.value(QLatin1String("static_layer")).toObject())) {
            Entry &entry = runtime.entries[key.toStdString()];
            entry.values.resize(count);
            entry.values[i] = text(value);
        }
    }
    return runtime;
}

} // namespace sallyport::dataplane
