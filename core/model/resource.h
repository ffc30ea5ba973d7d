// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::yaml {
class Node;
}

namespace sallyport::model {

using Duration = std::chrono::nanoseconds;
using Labels = std::map<std::string, std::string>;

/// Every label of `selector` is in `labels`; an empty selector selects everything.
bool selects(const Labels &selector, const Labels &labels);

/// metadata of a Kubernetes object.
struct Metadata
{
    std::string name;
    std::string resourceNamespace; ///< never empty after loading: `default` where the file gives none
    Labels labels;
    Labels annotations;
    std::string creationTimestamp; ///< RFC 3339; empty in most files

    bool operator==(const Metadata &) const = default;
};

/// What every kind has. `source` is the YAML it was read from: places of fields are found through it.
struct Resource
{
    std::string apiVersion;
    std::string kind;
    Metadata metadata;
    std::string file;  ///< path below the project folder
    int document = 0;  ///< which document of the file, from 0
    int listItem = -1; ///< which item, if the document is a `kind: List`
    int order = 0;     ///< position in the mesh: stands for creation time where files give none
    std::shared_ptr<const yaml::Node> node; ///< the object's mapping

    /// `VirtualService default/egressgateway-vs`
    std::string title() const { return kind + ' ' + metadata.resourceNamespace + '/' + metadata.name; }
    /// Where a field stands, `spec.http[0].route[0].destination.host`; the nearest existing parent if it is
    /// absent.
    Place place(const std::string &fieldPath = {}) const;
};

} // namespace sallyport::model
