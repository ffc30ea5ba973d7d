// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::dataplane {

/// A static layer's values by their keys with dots. A fraction is a value by itself, though it is written as
/// an object.
std::map<QString, QJsonValue> runtimeValues(const QJsonObject &staticLayer);

/// A value that somebody has typed: a number, true, false, a fraction as JSON, or a text.
QJsonValue runtimeValue(const std::string &text);

/// envoy.config.bootstrap.v3.RuntimeLayer
struct RuntimeLayer
{
    std::string name;
    bool isAdmin = false; ///< `admin_layer`, else `static_layer`
    QJsonObject values;   ///< of an admin layer: not from the bootstrap
    bool operator==(const RuntimeLayer &) const = default;
};

/// A bootstrap's `layered_runtime`, its static layers flattened to keys with dots (Envoy's runtime snapshot).
struct RuntimeLayers
{
    /// Of one key: a text per layer, empty where a layer does not have it. The last that is not empty counts.
    struct Entry
    {
        std::vector<std::string> values;
        const std::string & final() const;
    };
    std::vector<std::string> names; ///< of the layers, in their order
    std::map<std::string, Entry> entries;

    static RuntimeLayers read(const std::vector<RuntimeLayer> &layers);
    /// Whether one of Envoy's runtime guards is on; `standard` if no layer says so. A text is none, unless it
    /// is a number (measured, 1.40).
    static bool feature(const std::vector<RuntimeLayer> &layers, const QString &key, bool standard);
    /// The number that a key has, if it has one that is not negative.
    std::optional<std::uint64_t> number(const std::string &key) const;
};

} // namespace sallyport::dataplane
