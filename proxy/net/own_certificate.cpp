// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/own_certificate.h"

#include "proxy/net/certificate_facts.h"
#include "proxy/net/tls_verifier.h"

#include <algorithm>
#include <cstring>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

namespace sallyport::net {

namespace {

using Pkcs12Ptr = std::unique_ptr<PKCS12, OpenSslFree<PKCS12_free>>;

int copyPassword(char *buffer, int size, int /*writing*/, void *password)
{
    const auto &text = *static_cast<const std::string *>(password);
    const int length = std::min(size, static_cast<int>(text.size()));
    std::memcpy(buffer, text.data(), static_cast<std::size_t>(length));
    return length;
}

Result<void> loadPkcs12(OwnCertificate &own, const dataplane::DataSource &source, const std::string &password)
{
    const auto bytes = readDataSource(source);
    if (!bytes)
        return fail(bytes.error());
    const BioPtr bio(BIO_new_mem_buf(bytes->data(), static_cast<int>(bytes->size())));
    const Pkcs12Ptr pkcs12(d2i_PKCS12_bio(bio.get(), nullptr));
    X509 *leaf = nullptr;
    EVP_PKEY *key = nullptr;
    STACK_OF(X509) *others = nullptr;
    const bool parsed =
        pkcs12 != nullptr && PKCS12_parse(pkcs12.get(), password.c_str(), &key, &leaf, &others) == 1;
    own.leaf.reset(leaf);
    own.key.reset(key);
    while (sk_X509_num(others) > 0)
        own.chain.emplace_back(sk_X509_shift(others));
    sk_X509_free(others);
    if (!parsed || leaf == nullptr || key == nullptr)
        return fail(withOpensslReason("Failed to load pkcs12 from " + dataSourceName(source)));
    ERR_clear_error();
    return {};
}

Result<void> loadChain(OwnCertificate &own, const dataplane::DataSource &source)
{
    const auto bytes = readDataSource(source);
    if (!bytes)
        return fail(bytes.error());
    const BioPtr bio(BIO_new_mem_buf(bytes->data(), static_cast<int>(bytes->size())));
    while (X509 *certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
        if (own.leaf == nullptr)
            own.leaf.reset(certificate);
        else
            own.chain.emplace_back(certificate);
    }
    ERR_clear_error();
    return own.leaf != nullptr ? Result<void>()
                               : fail("Failed to load certificate chain from " + dataSourceName(source));
}

Result<void> loadKey(OwnCertificate &own, const dataplane::DataSource &source, std::string password)
{
    const auto bytes = readDataSource(source);
    if (!bytes)
        return fail(bytes.error());
    const BioPtr bio(BIO_new_mem_buf(bytes->data(), static_cast<int>(bytes->size())));
    own.key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, copyPassword, &password));
    const std::string problem = "Failed to load private key from " + dataSourceName(source);
    if (own.key == nullptr)
        return fail(withOpensslReason(problem));
    if (X509_check_private_key(own.leaf.get(), own.key.get()) != 1)
        return fail(withOpensslReason(problem + ": it does not belong to the certificate"));
    return {};
}

} // namespace

Result<OwnCertificate> OwnCertificate::load(const dataplane::TlsCertificate &configuration)
{
    OwnCertificate own;
    const auto password = readDataSource(configuration.password);
    if (!password)
        return fail(password.error());
    const bool pkcs12 = configuration.pkcs12.isSet();
    Result<void> loaded = pkcs12 ? loadPkcs12(own, configuration.pkcs12, *password)
                                 : loadChain(own, configuration.certificateChain);
    if (loaded && !pkcs12)
        loaded = loadKey(own, configuration.privateKey, *password);
    if (!loaded)
        return fail(loaded.error());
    own.inUse.path = dataSourceName(pkcs12 ? configuration.pkcs12 : configuration.certificateChain);
    own.inUse.facts = certificateFacts(own.leaf.get(), nullptr);
    own.names = own.inUse.facts.dnsSans;
    if (own.names.empty()) {
        char name[256];
        const int size = X509_NAME_get_text_by_NID(X509_get_subject_name(own.leaf.get()), NID_commonName,
                                                   name, sizeof name);
        if (size > 0)
            own.names.emplace_back(name, static_cast<std::size_t>(size));
    }
    return own;
}

Result<OwnCertificate> OwnCertificate::load(const dataplane::TlsCertificate &configuration,
                                            StaplePolicy policy)
{
    Result<OwnCertificate> own = load(configuration);
    if (!own)
        return own;
    const auto der = readDataSource(configuration.ocspStaple);
    if (!der)
        return fail(der.error());
    auto staple = dataplane::stapleFor(own->leaf.get(), *der, policy);
    if (!staple)
        return fail(staple.error());
    own->staple = *std::move(staple);
    own->demandsStaple = dataplane::demandsStaple(own->leaf.get());
    if (own->staple)
        own->inUse.staple = CertificateInUse::Staple{own->staple->thisUpdate, own->staple->nextUpdate};
    return own;
}

OwnCertificate::Stapling OwnCertificate::stapling(StaplePolicy policy) const
{
    if (staple && !staple->isExpired(std::chrono::system_clock::now()))
        return Stapling::Send;
    const bool needed =
        demandsStaple || policy == StaplePolicy::MustStaple || (policy == StaplePolicy::Strict && staple);
    return needed ? Stapling::Refuse : Stapling::Omit;
}

std::string withOpensslReason(std::string what)
{
    const unsigned long error = ERR_peek_last_error();
    ERR_clear_error();
    if (const char *reason = ERR_reason_error_string(error); reason != nullptr)
        what += std::string(": ") + reason;
    return what;
}

} // namespace sallyport::net
