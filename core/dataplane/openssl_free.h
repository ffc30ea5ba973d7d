// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace sallyport::dataplane {

/// Deleter for OpenSSL objects: `std::unique_ptr<X509, OpenSslFree<X509_free>>`.
template<auto freeFunction>
struct OpenSslFree
{
    template<typename T>
    void operator()(T *object) const
    {
        freeFunction(object);
    }
};

} // namespace sallyport::dataplane
