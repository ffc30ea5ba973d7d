// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_filters.h"
#include "proxy/http/header_map.h"
#include "proxy/telemetry/filter_state.h"
#include "proxy/upstream/cluster.h"

namespace sallyport::server {

/// What a request asks of the TLS connection it goes out on: auto_sni, auto_san_validation (router.cc),
/// Istio's ALPN filter (`alpn` may be null),
/// set_filter_state.
net::TlsClientOverrides upstreamTlsOverrides(const upstream::ClusterInfo &cluster,
                                             const http::HeaderMap &headers,
                                             const telemetry::FilterState &filterState,
                                             const dataplane::IstioAlpn *alpn, http::Protocol protocol);

} // namespace sallyport::server
