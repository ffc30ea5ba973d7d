// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/listener.h"

#include <optional>

namespace sallyport::compile {

/// Listener filters that look at the first bytes, switched off for these ports.
dataplane::ListenerFilter tlsInspector(const std::vector<std::uint32_t> &disabledPorts = {});
dataplane::ListenerFilter httpInspector(const std::vector<std::uint32_t> &disabledPorts = {});

/// Two chains of a listener with the same criteria: Envoy refuses the whole listener. Their names or
/// positions, for a person.
std::optional<std::string> duplicateMatch(const dataplane::Listener &listener);

} // namespace sallyport::compile
