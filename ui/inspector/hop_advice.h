// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/problems/finding.h"
#include "ui/topology/chain.h"

#include <optional>

namespace sallyport::inspector {

/// Where a DestinationRule sets the TLS of a hop: its own port's settings, else those of all ports.
std::string tlsPathOf(const model::Resource &rule, int port);

/// A hop that does not look at the server's name, as a warning at its rule's `subjectAltNames` with the
/// button that sets it. Nothing if the hop is fine or the resource is not the rule of its TLS.
std::optional<problems::Finding> nameNotVerified(const topology::ChainHop &hop, const model::Resource &rule);

} // namespace sallyport::inspector
