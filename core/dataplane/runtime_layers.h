// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <map>
#include <string>
#include <vector>

namespace sallyport::dataplane {

/// A static layer's values by their keys with dots. A fraction is a value by itself, though it is written as
/// an object.
std::map<QString, QJsonValue> runtimeValues(const QJsonObject &staticLayer);

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

    static RuntimeLayers read(const QJsonObject &layeredRuntime);
};

} // namespace sallyport::dataplane
