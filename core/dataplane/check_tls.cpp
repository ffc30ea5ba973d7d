// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/check.h"
#include "core/dataplane/cipher_suites.h"
#include "core/dataplane/json_archive.h"

#include <QFile>

#include <openssl/err.h>
#include <openssl/pem.h>
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

struct OpenSslFree
{
    void operator()(BIO *p) const { BIO_free(p); }
    void operator()(X509 *p) const { X509_free(p); }
    void operator()(EVP_PKEY *p) const { EVP_PKEY_free(p); }
};
template<typename T>
using Owned = std::unique_ptr<T, OpenSslFree>;

Owned<BIO> bioOf(const std::string &text)
{
    return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Checked checkCertificate(const TlsCertificate &certificate, const std::string &path)
{
    bool readable = false;
    const std::string chain = readSource(certificate.certificateChain, readable);
    if (certificate.certificateChain.isSet() && !readable)
        return failAt(path + ".certificate_chain", "the file " + certificate.certificateChain.filename +
                                                       " does not exist or cannot be read");
    const std::string key = readSource(certificate.privateKey, readable);
    if (certificate.privateKey.isSet() && !readable)
        return failAt(path + ".private_key",
                      "the file " + certificate.privateKey.filename + " does not exist or cannot be read");
    if (!certificate.certificateChain.isSet() || !certificate.privateKey.isSet())
        return failAt(path, "a certificate needs certificate_chain and private_key");
    const Owned<X509> x509(PEM_read_bio_X509_AUX(bioOf(chain).get(), nullptr, nullptr, nullptr));
    std::string password =
        certificate.password.isSet() ? readSource(certificate.password, readable) : std::string();
    const auto givePassword = [](char *buffer, int size, int, void *data) {
        const auto *text = static_cast<const std::string *>(data);
        const int length = std::min(size, static_cast<int>(text->size()));
        std::copy_n(text->data(), length, buffer);
        return length;
    };
    const Owned<EVP_PKEY> pkey(PEM_read_bio_PrivateKey(bioOf(key).get(), nullptr, givePassword, &password));
    ERR_clear_error();
    if (!x509)
        return failAt(path + ".certificate_chain",
                      "Failed to load certificate chain from " + certificate.certificateChain.filename);
    if (!pkey)
        return failAt(path + ".private_key",
                      "Failed to load private key from " + certificate.privateKey.filename);
    const bool match = X509_check_private_key(x509.get(), pkey.get()) == 1;
    ERR_clear_error();
    return match ? Checked()
                 : failAt(path + ".private_key", "Failed to load private key from " +
                                                     certificate.privateKey.filename +
                                                     ", Cause: KEY_VALUES_MISMATCH");
}

Checked checkValidation(const CertificateValidationContext &context, const std::string &path,
                        bool caFromSecret)
{
    bool readable = true;
    if (context.trustedCa.isSet()) {
        const std::string ca = readSource(context.trustedCa, readable);
        if (!readable)
            return failAt(path + ".trusted_ca",
                          "the file " + context.trustedCa.filename + " does not exist or cannot be read");
        const Owned<X509> x509(PEM_read_bio_X509_AUX(bioOf(ca).get(), nullptr, nullptr, nullptr));
        ERR_clear_error();
        if (!x509)
            return failAt(path + ".trusted_ca",
                          "Failed to load trusted CA certificates from " + context.trustedCa.filename);
    }
    const bool names = !context.subjectAltNames.empty() || !context.anySubjectAltNames.empty();
    if (names && !context.trustedCa.isSet() && !caFromSecret && !context.systemRoots)
        return failAt(
            path,
            "SAN-based verification of peer certificates without trusted CA is insecure and not allowed");
    Chain chain;
    for (const SubjectAltNameMatcher &matcher : context.subjectAltNames)
        chain(checkString(matcher.matcher, path + ".match_typed_subject_alt_names"));
    for (const std::string &hash : context.verifyCertificateHash) {
        std::string digits = hash;
        digits.erase(std::remove(digits.begin(), digits.end(), ':'), digits.end());
        const bool hexadecimal =
            digits.size() == 64 &&
            std::all_of(digits.begin(), digits.end(), [](unsigned char c) { return std::isxdigit(c); });
        if (!hexadecimal)
            chain(failAt(path + ".verify_certificate_hash", "Invalid hex-encoded SHA-256 " + hash));
    }
    for (const std::string &spki : context.verifyCertificateSpki) {
        if (QByteArray::fromBase64(QByteArray::fromStdString(spki)).size() != 32)
            chain(failAt(path + ".verify_certificate_spki", "Invalid base64-encoded SHA-256 " + spki));
    }
    return chain.take();
}

} // namespace

Checked checkCommonTls(const CommonTlsContext &common, const std::string &path, bool server,
                       const DeclaredNames &declared)
{
    Chain chain;
    // Without a source the secret is one of the bootstrap's own.
    for (std::size_t i = 0; i < common.certificateSecrets.size(); ++i) {
        const SdsSecretConfig &secret = common.certificateSecrets[i];
        if (secret.source)
            continue;
        const std::string at = path + ".tls_certificate_sds_secret_configs[" + std::to_string(i) + ']';
        const auto found = declared.certificates.find(secret.name);
        chain(found == declared.certificates.end() ? failAt(at, "Unknown static secret: " + secret.name)
                                                   : checkCertificate(*found->second->certificate, at));
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
    if (server && common.certificates.empty() && common.certificateSecrets.empty())
        chain(failAt(path, "No TLS certificates found for server context"));
    for (std::size_t i = 0; i < common.certificates.size(); ++i)
        chain(
            checkCertificate(common.certificates[i], path + ".tls_certificates[" + std::to_string(i) + ']'));
    if (validation)
        chain(checkValidation(*validation, path + ".validation_context",
                              common.validationSecret && common.validationSecret->source));
    if (const std::string rejected = refusedCipherSuites(common.parameters.cipherSuites); !rejected.empty())
        chain(failAt(path + ".tls_params.cipher_suites",
                     "Failed to initialize cipher suites. The following ciphers were rejected when tried "
                     "individually: " +
                         rejected));
    return chain.take();
}

} // namespace sallyport::dataplane
