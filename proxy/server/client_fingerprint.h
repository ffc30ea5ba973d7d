// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/server/client_hello.h"

#include <string>

namespace sallyport::server {

/// What tells one TLS client's software from another's. `hello` has its offer.
/// JA3: MD5, in hexadecimal, of version, ciphers, extensions, groups and point formats.
std::string ja3Fingerprint(const ClientHello &hello);
/// JA4: `t13d1516h2_8daaf6152771_e5627efa2ab1`, as Envoy forms it.
std::string ja4Fingerprint(const ClientHello &hello);

} // namespace sallyport::server
