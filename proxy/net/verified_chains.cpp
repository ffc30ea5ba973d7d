// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/verified_chains.h"

#include <algorithm>
#include <limits>
#include <openssl/x509_vfy.h>
#include <optional>

namespace sallyport::net {

namespace {

bool appendDer(std::string &bytes, X509 *certificate)
{
    unsigned char *der = nullptr;
    const int size = i2d_X509(certificate, &der);
    if (size <= 0)
        return false;
    bytes.append(reinterpret_cast<const char *>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return bytes.size() <= VerifiedChains::LargestChain;
}

/// The leaf and whatever the peer sent with it; empty if that is too long.
std::string presented(X509_STORE_CTX *context)
{
    std::string bytes;
    X509 *leaf = X509_STORE_CTX_get0_cert(context);
    if (!appendDer(bytes, leaf))
        return {};
    STACK_OF(X509) *others = X509_STORE_CTX_get0_untrusted(context);
    for (int i = 0; i < sk_X509_num(others); ++i) {
        X509 *other = sk_X509_value(others, i);
        if (other != leaf && !appendDer(bytes, other))
            return {};
    }
    return bytes;
}

std::optional<std::time_t> secondsOf(const ASN1_TIME *time)
{
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1)
        return std::nullopt;
    return timegm(&parts);
}

} // namespace

bool VerifiedChains::holds(X509_STORE_CTX *context, std::time_t now) const
{
    const std::string bytes = presented(context);
    const std::lock_guard lock(m_mutex);
    const auto found = m_chains.find(bytes);
    return found != m_chains.end() && now >= found->second.from && now < found->second.until;
}

void VerifiedChains::add(X509_STORE_CTX *context)
{
    std::string bytes = presented(context);
    if (bytes.empty())
        return;
    Validity validity{std::numeric_limits<std::time_t>::min(), std::numeric_limits<std::time_t>::max()};
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(context);
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        const auto from = secondsOf(X509_get0_notBefore(sk_X509_value(chain, i)));
        const auto until = secondsOf(X509_get0_notAfter(sk_X509_value(chain, i)));
        if (!from || !until)
            return;
        validity.from = std::max(validity.from, *from);
        validity.until = std::min(validity.until, *until);
    }
    const std::lock_guard lock(m_mutex);
    if (m_chains.size() >= Limit)
        m_chains.clear();
    m_chains.insert_or_assign(std::move(bytes), validity);
}

std::size_t VerifiedChains::size() const
{
    const std::lock_guard lock(m_mutex);
    return m_chains.size();
}

} // namespace sallyport::net
