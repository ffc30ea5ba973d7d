// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/fields.h"

namespace sallyport::model {

/// Says so where a resource is of a kind that changes what a cluster does and nothing in a lab (Istio's
/// extensions, the Gateway API, Ingresses, NetworkPolicies), or of a kind that Istio's groups do not have.
void reportKind(const Resource &resource, const DecodeContext &context);

} // namespace sallyport::model
