// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/address_plan.h"
#include "core/model/project.h"

namespace sallyport::lab {

/// The names that the data planes of a mesh look up while they run, with this machine's addresses: Services
/// of the mesh, then `.sallyport/hosts`.
std::map<std::string, std::vector<std::string>>
lookedUpNames(const model::Project &project, const AddressPlan &addresses, const std::string &mesh);

} // namespace sallyport::lab
