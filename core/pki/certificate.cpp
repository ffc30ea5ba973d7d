// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pki/certificate.h"

#include "core/pki/asn1_text.h"
#include "core/pki/openssl_error.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <array>

namespace sallyport::pki {

namespace {

std::string ipText(const ASN1_OCTET_STRING *octets)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = ASN1_STRING_length(octets) == 4 ? AF_INET : AF_INET6;
    if (family == AF_INET6 && ASN1_STRING_length(octets) != 16)
        return {};
    return inet_ntop(family, ASN1_STRING_get0_data(octets), text.data(), text.size()) ? text.data()
                                                                                      : std::string();
}

KeyPurpose purpose(X509 *certificate, unsigned int usage)
{
    if (!(X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE))
        return KeyPurpose::Unrestricted;
    return X509_get_extended_key_usage(certificate) & (usage | XKU_ANYEKU) ? KeyPurpose::Allowed
                                                                           : KeyPurpose::Forbidden;
}

void appendNames(std::string &text, std::string_view kind, const std::vector<std::string> &names)
{
    for (const std::string &name : names) {
        if (!text.empty())
            text += ", ";
        text += kind;
        text += name;
    }
}

} // namespace

std::string SubjectAltNames::toString() const
{
    std::string text;
    appendNames(text, "DNS:", dns);
    appendNames(text, "URI:", uris);
    appendNames(text, "IP:", ips);
    appendNames(text, "email:", emails);
    return text;
}

Certificate::Certificate(X509 *certificate)
    : m_certificate(certificate, X509_free)
{
}

std::string Certificate::subject() const
{
    return m_certificate ? nameText(X509_get_subject_name(handle())) : std::string();
}

std::string Certificate::issuer() const
{
    return m_certificate ? nameText(X509_get_issuer_name(handle())) : std::string();
}

std::string Certificate::commonName() const
{
    if (!m_certificate)
        return {};
    const X509_NAME *name = X509_get_subject_name(handle());
    const int index = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    return index < 0 ? std::string() : asn1Text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
}

std::string Certificate::serial() const
{
    if (!m_certificate)
        return {};
    const std::unique_ptr<BIGNUM, Free<BN_free>> number(
        ASN1_INTEGER_to_BN(X509_get0_serialNumber(handle()), nullptr));
    char *hex = number ? BN_bn2hex(number.get()) : nullptr;
    std::string text = hex ? hex : "";
    OPENSSL_free(hex);
    return text;
}

TimePoint Certificate::notBefore() const
{
    return m_certificate ? toTimePoint(X509_get0_notBefore(handle())) : TimePoint();
}

TimePoint Certificate::notAfter() const
{
    return m_certificate ? toTimePoint(X509_get0_notAfter(handle())) : TimePoint();
}

SubjectAltNames Certificate::subjectAltNames() const
{
    SubjectAltNames names;
    if (!m_certificate)
        return names;
    const std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>> list(
        static_cast<GENERAL_NAMES *>(X509_get_ext_d2i(handle(), NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; list && i < sk_GENERAL_NAME_num(list.get()); ++i) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(list.get(), i);
        switch (name->type) {
        case GEN_DNS:
            names.dns.push_back(asn1Text(name->d.dNSName));
            break;
        case GEN_URI:
            names.uris.push_back(asn1Text(name->d.uniformResourceIdentifier));
            break;
        case GEN_EMAIL:
            names.emails.push_back(asn1Text(name->d.rfc822Name));
            break;
        case GEN_IPADD:
            names.ips.push_back(ipText(name->d.iPAddress));
            break;
        default:
            break;
        }
    }
    return names;
}

bool Certificate::isCa() const
{
    return m_certificate && X509_check_ca(handle()) > 0;
}

bool Certificate::saysCa() const
{
    return m_certificate && (X509_get_extension_flags(handle()) & EXFLAG_CA) != 0;
}

bool Certificate::isSelfSigned() const
{
    return m_certificate && X509_self_signed(handle(), 1) == 1;
}

KeyPurpose Certificate::clientPurpose() const
{
    return purpose(handle(), XKU_SSL_CLIENT);
}

KeyPurpose Certificate::serverPurpose() const
{
    return purpose(handle(), XKU_SSL_SERVER);
}

std::string Certificate::keyDescription() const
{
    EVP_PKEY *key = m_certificate ? X509_get_pubkey(handle()) : nullptr;
    if (!key)
        return "unknown";
    const PrivateKey described(key);
    const std::string algorithm = described.algorithm();
    return algorithm == "RSA" ? algorithm + ' ' + std::to_string(described.bits()) : algorithm;
}

int Certificate::keySecurityBits() const
{
    EVP_PKEY *key = m_certificate ? X509_get0_pubkey(handle()) : nullptr;
    return key ? EVP_PKEY_get_security_bits(key) : 0;
}

std::string Certificate::signatureAlgorithm() const
{
    const char *name = m_certificate ? OBJ_nid2sn(X509_get_signature_nid(handle())) : nullptr;
    return name ? name : "unknown";
}

std::string Certificate::fingerprint() const
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    if (!m_certificate || X509_digest(handle(), EVP_sha256(), digest.data(), &length) != 1)
        return {};
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(std::size_t(length) * 2);
    for (unsigned int i = 0; i < length; ++i) {
        text += digits[digest[i] >> 4U];
        text += digits[digest[i] & 15U];
    }
    return text;
}

std::string Certificate::toPem() const
{
    if (!m_certificate)
        return {};
    const BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), handle());
    return bioText(bio.get());
}

std::string Certificate::toDer() const
{
    unsigned char *data = nullptr;
    const int length = m_certificate ? i2d_X509(handle(), &data) : 0;
    std::string der = length > 0
                          ? std::string(reinterpret_cast<char *>(data), static_cast<std::size_t>(length))
                          : std::string();
    OPENSSL_free(data);
    return der;
}

bool Certificate::belongsTo(const PrivateKey &key) const
{
    return m_certificate && !key.isNull() && X509_check_private_key(handle(), key.handle()) == 1;
}

bool Certificate::isSignedBy(const Certificate &ca) const
{
    if (!m_certificate || ca.isNull())
        return false;
    EVP_PKEY *key = X509_get0_pubkey(ca.handle());
    const bool valid = key && X509_verify(handle(), key) == 1;
    if (!valid)
        takeOpenSslReason();
    return valid;
}

bool Certificate::operator==(const Certificate &other) const
{
    if (isNull() || other.isNull())
        return isNull() && other.isNull();
    return X509_cmp(handle(), other.handle()) == 0;
}

Result<void> verifyChain(const Certificate &leaf, const std::vector<Certificate> &intermediates,
                         const std::vector<Certificate> &roots, TimePoint at)
{
    const std::unique_ptr<X509_STORE, Free<X509_STORE_free>> store(X509_STORE_new());
    for (const Certificate &root : roots)
        X509_STORE_add_cert(store.get(), root.handle());
    const auto freeStack = [](STACK_OF(X509) * stack) { sk_X509_free(stack); };
    const std::unique_ptr<STACK_OF(X509), decltype(freeStack)> chain(sk_X509_new_null(), freeStack);
    for (const Certificate &intermediate : intermediates)
        sk_X509_push(chain.get(), intermediate.handle());
    const std::unique_ptr<X509_STORE_CTX, Free<X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
    if (leaf.isNull() || X509_STORE_CTX_init(context.get(), store.get(), leaf.handle(), chain.get()) != 1)
        return fail(openSslError("the certificate chain could not be checked"));
    X509_STORE_CTX_set_time(context.get(), 0, std::chrono::system_clock::to_time_t(at));
    // A mesh's root of trust may itself be an intermediate of somebody's larger PKI.
    X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context.get()), X509_V_FLAG_PARTIAL_CHAIN);
    if (X509_verify_cert(context.get()) == 1)
        return {};
    const int code = X509_STORE_CTX_get_error(context.get());
    X509 *culprit = X509_STORE_CTX_get_current_cert(context.get());
    takeOpenSslReason();
    std::string what = X509_verify_cert_error_string(code);
    if (culprit)
        what += " (certificate " + nameText(X509_get_subject_name(culprit)) + ')';
    return fail(std::move(what));
}

} // namespace sallyport::pki
