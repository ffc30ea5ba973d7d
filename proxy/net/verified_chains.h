// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <ctime>
#include <mutex>
#include <openssl/x509.h>
#include <string>
#include <unordered_map>

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

    /// `context` is prepared for a verification that has not run.
    bool holds(X509_STORE_CTX *context, std::time_t now) const;
    /// `context` has just been verified with success.
    void add(X509_STORE_CTX *context);
    std::size_t size() const;

private:
    struct Validity
    {
        std::time_t from = 0;
        std::time_t until = 0; ///< the first second at which a certificate has expired
    };
    mutable std::mutex m_mutex;
    std::unordered_map<std::string, Validity> m_chains; ///< by what was presented, as DER
};

} // namespace sallyport::net
