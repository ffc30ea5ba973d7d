// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"

#include <memory>
#include <string>
#include <string_view>

using BIO = struct bio_st;

namespace sallyport::pki {

/// The newest reason in this thread's OpenSSL error queue, in words; clears the queue.
std::string takeOpenSslReason();

/// `what: <OpenSSL's reason>` as an Error at `where`.
Error openSslError(std::string what, Place where = {}, std::string hint = {});

/// Deleter for OpenSSL objects: `std::unique_ptr<X509, Free<X509_free>>`.
template<auto freeFunction>
struct Free
{
    template<typename T>
    void operator()(T *object) const
    {
        freeFunction(object);
    }
};

/// BIO_free, for BioPtr.
struct BioFree
{
    void operator()(BIO *bio) const;
};
using BioPtr = std::unique_ptr<BIO, BioFree>;

/// A BIO that reads `bytes`, which must outlive it.
BioPtr readBio(std::string_view bytes);
/// A growing BIO in memory that is cleared when freed.
BioPtr memoryBio();
std::string bioText(BIO *bio);

} // namespace sallyport::pki
