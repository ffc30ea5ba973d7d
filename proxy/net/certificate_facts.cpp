// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/certificate_facts.h"

#include "core/result/wall_clock.h"
#include "proxy/net/openssl_ptr.h"

#include <arpa/inet.h>
#include <array>
#include <ctime>
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <optional>
#include <unordered_map>

namespace sallyport::net {

namespace {

std::string hex(const unsigned char *bytes, std::size_t size)
{
    constexpr char Digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(size * 2);
    for (std::size_t i = 0; i < size; ++i) {
        text += Digits[bytes[i] >> 4U];
        text += Digits[bytes[i] & 0xFU];
    }
    return text;
}

std::string digestOf(const X509 *certificate, const EVP_MD *algorithm)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (X509_digest(certificate, algorithm, digest, &size) != 1)
        return {};
    return hex(digest, size);
}

std::string nameText(const X509_NAME *name)
{
    const BioPtr bio(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253);
    char *text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string serialText(X509 *certificate)
{
    const std::unique_ptr<BIGNUM, OpenSslFree<BN_free>> number(
        ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
    if (number == nullptr)
        return {};
    const std::unique_ptr<char, void (*)(char *)> text(BN_bn2hex(number.get()),
                                                       [](char *p) { OPENSSL_free(p); });
    std::string lower(text.get());
    for (char &c : lower)
        c = c >= 'A' && c <= 'F' ? static_cast<char>(c + ('a' - 'A')) : c;
    return lower;
}

std::chrono::system_clock::time_point timeOf(const ASN1_TIME *time)
{
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1)
        return {};
    return wallClock(timegm(&parts));
}

/// Percent-encodes what PEM holds beyond letters and digits, as Envoy does.
void appendUrlEncodedPem(std::string &text, X509 *certificate)
{
    const BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), certificate);
    char *pem = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &pem);
    for (long i = 0; i < size; ++i) {
        switch (pem[i]) {
        case '\n':
            text += "%0A";
            break;
        case ' ':
            text += "%20";
            break;
        case '+':
            text += "%2B";
            break;
        case '/':
            text += "%2F";
            break;
        case '=':
            text += "%3D";
            break;
        default:
            text += pem[i];
        }
    }
}

std::string_view stringOf(const ASN1_STRING *string)
{
    return {reinterpret_cast<const char *>(ASN1_STRING_get0_data(string)),
            static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string ipOf(const ASN1_OCTET_STRING *address)
{
    char text[INET6_ADDRSTRLEN] = "";
    const int size = ASN1_STRING_length(address);
    if (size == 4)
        inet_ntop(AF_INET, ASN1_STRING_get0_data(address), text, sizeof text);
    else if (size == 16)
        inet_ntop(AF_INET6, ASN1_STRING_get0_data(address), text, sizeof text);
    return text;
}

std::string cacheKey(X509 *leaf, STACK_OF(X509) * chain)
{
    std::string key;
    const auto append = [&key](X509 *certificate) {
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned int size = 0;
        X509_digest(certificate, EVP_sha256(), digest, &size);
        key.append(reinterpret_cast<const char *>(digest), size);
    };
    append(leaf);
    for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i)
        append(sk_X509_value(chain, i));
    return key;
}

/// Nothing: its value is no text.
std::optional<GeneralName> otherNameOf(const OTHERNAME &other)
{
    switch (ASN1_TYPE_get(other.value)) {
    case V_ASN1_UTF8STRING:
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_T61STRING:
    case V_ASN1_VISIBLESTRING:
    case V_ASN1_GENERALSTRING:
    case V_ASN1_NUMERICSTRING:
    case V_ASN1_OCTET_STRING:
        break;
    default:
        return std::nullopt;
    }
    std::array<char, 128> oid{};
    OBJ_obj2txt(oid.data(), static_cast<int>(oid.size()), other.type_id, 1);
    return GeneralName{GEN_OTHERNAME, std::string(stringOf(other.value->value.asn1_string)), oid.data()};
}

} // namespace

std::vector<GeneralName> subjectAltNamesOf(X509 *certificate)
{
    std::vector<GeneralName> names;
    auto *raw =
        static_cast<GENERAL_NAMES *>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    if (raw == nullptr)
        return names;
    for (int i = 0; i < sk_GENERAL_NAME_num(raw); ++i) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(raw, i);
        switch (name->type) {
        case GEN_DNS:
        case GEN_URI:
        case GEN_EMAIL:
            names.push_back({name->type, std::string(stringOf(name->d.ia5))});
            break;
        case GEN_IPADD:
            names.push_back({name->type, ipOf(name->d.iPAddress)});
            break;
        case GEN_OTHERNAME:
            if (auto other = otherNameOf(*name->d.otherName))
                names.push_back(std::move(*other));
            break;
        default:
            break;
        }
    }
    GENERAL_NAMES_free(raw);
    return names;
}

CertificateFacts certificateFacts(X509 *leaf, STACK_OF(X509) * chain)
{
    CertificateFacts facts;
    facts.subject = nameText(X509_get_subject_name(leaf));
    facts.issuer = nameText(X509_get_issuer_name(leaf));
    facts.serial = serialText(leaf);
    for (GeneralName &name : subjectAltNamesOf(leaf)) {
        auto &list = name.type == GEN_URI         ? facts.uriSans
                     : name.type == GEN_DNS       ? facts.dnsSans
                     : name.type == GEN_IPADD     ? facts.ipSans
                     : name.type == GEN_OTHERNAME ? facts.otherNameSans
                                                  : facts.emailSans;
        list.push_back(std::move(name.text));
    }
    facts.sha256 = digestOf(leaf, EVP_sha256());
    facts.sha1 = digestOf(leaf, EVP_sha1());
    appendUrlEncodedPem(facts.urlEncodedPem, leaf);
    facts.notBefore = timeOf(X509_get0_notBefore(leaf));
    facts.notAfter = timeOf(X509_get0_notAfter(leaf));

    facts.chainSha256 = {facts.sha256};
    facts.chainSha1 = {facts.sha1};
    facts.chainSerials = {facts.serial};
    facts.urlEncodedPemChain = facts.urlEncodedPem;
    for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
        X509 *certificate = sk_X509_value(chain, i);
        if (i == 0 && X509_cmp(certificate, leaf) == 0)
            continue;
        facts.chainSha256.push_back(digestOf(certificate, EVP_sha256()));
        facts.chainSha1.push_back(digestOf(certificate, EVP_sha1()));
        facts.chainSerials.push_back(serialText(certificate));
        appendUrlEncodedPem(facts.urlEncodedPemChain, certificate);
    }
    return facts;
}

std::shared_ptr<const CertificateFacts> cachedCertificateFacts(X509 *leaf, STACK_OF(X509) * chain)
{
    constexpr std::size_t Limit = 256;
    static thread_local std::unordered_map<std::string, std::shared_ptr<const CertificateFacts>> cache;
    std::string key = cacheKey(leaf, chain);
    const auto found = cache.find(key);
    if (found != cache.end())
        return found->second;
    if (cache.size() >= Limit)
        cache.clear();
    auto facts = std::make_shared<const CertificateFacts>(certificateFacts(leaf, chain));
    cache.emplace(std::move(key), facts);
    return facts;
}

} // namespace sallyport::net
