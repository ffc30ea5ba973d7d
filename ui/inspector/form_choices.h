// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project.h"

#include <QStringList>

namespace sallyport::inspector {

/// Names of the project that a field may refer to: credentials of the mesh for `credentialName`, hosts of its
/// registry for `host`, Gateways for `gateways`. Empty where anything goes.
QStringList choicesFor(const model::Project &project, const model::Resource &resource,
                       const std::string &path);

/// The mesh that a resource is of; null if it is of none.
const model::Mesh *meshOf(const model::Project &project, const model::Resource &resource);

} // namespace sallyport::inspector
