// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/runtime_layers.h"

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

QJsonValue runtimeValue(const std::string &text)
{
    if (text == "true" || text == "false")
        return text == "true";
    bool isNumber = false;
    const QString typed = QString::fromStdString(text);
    if (const double number = typed.toDouble(&isNumber); isNumber)
        return number;
    const QJsonDocument document = QJsonDocument::fromJson(typed.toUtf8());
    return document.isObject() ? QJsonValue(document.object()) : QJsonValue(typed);
}

const std::string &RuntimeLayers::Entry::final() const
{
    static const std::string none;
    const auto last =
        std::find_if(values.rbegin(), values.rend(), [](const std::string &value) { return !value.empty(); });
    return last == values.rend() ? none : *last;
}

RuntimeLayers RuntimeLayers::read(const std::vector<RuntimeLayer> &layers)
{
    RuntimeLayers runtime;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        runtime.names.push_back(layers[i].name);
        for (const auto &[key, value] : runtimeValues(layers[i].values)) {
            Entry &entry = runtime.entries[key.toStdString()];
            entry.values.resize(layers.size());
            entry.values[i] = text(value);
        }
    }
    return runtime;
}

bool RuntimeLayers::feature(const std::vector<RuntimeLayer> &layers, const QString &key, bool standard)
{
    bool on = standard;
    for (const RuntimeLayer &layer : layers) {
        const std::map<QString, QJsonValue> values = runtimeValues(layer.values);
        const auto found = values.find(key);
        if (found == values.end())
            continue;
        bool isNumber = found->second.isDouble();
        const double number =
            isNumber ? found->second.toDouble() : found->second.toString().toDouble(&isNumber);
        on = found->second.isBool() ? found->second.toBool() : isNumber ? number != 0 : standard;
    }
    return on;
}

std::optional<std::uint64_t> RuntimeLayers::number(const std::string &key) const
{
    const auto entry = entries.find(key);
    if (entry == entries.end())
        return std::nullopt;
    bool good = false;
    const double number = QString::fromStdString(entry->second.final()).toDouble(&good);
    return good && number >= 0 ? std::optional(static_cast<std::uint64_t>(number)) : std::nullopt;
}

} // namespace sallyport::dataplane
