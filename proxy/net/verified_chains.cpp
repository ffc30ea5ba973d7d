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

std::shared_ptr<const VerifiedChains::Certificates> VerifiedChains::find(X509_STORE_CTX *context,
                                                                         std::time_t now) const
{
    const std::string bytes = presented(context);
    const std::lock_guard lock(m_mutex);
    const auto found = m_chains.find(bytes);
    if (found == m_chains.end() || now < found->second.from || now >= found->second.until)
        return nullptr;
    return found->second.certificates;
}

void VerifiedChains::share(X509_STORE_CTX *context, const Certificates &certificates)
{
    STACK_OF(X509) *list = X509_STORE_CTX_get0_untrusted(context);
    // Only where both lists are the peer's own, the leaf first, do equal bytes mean equal places.
    if (certificates.empty() || sk_X509_num(list) != static_cast<int>(certificates.size()) ||
        sk_X509_value(list, 0) != X509_STORE_CTX_get0_cert(context))
        return;
    for (int i = 0; i < sk_X509_num(list); ++i) {
        X509 *kept = certificates[static_cast<std::size_t>(i)].get();
        const X509Ptr own(sk_X509_value(list, i));
        X509_up_ref(kept);
        sk_X509_set(list, i, kept);
    }
    X509_STORE_CTX_set_cert(context, certificates.front().get());
}

void VerifiedChains::add(X509_STORE_CTX *context)
{
    std::string bytes = presented(context);
    if (bytes.empty())
        return;
    Verified verified{std::numeric_limits<std::time_t>::min(), std::numeric_limits<std::time_t>::max(), {}};
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(context);
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        const auto from = secondsOf(X509_get0_notBefore(sk_X509_value(chain, i)));
        const auto until = secondsOf(X509_get0_notAfter(sk_X509_value(chain, i)));
        if (!from || !until)
            return;
        verified.from = std::max(verified.from, *from);
        verified.until = std::min(verified.until, *until);
    }
    Certificates certificates;
    STACK_OF(X509) *list = X509_STORE_CTX_get0_untrusted(context);
    if (sk_X509_num(list) > 0 && sk_X509_value(list, 0) == X509_STORE_CTX_get0_cert(context)) {
        for (int i = 0; i < sk_X509_num(list); ++i) {
            X509_up_ref(sk_X509_value(list, i));
            certificates.emplace_back(sk_X509_value(list, i));
        }
    }
    verified.certificates = std::make_shared<const Certificates>(std::move(certificates));
    const std::lock_guard lock(m_mutex);
    if (m_chains.size() >= Limit)
        m_chains.clear();
    m_chains.insert_or_assign(std::move(bytes), std::move(verified));
}

std::size_t VerifiedChains::size() const
{
    const std::lock_guard lock(m_mutex);
    return m_chains.size();
}

} // namespace sallyport::net
