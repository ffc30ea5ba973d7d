// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/check.h"
#include "core/dataplane/cipher_suites.h"
#include "core/dataplane/json_archive.h"
#include "core/dataplane/ocsp_response.h"
#include "core/dataplane/openssl_free.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cctype>

namespace sallyport::dataplane {

namespace {

std::string readSource(const DataSource &source, bool &readable)
{
    readable = true;
    if (source.inlineString)
        return *source.inlineString;
    if (source.inlineBytes)
        return *source.inlineBytes;
    if (!source.environmentVariable.empty())
        return qgetenv(source.environmentVariable.c_str()).toStdString();
    QFile file(toQt(source.filename));
    readable = file.open(QIODevice::ReadOnly);
    return file.readAll().toStdString();
}

using BioPtr = std::unique_ptr<BIO, OpenSslFree<BIO_free>>;
using X509Ptr = std::unique_ptr<X509, OpenSslFree<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpenSslFree<EVP_PKEY_free>>;
using Pkcs12Ptr = std::unique_ptr<PKCS12, OpenSslFree<PKCS12_free>>;

BioPtr bioOf(const std::string &text)
{
    return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

using StaplePolicy = DownstreamTlsContext::OcspStaplePolicy;

Checked checkReadable(const DataSource &source, const std::string &path)
{
    bool readable = true;
    if (source.isSet())
        readSource(source, readable);
    return readable ? checkFile(source.filename, path)
                    : failAt(path, "the file " + source.filename + " does not exist or cannot be read");
}

X509Ptr leafOfPkcs12(const TlsCertificate &certificate)
{
    bool readable = false;
    const std::string bytes = readSource(certificate.pkcs12, readable);
    const std::string password =
        certificate.password.isSet() ? readSource(certificate.password, readable) : std::string();
    const Pkcs12Ptr pkcs12(d2i_PKCS12_bio(bioOf(bytes).get(), nullptr));
    X509 *x509 = nullptr;
    EVP_PKEY *pkey = nullptr;
    if (pkcs12)
        PKCS12_parse(pkcs12.get(), password.c_str(), &pkey, &x509, nullptr);
    ERR_clear_error();
    const KeyPtr key(pkey);
    X509Ptr leaf(x509);
    return key ? std::move(leaf) : nullptr;
}

Checked checkPkcs12(const TlsCertificate &certificate, const std::string &path, X509Ptr &leaf)
{
    if (const Checked readable = checkReadable(certificate.pkcs12, path + ".pkcs12"); !readable)
        return readable;
    leaf = leafOfPkcs12(certificate);
    return leaf ? Checked()
                : failAt(path + ".pkcs12", "Failed to load pkcs12 from " + certificate.pkcs12.filename);
}

Checked checkPem(const TlsCertificate &certificate, const std::string &path, X509Ptr &leaf)
{
    Chain files;
    files(checkReadable(certificate.certificateChain, path + ".certificate_chain"));
    files(checkReadable(certificate.privateKey, path + ".private_key"));
    if (!files.good())
        return files.take();
    if (!certificate.certificateChain.isSet() || !certificate.privateKey.isSet())
        return failAt(path, "a certificate needs certificate_chain and private_key");
    bool readable = false;
    const std::string chain = readSource(certificate.certificateChain, readable);
    const std::string key = readSource(certificate.privateKey, readable);
    leaf.reset(PEM_read_bio_X509_AUX(bioOf(chain).get(), nullptr, nullptr, nullptr));
    std::string password =
        certificate.password.isSet() ? readSource(certificate.password, readable) : std::string();
    const auto givePassword = [](char *buffer, int size, int, void *data) {
        const auto *text = static_cast<const std::string *>(data);
        const int length = std::min(size, static_cast<int>(text->size()));
        std::copy_n(text->data(), length, buffer);
        return length;
    };
    const KeyPtr pkey(PEM_read_bio_PrivateKey(bioOf(key).get(), nullptr, givePassword, &password));
    ERR_clear_error();
    if (!leaf)
        return failAt(path + ".certificate_chain",
                      "Failed to load certificate chain from " + certificate.certificateChain.filename);
    if (!pkey)
        return failAt(path + ".private_key",
                      "Failed to load private key from " + certificate.privateKey.filename);
    const bool match = X509_check_private_key(leaf.get(), pkey.get()) == 1;
    ERR_clear_error();
    return match ? Checked()
                 : failAt(path + ".private_key", "Failed to load private key from " +
                                                     certificate.privateKey.filename +
                                                     ", Cause: KEY_VALUES_MISMATCH");
}

/// A server's if there is a policy of stapling.
Checked checkCertificate(const TlsCertificate &certificate, const std::string &path,
                         std::optional<StaplePolicy> stapling)
{
    X509Ptr leaf;
    const Checked loaded =
        certificate.pkcs12.isSet() ? checkPkcs12(certificate, path, leaf) : checkPem(certificate, path, leaf);
    if (!loaded)
        return loaded;
    const std::string at = path + ".ocsp_staple";
    if (const Checked readable = checkReadable(certificate.ocspStaple, at); !readable || !stapling)
        return readable;
    bool readable = true;
    const std::string der =
        certificate.ocspStaple.isSet() ? readSource(certificate.ocspStaple, readable) : std::string();
    const auto staple = stapleFor(leaf.get(), der, *stapling);
    return staple ? Checked() : failAt(at, staple.error().what);
}

Checked checkTicketKeys(const std::vector<DataSource> &keys, const std::string &path)
{
    constexpr std::size_t expected = 80;
    Chain chain;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::string at = path + "[" + std::to_string(i) + ']';
        chain(checkReadable(keys[i], at));
        bool readable = true;
        if (const std::size_t size = readSource(keys[i], readable).size(); size != expected)
            chain(failAt(at, "Incorrect TLS session ticket key length. Length " + std::to_string(size) +
                                 ", expected length " + std::to_string(expected) + '.'));
    }
    return chain.take();
}

Checked checkValidation(const CertificateValidationContext &context, const std::string &path,
                        bool caFromSecret)
{
    bool readable = true;
    if (context.trustedCa.isSet()) {
        if (const Checked file = checkReadable(context.trustedCa, path + ".trusted_ca"); !file)
            return file;
        const std::string ca = readSource(context.trustedCa, readable);
        const X509Ptr x509(PEM_read_bio_X509_AUX(bioOf(ca).get(), nullptr, nullptr, nullptr));
        ERR_clear_error();
        if (!x509)
            return failAt(path + ".trusted_ca",
                          "Failed to load trusted CA certificates from " + context.trustedCa.filename);
    }
    const bool names = !context.subjectAltNames.empty() || !context.anySubjectAltNames.empty();
    if (names && !context.trustedCa.isSet() && !caFromSecret)
        return failAt(
            path,
            "SAN-based verification of peer certificates without trusted CA is insecure and not allowed");
    Chain chain;
    for (const SubjectAltNameMatcher &matcher : context.subjectAltNames)
        chain(checkString(matcher.matcher, path + ".match_typed_subject_alt_names"));
    for (const std::string &hash : context.verifyCertificateHash) {
        std::string digits = hash;
        // Either a colon between all bytes, or none.
        constexpr std::size_t withColons = 95;
        if (digits.size() == withColons)
            digits.erase(std::remove(digits.begin(), digits.end(), ':'), digits.end());
        const bool hexadecimal =
            digits.size() == 64 &&
            std::all_of(digits.begin(), digits.end(), [](unsigned char c) { return std::isxdigit(c); });
        if (!hexadecimal)
            chain(failAt(path + ".verify_certificate_hash", "Invalid hex-encoded SHA-256 " + hash));
    }
    for (const std::string &spki : context.verifyCertificateSpki) {
        const QByteArray digest = QByteArray::fromBase64(QByteArray::fromStdString(spki));
        if (digest.size() != 32 || digest.toBase64().toStdString() != spki)
            chain(failAt(path + ".verify_certificate_spki", "Invalid base64-encoded SHA-256 " + spki));
    }
    return chain.take();
}

Checked checkKeyLog(const TlsKeyLog &log, const std::string &path)
{
    const QFileInfo file(toQt(log.path));
    return file.absoluteDir().exists() && !file.isDir()
               ? Checked()
               : failAt(path + ".path", "unable to open file '" + log.path + "': No such file or directory");
}

Checked checkCommonTls(const CommonTlsContext &common, const std::string &path,
                       std::optional<StaplePolicy> stapling, const DeclaredNames &declared)
{
    Chain chain;
    // Without a source the secret is one of the bootstrap's own.
    for (std::size_t i = 0; i < common.certificateSecrets.size(); ++i) {
        const SdsSecretConfig &secret = common.certificateSecrets[i];
        if (secret.source)
            continue;
        const std::string at = path + ".tls_certificate_sds_secret_configs[" + std::to_string(i) + ']';
        const auto found = declared.certificates.find(secret.name);
        chain(found == declared.certificates.end()
                  ? failAt(at, "Unknown static secret: " + secret.name)
                  : checkCertificate(*found->second->certificate, at, stapling));
    }
    std::optional<CertificateValidationContext> validation = common.validation;
    if (const auto &secret = common.validationSecret; secret && !secret->source) {
        const auto found = declared.validations.find(secret->name);
        if (found == declared.validations.end()) {
            chain(failAt(path + ".validation_context_sds_secret_config",
                         "Unknown static certificate validation context: " + secret->name));
        } else {
            validation = validation.value_or(CertificateValidationContext());
            if (found->second->validation->trustedCa.isSet())
                validation->trustedCa = found->second->validation->trustedCa;
        }
    }
    if (stapling && common.certificates.empty() && common.certificateSecrets.empty())
        chain(failAt(path, "No TLS certificates found for server context"));
    for (std::size_t i = 0; i < common.certificates.size(); ++i)
        chain(checkCertificate(common.certificates[i], path + ".tls_certificates[" + std::to_string(i) + ']',
                               stapling));
    if (validation)
        chain(checkValidation(*validation, path + ".validation_context",
                              common.validationSecret && common.validationSecret->source));
    if (const std::string rejected = refusedCipherSuites(common.parameters.cipherSuites); !rejected.empty())
        chain(failAt(path + ".tls_params.cipher_suites",
                     "Failed to initialize cipher suites. The following ciphers were rejected when tried "
                     "individually: " +
                         rejected));
    if (common.keyLog)
        chain(checkKeyLog(*common.keyLog, path + ".key_log"));
    return chain.take();
}

} // namespace

Checked checkUpstreamTls(const UpstreamTlsContext &tls, const std::string &path,
                         const DeclaredNames &declared)
{
    return checkCommonTls(tls.common, path + ".common_tls_context", std::nullopt, declared);
}

Checked checkDownstreamTls(const DownstreamTlsContext &tls, const std::string &path,
                           const DeclaredNames &declared)
{
    Chain chain;
    chain(checkCommonTls(tls.common, path + ".common_tls_context", tls.ocspStaplePolicy, declared));
    chain(checkTicketKeys(tls.sessionTicketKeys, path + ".session_ticket_keys.keys"));
    if (const auto &secret = tls.sessionTicketKeysSecret; secret && !secret->source) {
        const std::string at = path + ".session_ticket_keys_sds_secret_config";
        const auto found = declared.ticketKeys.find(secret->name);
        chain(found == declared.ticketKeys.end()
                  ? failAt(at, "Unknown tls session ticket keys: " + secret->name)
                  : checkTicketKeys(found->second->sessionTicketKeys, at));
    }
    return chain.take();
}

} // namespace sallyport::dataplane
