// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/listener.h"

#include <optional>

namespace sallyport::compile {

/// Listener filters that look at the first bytes.
dataplane::ListenerFilter tlsInspector();
dataplane::ListenerFilter httpInspector();

/// The inspectors that a sidecar's inbound chains need, on those ports only whose chains ask for what they
/// find: where nobody looks, servers may speak first
/// (istio:pilot/pkg/networking/core/listener_inbound.go populateListenerFilters).
std::vector<dataplane::ListenerFilter> inboundInspectors(const std::vector<dataplane::FilterChain> &chains);

/// Two chains of a listener with the same criteria: Envoy refuses the whole listener. Their names or
/// positions, for a person.
std::optional<std::string> duplicateMatch(const dataplane::Listener &listener);

} // namespace sallyport::compile
