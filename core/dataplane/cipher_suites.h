// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace sallyport::dataplane {

/// Names in `TlsParameters.cipher_suites` that Envoy does not know, separated by commas; empty: it takes the
/// list. `[A|B]` groups ciphers of equal preference; what begins with a sign is an operator, as in OpenSSL.
std::string refusedCipherSuites(const std::vector<std::string> &suites);

} // namespace sallyport::dataplane
