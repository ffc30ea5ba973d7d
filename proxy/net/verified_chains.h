// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/openssl_ptr.h"

#include <cstddef>
#include <ctime>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace sallyport::net {

/// Remembers which presented chains were verified against one set of anchors, so that a peer that comes back
/// costs no second check of signatures. A verdict holds while every certificate of the chain is valid, and
/// only for exactly the bytes that were presented; refusals are not remembered. Not for verifiers with
/// revocation lists, whose answers change with more than the certificates' dates. Any thread.
class VerifiedChains
{
public:
    static constexpr std::size_t Limit = 1024;         ///< chains
    static constexpr std::size_t LargestChain = 16384; ///< bytes; longer ones are verified each time

    /// Certificates of a verified chain as they were presented once.
    using Certificates = std::vector<X509Ptr>;

    /// `context` is prepared for a verification that has not run. Null: it has to run.
    std::shared_ptr<const Certificates> find(X509_STORE_CTX *context, std::time_t now) const;
    bool holds(X509_STORE_CTX *context, std::time_t now) const { return find(context, now) != nullptr; }
    /// `context` has just been verified with success.
    void add(X509_STORE_CTX *context);
    std::size_t size() const;

    /// Puts `certificates`, which find() gave for `context`, into the place of the equal ones that the
    /// context was prepared with, and frees those: a thousand connections of one peer then keep one
    /// certificate, each of which takes 5 KiB when read. The context's list must own its certificates, as
    /// OpenSSL's in a handshake does.
    static void share(X509_STORE_CTX *context, const Certificates &certificates);

private:
    struct Verified
    {
        std::time_t from = 0;
        std::time_t until = 0; ///< the first second at which a certificate has expired
        std::shared_ptr<const Certificates> certificates;
    };
    mutable std::mutex m_mutex;
    std::unordered_map<std::string, Verified> m_chains; ///< by what was presented, as DER
};

} // namespace sallyport::net
