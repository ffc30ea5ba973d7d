// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pki/certificate_builder.h"

#include "core/pki/openssl_error.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <array>

namespace sallyport::pki {

namespace {

bool addExtension(X509 *certificate, X509V3_CTX *context, int nid, const char *value)
{
    const std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>> extension(
        X509V3_EXT_conf_nid(nullptr, context, nid, value));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool pushName(GENERAL_NAMES *names, int type, const std::string &value)
{
    std::unique_ptr<GENERAL_NAME, Free<GENERAL_NAME_free>> name(GENERAL_NAME_new());
    if (type == GEN_IPADD) {
        std::array<unsigned char, 16> bytes{};
        const bool v6 = value.find(':') != std::string::npos;
        if (inet_pton(v6 ? AF_INET6 : AF_INET, value.c_str(), bytes.data()) != 1)
            return false;
        ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
        ASN1_OCTET_STRING_set(octets, bytes.data(), v6 ? 16 : 4);
        GENERAL_NAME_set0_value(name.get(), type, octets);
    } else {
        ASN1_IA5STRING *text = ASN1_IA5STRING_new();
        ASN1_STRING_set(text, value.data(), static_cast<int>(value.size()));
        GENERAL_NAME_set0_value(name.get(), type, text);
    }
    return sk_GENERAL_NAME_push(names, name.release()) > 0;
}

bool addSubjectAltNames(X509 *certificate, const SubjectAltNames &names, bool critical)
{
    if (names.isEmpty())
        return true;
    // Built by hand, not from text: a comma or a newline in a name must not become another name.
    const std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>> list(GENERAL_NAMES_new());
    bool good = true;
    for (const std::string &name : names.dns)
        good = pushName(list.get(), GEN_DNS, name) && good;
    for (const std::string &name : names.uris)
        good = pushName(list.get(), GEN_URI, name) && good;
    for (const std::string &name : names.ips)
        good = pushName(list.get(), GEN_IPADD, name) && good;
    for (const std::string &name : names.emails)
        good = pushName(list.get(), GEN_EMAIL, name) && good;
    return good && X509_add1_ext_i2d(certificate, NID_subject_alt_name, list.get(), critical ? 1 : 0,
                                     X509V3_ADD_APPEND) == 1;
}

void addNameEntry(X509_NAME *name, const char *field, const std::string &value)
{
    if (!value.empty())
        X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char *>(value.data()),
                                   static_cast<int>(value.size()), -1, 0);
}

bool setSerial(X509 *certificate)
{
    // 127 random bits: positive, and unpredictable as CA/B Forum BR §7.1 wants.
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        return false;
    bytes[0] &= 0x7fU;
    bytes[0] |= 0x01U;
    const std::unique_ptr<BIGNUM, Free<BN_free>> number(
        BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool addExtensions(X509 *certificate, X509 *issuer, const CertificateRequest &request)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    // RFC 5280 §4.2.1.6: with an empty subject the names are all there is.
    const bool noSubject = request.commonName.empty() && request.organization.empty();
    std::string usages;
    if (request.server)
        usages += "serverAuth";
    if (request.client)
        usages += usages.empty() ? "clientAuth" : ",clientAuth";
    return addExtension(certificate, &context, NID_basic_constraints,
                        request.ca ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
           addExtension(certificate, &context, NID_key_usage,
                        request.ca ? "critical,keyCertSign,cRLSign"
                                   : "critical,digitalSignature,keyEncipherment") &&
           (usages.empty() || addExtension(certificate, &context, NID_ext_key_usage, usages.c_str())) &&
           addExtension(certificate, &context, NID_subject_key_identifier, "hash") &&
           (issuer == certificate ||
            addExtension(certificate, &context, NID_authority_key_identifier, "keyid")) &&
           addSubjectAltNames(certificate, request.subjectAltNames, noSubject);
}

} // namespace

Result<Certificate> issueCertificate(const CertificateRequest &request, const PrivateKey &key,
                                     const Certificate &issuer, const PrivateKey &issuerKey)
{
    Certificate certificate(X509_new());
    X509 *x509 = certificate.handle();
    const bool selfSigned = issuer.isNull();
    X509_set_version(x509, X509_VERSION_3);
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::time_t notAfter = now + static_cast<std::time_t>(request.validity.count());
    // A certificate that outlives its issuer only postpones the surprise.
    if (!selfSigned)
        notAfter = std::min(notAfter, std::chrono::system_clock::to_time_t(issuer.notAfter()));
    ASN1_TIME_set(X509_getm_notBefore(x509), now - static_cast<std::time_t>(request.backdate.count()));
    ASN1_TIME_set(X509_getm_notAfter(x509), notAfter);
    X509_NAME *name = X509_get_subject_name(x509);
    addNameEntry(name, "O", request.organization);
    addNameEntry(name, "CN", request.commonName);
    X509_set_issuer_name(x509, selfSigned ? name : X509_get_subject_name(issuer.handle()));
    X509 *issuerHandle = selfSigned ? x509 : issuer.handle();
    if (!setSerial(x509) || X509_set_pubkey(x509, key.handle()) != 1 ||
        !addExtensions(x509, issuerHandle, request))
        return fail(openSslError("the certificate for \"" + request.commonName + "\" could not be made"));
    EVP_PKEY *signer = selfSigned ? key.handle() : issuerKey.handle();
    const EVP_MD *digest = EVP_PKEY_get_base_id(signer) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
    if (X509_sign(x509, signer, digest) <= 0)
        return fail(openSslError("the certificate for \"" + request.commonName + "\" could not be signed"));
    // Parsed again: the object in hand has no cached extensions.
    const std::string der = certificate.toDer();
    const auto *at = reinterpret_cast<const unsigned char *>(der.data());
    return Certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

} // namespace sallyport::pki
