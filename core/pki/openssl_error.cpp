// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pki/openssl_error.h"

#include <openssl/bio.h>
#include <openssl/err.h>

namespace sallyport::pki {

std::string takeOpenSslReason()
{
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    if (code == 0)
        return "no reason given";
    const char *reason = ERR_reason_error_string(code);
    return reason ? reason : "error " + std::to_string(code);
}

Error openSslError(std::string what, Place where, std::string hint)
{
    return Error{std::move(what) + ": " + takeOpenSslReason(), std::move(where), std::move(hint)};
}

void BioFree::operator()(BIO *bio) const
{
    BIO_free_all(bio);
}

BioPtr readBio(std::string_view bytes)
{
    return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

BioPtr memoryBio()
{
    return BioPtr(BIO_new(BIO_s_secmem()));
}

std::string bioText(BIO *bio)
{
    char *data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

} // namespace sallyport::pki
