// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/clusters.h"

namespace sallyport::compile {

/// The JWT filter of the RequestAuthentications that hold for a workload; none if there are none. A token
/// must be valid if there is one (istio:pilot/pkg/security/authn/policy_applier.go).
std::optional<dataplane::HttpFilter> jwtFilter(const ProxyContext &proxy);

/// The first inline key set of that filter that Envoy refuses, and the whole listener with it; none if it
/// takes them all.
std::optional<Error> refusedKeys(const ProxyContext &proxy);

} // namespace sallyport::compile
