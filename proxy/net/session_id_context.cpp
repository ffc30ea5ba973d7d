// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/session_id_context.h"

#include "proxy/net/certificate_facts.h"
#include "proxy/net/tls_verifier.h"

#include <openssl/sha.h>

namespace sallyport::net {

namespace {

/// Texts one behind the other, so that no two lists of them are the same.
class Digested
{
public:
    void add(const std::string &text) { m_text += std::to_string(text.size()) + ':' + text; }
    void add(std::size_t number) { add(std::to_string(number)); }
    void add(const std::vector<std::string> &texts)
    {
        add(texts.size());
        for (const std::string &text : texts)
            add(text);
    }
    void add(const dataplane::StringMatcher &matcher)
    {
        add(static_cast<std::size_t>(matcher.kind));
        add(matcher.value);
        add(matcher.ignoreCase ? 1 : 0);
    }
    void add(const dataplane::CertificateValidationContext &demands)
    {
        add(demands.verifyCertificateHash);
        add(demands.verifyCertificateSpki);
        add(demands.subjectAltNames.size());
        for (const dataplane::SubjectAltNameMatcher &name : demands.subjectAltNames) {
            add(static_cast<std::size_t>(name.type));
            add(name.oid);
            add(name.matcher);
        }
        add(demands.anySubjectAltNames.size());
        for (const dataplane::StringMatcher &matcher : demands.anySubjectAltNames)
            add(matcher);
        add(readDataSource(demands.crl).value_or(std::string()));
        add((demands.allowExpiredCertificate ? 1U : 0U) | (demands.acceptUntrusted ? 2U : 0U) |
            (demands.onlyVerifyLeafCrl.value_or(false) ? 4U : 0U));
        add(demands.maxVerifyDepth.value_or(0));
    }
    void applyTo(SSL_CTX *context) const
    {
        unsigned char digest[SHA256_DIGEST_LENGTH];
        SHA256(reinterpret_cast<const unsigned char *>(m_text.data()), m_text.size(), digest);
        SSL_CTX_set_session_id_context(context, digest, sizeof digest);
    }

private:
    std::string m_text;
};

} // namespace

void setSessionIdContext(SSL_CTX *context, const std::vector<OwnCertificate> &certificates,
                         const std::vector<CertificateInUse> &authorities,
                         const std::optional<dataplane::CertificateValidationContext> &validation,
                         const std::vector<std::string> &serverNames)
{
    Digested text;
    text.add(certificates.size());
    for (const OwnCertificate &own : certificates) {
        text.add(own.names);
        for (const GeneralName &name : subjectAltNamesOf(own.leaf.get())) {
            text.add(static_cast<std::size_t>(name.type));
            text.add(name.text);
        }
        text.add(own.inUse.facts.issuer);
    }
    text.add(authorities.size());
    for (const CertificateInUse &authority : authorities)
        text.add(authority.facts.sha256);
    if (validation)
        text.add(*validation);
    text.add(serverNames);
    text.applyTo(context);
}

} // namespace sallyport::net
