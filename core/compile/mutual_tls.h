// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/mesh_context.h"

namespace sallyport::compile {

using TlsMode = model::PeerAuthentication::Mode;

/// What a sidecar's port demands of its clients: port level, then the workload's, the namespace's and the
/// mesh's PeerAuthentication, else PERMISSIVE (istio:pilot/pkg/security/authn/policy_applier.go).
TlsMode inboundTlsMode(const MeshContext &mesh, const Instance &instance, std::uint32_t port);

/// Whether a client offers mesh mTLS to endpoints with `tlsMode: istio` of this service without being told to
/// by a DestinationRule (automatic mTLS). `policy` is the rule's own for all ports, or that of its subset.
bool offersMeshTls(const MeshContext &mesh, const Service &service,
                   const std::optional<model::TrafficPolicy> &policy, std::uint32_t port);

} // namespace sallyport::compile
