// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/service.h"

namespace sallyport::compile {

/// An endpoint of a ServiceEntry. `workload`: what it is called.
Endpoint fromWorkloadEntry(const model::WorkloadEntrySpec &source, const Service &service,
                           const std::string &trustDomain, const std::string &workload);

/// The WorkloadEntries of a namespace that a selector means, each with all of its labels.
std::vector<model::WorkloadEntry> selectedEntries(const model::Mesh &mesh, const std::string &nameSpace,
                                                  const model::Labels &selector);

/// Machines that a Kubernetes Service selects beside its pods. A port is found by the name that the Service
/// gives its target, or by the port's own name, else it is the target's number
/// (istio:pilot/pkg/serviceregistry/kube/controller/controller.go).
void addWorkloadEntries(Service &service, const model::Service &source, const model::Mesh &mesh);

} // namespace sallyport::compile
