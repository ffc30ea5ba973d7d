// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/resource.h"

#include <QJsonObject>
#include <functional>
#include <vector>

namespace sallyport::compile {

/// One of an EnvoyFilter's configPatches, with its names as the .proto files write them.
struct EnvoyPatch
{
    const model::Resource *filter = nullptr;
    std::size_t index = 0; ///< in the filter's list
    QString applyTo;       ///< `HTTP_FILTER`
    std::string type;      ///< of `value`: the message of Envoy's API
    QString context;       ///< `ANY`, `SIDECAR_INBOUND`, `SIDECAR_OUTBOUND`, `GATEWAY`
    QString operation;     ///< `MERGE`
    QJsonObject listener;  ///< match.listener
    QJsonObject routes;    ///< match.route_configuration
    QJsonObject cluster;   ///< match.cluster
    QJsonObject value;

    std::string fieldPath() const { return "spec.configPatches[" + std::to_string(index) + ']'; }
    bool isMerge() const { return operation.startsWith(QLatin1String("MERGE")); }
};

/// What the patches need to know of the proxy beside its bootstrap.
struct PatchedProxy
{
    bool gateway = false;
    std::function<int(int)> localPort;                     ///< a mesh port → as the bootstrap writes it
    std::function<bool(int route, int port)> sharesRoutes; ///< a gateway's routes are those of this port, too
};

/// Applies patches to a bootstrap's JSON, in istiod's order: kind by kind, and of one kind as they come.
QJsonObject patched(const QJsonObject &bootstrap, const std::vector<EnvoyPatch> &patches,
                    const PatchedProxy &proxy);

} // namespace sallyport::compile
