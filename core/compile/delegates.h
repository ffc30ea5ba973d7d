// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/virtual_service.h"

namespace sallyport::compile {

/// Puts the routes of delegates into the rules that name them, and leaves the delegates out
/// (istio:pilot/pkg/model/virtualservice.go). Names are already resolved. A rule whose delegate is missing,
/// or not exported to the root's namespace, yields no route.
std::vector<model::VirtualService> withDelegates(const std::vector<model::VirtualService> &services);

} // namespace sallyport::compile
