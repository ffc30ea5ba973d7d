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

/// A fraction is a value by itself, though it is written as an object.
bool isFraction(const QJsonObject &object)
{
    return object.contains(QLatin1String("numerator")) || object.contains(QLatin1String("denominator"));
}

} // namespace

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
    const auto take = [&](const auto &self, const QJsonObject &fields, const std::string &prefix,
                          std::size_t layer) -> void {
        for (auto it = fields.constBegin(); it != fields.constEnd(); ++it) {
            const std::string key = prefix + it.key().toStdString();
            if (it.value().isObject() && !isFraction(it.value().toObject())) {
                self(self, it.value().toObject(), key + '.', layer);
                continue;
            }
            Entry &entry = runtime.entries[key];
            entry.values.resize(count);
            entry.values[layer] = text(it.value());
        }
    };
    for (std::size_t i = 0; i < count; ++i) {
        const QJsonObject layer = layers[static_cast<qsizetype>(i)].toObject();
        runtime.names.push_back(layer.value(QLatin1String("name")).toString().toStdString());
        take(take, layer.value(QLatin1String("static_layer")).toObject(), {}, i);
    }
    return runtime;
}

} // namespace sallyport::dataplane
