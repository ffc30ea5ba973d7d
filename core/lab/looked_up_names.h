// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/address_plan.h"
#include "core/model/project.h"

#include <QByteArray>

namespace sallyport::lab {

/// The hosts file of a mesh's gateways, for names that come with a request and are looked up while they run
/// (dynamic forward proxies): Services of the mesh and `.sallyport/hosts`, with this machine's addresses. A
/// Service's port leads to its pods' (`ADDRESS:PORT NAME:PORT`), as kube-proxy would have it.
QByteArray lookedUpNames(const model::Project &project, const AddressPlan &addresses,
                         const std::string &mesh);

} // namespace sallyport::lab
