// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/route_design.h"

#include <QStringList>

namespace sallyport::designer {

/// What can be chosen from for the answers of a design.
struct RouteChoices
{
    QStringList meshes; ///< the design's own, which may be new, among them
    QStringList hosts;  ///< registered ones first, then those of `.sallyport/hosts`
    QStringList clients;
    QStringList principals; ///< of the clients
    QStringList gateways;
    QStringList nameSpaces;
    QStringList credentials; ///< in the gateway's namespace
};

/// `project` may be null.
RouteChoices routeChoices(const model::Project *project, const design::RouteDesign &design);

} // namespace sallyport::designer
