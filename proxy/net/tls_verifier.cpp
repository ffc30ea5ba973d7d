// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/tls_verifier.h"

#include "core/result/ascii_case.h"
#include "proxy/net/tls_errors.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sstream>

namespace sallyport::net {

namespace {

using SanType = dataplane::SubjectAltNameMatcher::Type;

int generalNameType(SanType type)
{
    switch (type) {
    case SanType::Email:
        return GEN_EMAIL;
    case SanType::Dns:
        return GEN_DNS;
    case SanType::Uri:
        return GEN_URI;
    case SanType::OtherName:
        return GEN_OTHERNAME;
    case SanType::IpAddress:
        break;
    }
    return GEN_IPADD;
}

std::string joined(const std::vector<std::string> &parts)
{
    std::string text;
    for (const std::string &part : parts)
        text += (text.empty() ? "" : ", ") + part;
    return text;
}

std::string joined(const std::vector<GeneralName> &names)
{
    std::string text;
    for (const GeneralName &name : names)
        text += (text.empty() ? "" : ", ") + name.text;
    return text;
}

std::string decodeBase64(const std::string &text)
{
    std::string bytes(text.size(), '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char *>(bytes.data()),
                        reinterpret_cast<const unsigned char *>(text.data()), static_cast<int>(text.size()));
    // SHA-256 leaves one padding character, which OpenSSL decodes to a zero byte.
    if (size < SHA256_DIGEST_LENGTH)
        return {};
    bytes.resize(SHA256_DIGEST_LENGTH);
    return bytes;
}

std::string publicKeyHash(X509 *certificate)
{
    unsigned char *der = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    if (size <= 0)
        return {};
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(der, static_cast<std::size_t>(size), digest);
    OPENSSL_free(der);
    return {reinterpret_cast<const char *>(digest), sizeof digest};
}

bool isOid(const std::string &text)
{
    ASN1_OBJECT *object = OBJ_txt2obj(text.c_str(), 1);
    const bool good = object != nullptr;
    ASN1_OBJECT_free(object);
    ERR_clear_error();
    return good;
}

/// Expiry is the only thing that allow_expired_certificate forgives.
int forgiveExpiry(int ok, X509_STORE_CTX *context)
{
    const int error = X509_STORE_CTX_get_error(context);
    if (ok == 0 && (error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID))
        return 1;
    return ok;
}

} // namespace

Result<std::string> readDataSource(const dataplane::DataSource &source)
{
    if (source.inlineString)
        return *source.inlineString;
    if (source.inlineBytes)
        return *source.inlineBytes;
    if (!source.environmentVariable.empty()) {
        const char *value = std::getenv(source.environmentVariable.c_str());
        if (value == nullptr)
            return fail("the environment variable " + source.environmentVariable + " is not set");
        return std::string(value);
    }
    if (source.filename.empty())
        return std::string();
    std::ifstream file(source.filename, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    if (!file)
        return fail('\'' + source.filename + "' cannot be read: " + std::strerror(errno));
    return bytes;
}

std::string dataSourceName(const dataplane::DataSource &source)
{
    return source.filename.empty() ? "<inline>" : source.filename;
}

Result<TlsVerifier>
TlsVerifier::create(const std::optional<dataplane::CertificateValidationContext> &validation)
{
    TlsVerifier verifier;
    verifier.m_store.reset(X509_STORE_new(), X509_STORE_free);
    if (!validation)
        return verifier;
    X509_STORE *store = verifier.m_store.get();
    verifier.m_acceptUntrusted = validation->acceptUntrusted;
    verifier.m_allowExpired = validation->allowExpiredCertificate;
    // Envoy's library counts the trusted certificate too, which is never one too many; this one does not.
    verifier.m_depth = std::max(static_cast<int>(validation->maxVerifyDepth.value_or(100)) - 1, 0);

    unsigned long crlFlags = 0;
    const auto addPem = [&](const dataplane::DataSource &source, bool certificates) -> Result<void> {
        const auto bytes = readDataSource(source);
        if (!bytes)
            return fail(bytes.error());
        const BioPtr bio(BIO_new_mem_buf(bytes->data(), static_cast<int>(bytes->size())));
        STACK_OF(X509_INFO) *items = PEM_X509_INFO_read_bio(bio.get(), nullptr, nullptr, nullptr);
        ERR_clear_error();
        int found = 0;
        for (int i = 0; items != nullptr && i < sk_X509_INFO_num(items); ++i) {
            X509_INFO *item = sk_X509_INFO_value(items, i);
            if (certificates && item->x509 != nullptr) {
                X509_STORE_add_cert(store, item->x509);
                X509_up_ref(item->x509);
                verifier.m_anchors.emplace_back(item->x509);
                verifier.m_authorities.push_back(
                    {dataSourceName(source), certificateFacts(item->x509, nullptr), true, {}});
                ++found;
            }
            if (item->crl != nullptr) {
                X509_STORE_add_crl(store, item->crl);
                crlFlags = X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
            }
        }
        sk_X509_INFO_pop_free(items, X509_INFO_free);
        if (found == 0 && certificates)
            return fail("Failed to load trusted CA certificates from " + dataSourceName(source));
        return {};
    };
    if (validation->trustedCa.isSet()) {
        verifier.m_verifyChain = true;
        if (auto loaded = addPem(validation->trustedCa, true); !loaded)
            return fail(loaded.error());
    }
    if (validation->crl.isSet()) {
        if (!verifier.m_verifyChain)
            return fail("Failed to load CRL from " + dataSourceName(validation->crl) + " without trusted CA");
        if (auto loaded = addPem(validation->crl, false); !loaded)
            return fail(loaded.error());
    }
    if (crlFlags != 0 && validation->onlyVerifyLeafCrl.value_or(false))
        crlFlags = X509_V_FLAG_CRL_CHECK;
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | crlFlags);
    if (verifier.m_allowExpired)
        X509_STORE_set_verify_cb(store, forgiveExpiry);
    else if (verifier.m_verifyChain && crlFlags == 0)
        verifier.m_verified = std::make_unique<VerifiedChains>();

    for (const auto &name : validation->subjectAltNames) {
        const bool exact =
            name.type == SanType::Dns && name.matcher.kind == dataplane::StringMatchKind::Exact;
        verifier.m_names.push_back({generalNameType(name.type), exact, name.matcher.value,
                                    dataplane::CompiledString(name.matcher),
                                    name.type == SanType::OtherName ? name.oid : std::string()});
        if (name.type == SanType::OtherName && !isOid(name.oid))
            return fail("Failed to create SAN matcher for OTHER_NAME with OID: " + name.oid);
    }
    for (const auto &matcher : validation->anySubjectAltNames) {
        for (const int type : {GEN_DNS, GEN_URI, GEN_EMAIL, GEN_IPADD}) {
            const bool exact = type == GEN_DNS && matcher.kind == dataplane::StringMatchKind::Exact;
            verifier.m_names.push_back({type, exact, matcher.value, dataplane::CompiledString(matcher)});
        }
    }
    verifier.m_checkNames = !verifier.m_names.empty();
    for (const std::string &hash : validation->verifyCertificateHash) {
        std::string digits = asciiLowered(hash);
        digits.erase(std::remove(digits.begin(), digits.end(), ':'), digits.end());
        verifier.m_hashes.push_back(std::move(digits));
    }
    for (const std::string &hash : validation->verifyCertificateSpki)
        verifier.m_publicKeys.push_back(decodeBase64(hash));
    return verifier;
}

void TlsVerifier::applyTo(SSL_CTX *context, bool server, bool requireCertificate) const
{
    X509_STORE_up_ref(m_store.get());
    SSL_CTX_set_cert_store(context, m_store.get());
    SSL_CTX_set_verify_depth(context, m_depth);
    // What names and hashes pin down must be there. Without them and without roots there is nothing to look
    // at, so that even a certificate that is required is not asked for (Envoy's default_validator).
    const bool pinned = m_checkNames || !m_hashes.empty() || !m_publicKeys.empty();
    const bool hasRoots = m_verifyChain || !m_anchors.empty();
    int mode = SSL_VERIFY_NONE;
    if (pinned || hasRoots || !server)
        mode = SSL_VERIFY_PEER;
    if (server && (pinned || (requireCertificate && hasRoots)))
        mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(context, mode, nullptr);
    if (server) {
        for (const X509Ptr &anchor : m_anchors)
            SSL_CTX_add_client_CA(context, anchor.get());
    }
}

bool TlsVerifier::matchesName(const GeneralName &name) const
{
    return std::any_of(m_names.begin(), m_names.end(), [&name](const NameMatcher &matcher) {
        return matcher.type == name.type && matcher.oid == name.oid &&
               (matcher.exactDns ? dnsNameMatches(matcher.exact, name.text)
                                 : matcher.matcher.matches(name.text));
    });
}

bool TlsVerifier::chainHolds(X509_STORE_CTX *context) const
{
    if (m_verified != nullptr) {
        if (const auto certificates = m_verified->find(context, std::time(nullptr))) {
            VerifiedChains::share(context, *certificates);
            return true;
        }
    }
    if (X509_verify_cert(context) != 1)
        return false;
    if (m_verified != nullptr)
        m_verified->add(context);
    return true;
}

X509 *TlsVerifier::issuerOf(X509 *leaf, const STACK_OF(X509) * presented) const
{
    if (!m_verifyChain)
        return nullptr;
    for (const X509Ptr &anchor : m_anchors) {
        if (X509_check_issued(anchor.get(), leaf) == X509_V_OK)
            return anchor.get();
    }
    for (int i = 0; i < sk_X509_num(presented); ++i) {
        X509 *one = sk_X509_value(presented, i);
        if (X509_check_issued(one, leaf) == X509_V_OK)
            return one;
    }
    return nullptr;
}

TlsVerifier::Verdict TlsVerifier::verify(X509_STORE_CTX *context,
                                         const std::vector<std::string> &expectedNames,
                                         const std::string &askedName) const
{
    Verdict verdict;
    if (m_verifyChain) {
        if (!chainHolds(context)) {
            ERR_clear_error();
            verdict.event = TlsEvent::FailVerifyError;
            verdict.detail =
                "verify cert failed: X509_verify_cert: certificate verification error at depth " +
                std::to_string(X509_STORE_CTX_get_error_depth(context)) + ": " +
                verificationText(X509_STORE_CTX_get_error(context));
            verdict.accepted = m_acceptUntrusted;
            return verdict;
        }
        verdict.validated = true;
    }

    X509 *leaf = X509_STORE_CTX_get0_cert(context);
    const auto refuse = [&verdict, this](TlsEvent event, std::string detail) {
        verdict.event = event;
        verdict.detail = "verify cert failed: " + std::move(detail);
        // Any code that TLS has no alert of its own for becomes certificate_unknown, as with BoringSSL.
        verdict.x509Error = X509_V_ERR_UNNESTED_RESOURCE;
        verdict.validated = false;
        verdict.accepted = m_acceptUntrusted;
        return verdict;
    };
    // In the place of the matchers, not beside them.
    const bool expectsAsked = m_expectAskedName && expectedNames.empty() && !askedName.empty();
    if (!expectedNames.empty() || m_checkNames || expectsAsked) {
        const auto names = subjectAltNamesOf(leaf);
        if (!expectedNames.empty()) {
            const bool found =
                std::any_of(names.begin(), names.end(), [&expectedNames](const GeneralName &name) {
                    return std::any_of(expectedNames.begin(), expectedNames.end(),
                                       [&name](const std::string &wanted) {
                                           return name.type == GEN_DNS ? dnsNameMatches(wanted, name.text)
                                                                       : wanted == name.text;
                                       });
                });
            if (!found)
                return refuse(TlsEvent::FailVerifySan, "verify SAN list, expected SANs: [" +
                                                           joined(expectedNames) + "], certificate SANs: [" +
                                                           joined(names) + "]");
            verdict.validated = true;
        }
        if (m_checkNames || expectsAsked) {
            if (!std::any_of(names.begin(), names.end(), [&](const GeneralName &name) {
                    return expectsAsked ? name.type == GEN_DNS && dnsNameMatches(askedName, name.text)
                                        : matchesName(name);
                }))
                return refuse(TlsEvent::FailVerifySan,
                              "SAN matcher, certificate SANs are [" + joined(names) + "]");
            verdict.validated = true;
        }
    }
    if (!m_hashes.empty() || !m_publicKeys.empty()) {
        const auto facts = cachedCertificateFacts(leaf, nullptr);
        const bool hashFits = std::find(m_hashes.begin(), m_hashes.end(), facts->sha256) != m_hashes.end();
        const bool keyFits = !m_publicKeys.empty() && std::find(m_publicKeys.begin(), m_publicKeys.end(),
                                                                publicKeyHash(leaf)) != m_publicKeys.end();
        if (!hashFits && !keyFits)
            return refuse(TlsEvent::FailVerifyCertHash, "cert hash and spki");
        verdict.validated = true;
    }
    verdict.accepted = true;
    return verdict;
}

} // namespace sallyport::net
