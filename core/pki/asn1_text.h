// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <string>

#include <openssl/types.h>

namespace sallyport::pki {

/// RFC 2253 form, as `openssl x509 -nameopt RFC2253` prints it.
std::string nameText(const X509_NAME *name);

/// The bytes of a string type, whatever its alphabet.
std::string asn1Text(const ASN1_STRING *text);

/// A UTCTime or GeneralizedTime; the epoch if it is neither.
std::chrono::system_clock::time_point toTimePoint(const ASN1_TIME *time);

} // namespace sallyport::pki
