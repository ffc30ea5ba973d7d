// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/secrets.h"
#include "core/model/gateway.h"

namespace sallyport::compile {

/// What mesh mTLS offers upstream. Istio's ALPN filter chooses per request what stock Envoy takes from the
/// cluster, so the list is the one for the cluster's own protocol.
enum class MeshAlpn { Http1, Http2, Tcp, Sniffed };

/// ISTIO_MUTUAL toward `sni`: workload certificate, mesh root, the server's identities.
dataplane::UpstreamTlsContext meshUpstreamTls(SecretCollector &secrets, const std::string &sni,
                                              const std::vector<std::string> &identities, MeshAlpn alpn);

/// SIMPLE or MUTUAL of a DestinationRule. `entryNames` are the ServiceEntry's subjectAltNames. Nothing if the
/// settings lack what they need (reported in `error`).
std::optional<dataplane::UpstreamTlsContext>
upstreamTls(SecretCollector &secrets, const model::ClientTls &tls, const std::vector<std::string> &entryNames,
            bool http2, const model::MeshConfig &config, std::string &error);

/// An inbound chain of a sidecar that terminates mesh mTLS.
dataplane::DownstreamTlsContext meshInboundTls(SecretCollector &secrets, const MeshContext &mesh, bool tcp);

/// A Gateway server. `tcp`: the bytes inside are not HTTP.
dataplane::DownstreamTlsContext gatewayTls(SecretCollector &secrets, const model::ServerTls &tls,
                                           const model::MeshConfig &config, bool tcp);

/// Curves that Envoy 1.40 does not know, separated by commas; empty: it takes the list.
std::string refusedCurves(const dataplane::TlsParameters &parameters);

} // namespace sallyport::compile
