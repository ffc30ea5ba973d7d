// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pki/asn1_text.h"

#include "core/pki/openssl_error.h"
#include "core/result/wall_clock.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/x509.h>

#include <ctime>

namespace sallyport::pki {

std::string nameText(const X509_NAME *name)
{
    const BioPtr bio(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    return bioText(bio.get());
}

std::string asn1Text(const ASN1_STRING *text)
{
    return {reinterpret_cast<const char *>(ASN1_STRING_get0_data(text)),
            static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::chrono::system_clock::time_point toTimePoint(const ASN1_TIME *time)
{
    std::tm parts{};
    if (!time || ASN1_TIME_to_tm(time, &parts) != 1)
        return {};
    return wallClock(timegm(&parts));
}

} // namespace sallyport::pki
