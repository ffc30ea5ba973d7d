// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_connection_manager.h"
#include "proxy/http/header_map.h"
#include "proxy/net/tls_info.h"

namespace sallyport::server {

/// Sets, extends or removes x-forwarded-client-cert as forward_client_cert_details says
/// (source/common/http/conn_manager_utility.cc, mutateXfccRequestHeader). `tls` is null on plaintext.
void mutateForwardedClientCert(http::HeaderMap &headers,
                               const dataplane::HttpConnectionManager &configuration,
                               const net::TlsInfo *tls);

} // namespace sallyport::server
