// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <openssl/ssl.h>
#include <string>
#include <vector>

namespace sallyport::net {

/// A cipher of TLS up to 1.2.
struct OfferedCipher
{
    unsigned id = 0; ///< as on the wire
    std::string name;
};
/// In the server's order; those of one group are as good as each other.
using CipherGroups = std::vector<std::vector<OfferedCipher>>;

/// OpenSSL's list of what is configured (Envoy's own if nothing is). Names that OpenSSL does not know are
/// left out, as others of the list may do.
std::string cipherList(const std::vector<std::string> &configured);
/// What of the configured list the context has taken.
CipherGroups groupsOfCiphers(const SSL_CTX *context, const std::vector<std::string> &configured);
/// While a ClientHello is handled: of ciphers that are as good as each other the client's first is to be
/// taken, which OpenSSL by itself does not know.
void orderEquals(SSL *ssl, const CipherGroups &groups);

} // namespace sallyport::net
