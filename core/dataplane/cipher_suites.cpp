// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/cipher_suites.h"

#include "core/dataplane/openssl_free.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <set>

namespace sallyport::dataplane {

std::string refusedCipherSuites(const std::vector<std::string> &suites)
{
    std::string rejected;
    if (suites.empty())
        return rejected;
    static const std::set<std::string, std::less<>> obsolete{
        "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-AES128-SHA256"};
    const std::unique_ptr<SSL_CTX, OpenSslFree<SSL_CTX_free>> context(SSL_CTX_new(TLS_method()));
    for (const std::string &entry : suites) {
        std::string list = entry;
        std::replace_if(
            list.begin(), list.end(), [](char c) { return c == '[' || c == ']' || c == '|'; }, ':');
        for (std::size_t at = 0; at < list.size();) {
            const std::size_t end = std::min(list.find(':', at), list.size());
            const std::string name = list.substr(at, end - at);
            at = end + 1;
            if (name.empty() || !std::isalnum(static_cast<unsigned char>(name.front())))
                continue;
            if (obsolete.find(name) != obsolete.end() ||
                SSL_CTX_set_cipher_list(context.get(), name.c_str()) != 1)
                rejected += (rejected.empty() ? "" : ", ") + name;
        }
    }
    ERR_clear_error();
    return rejected;
}

} // namespace sallyport::dataplane
