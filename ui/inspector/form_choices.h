// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project.h"

#include <QStringList>

namespace sallyport::inspector {

/// Names of the project that a field may refer to: credentials of the mesh for `credentialName`, hosts of its
/// registry for `host`, Gateways for `gateways`. Empty where anything goes.
QStringList choicesFor(const model::Project &project, const model::Resource &resource,
                       const std::string &path);

/// What there is of the credential that a resource names, `key, certificate and CA · 71 d`; empty if the mesh
/// has none of that name.
QString credentialWords(const model::Project &project, const model::Resource &resource, const QString &name);

/// The mesh that a resource is of; null if it is of none.
const model::Mesh *meshOf(const model::Project &project, const model::Resource &resource);

} // namespace sallyport::inspector
