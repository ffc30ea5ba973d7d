// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/certificates.h"

#include "core/dataplane/dns_name.h"
#include "core/dataplane/value_matchers.h"
#include "core/pki/credential_checks.h"
#include "core/pki/pem.h"
#include "core/result/ascii_case.h"

#include <algorithm>
#include <openssl/x509.h>

namespace sallyport::explain {

namespace {

using SanType = dataplane::SubjectAltNameMatcher::Type;

struct Name
{
    SanType type;
    std::string text;
};

std::vector<Name> namesOf(const pki::Certificate &certificate)
{
    const pki::SubjectAltNames all = certificate.subjectAltNames();
    std::vector<Name> names;
    const auto add = [&names](SanType type, const std::vector<std::string> &texts) {
        for (const std::string &text : texts)
            names.push_back({type, text});
    };
    add(SanType::Dns, all.dns);
    add(SanType::Uri, all.uris);
    add(SanType::Email, all.emails);
    add(SanType::IpAddress, all.ips);
    return names;
}

std::string joined(const std::vector<std::string> &parts)
{
    std::string text;
    for (const std::string &part : parts)
        text += (text.empty() ? "" : ", ") + part;
    return text;
}

std::string joined(const std::vector<Name> &names)
{
    std::string text;
    for (const Name &name : names)
        text += (text.empty() ? "" : ", ") + name.text;
    return text;
}

Result<pki::KeyMaterial> materialOf(const dataplane::DataSource &source)
{
    if (source.inlineString)
        return pki::decodeKeyMaterial(*source.inlineString, "inline");
    if (source.inlineBytes)
        return pki::decodeKeyMaterial(*source.inlineBytes, "inline");
    if (!source.filename.empty())
        return pki::readKeyMaterial(source.filename);
    return fail("there is nothing in it");
}

const dataplane::Secret *findSecret(const Proxy &proxy, const dataplane::SdsSecretConfig &wanted)
{
    if (wanted.source) {
        const auto found = proxy.secrets.find({wanted.source->path, wanted.name});
        return found == proxy.secrets.end() ? nullptr : &found->second;
    }
    for (const dataplane::Secret &secret : proxy.bootstrap.secrets) {
        if (secret.name == wanted.name)
            return &secret;
    }
    return nullptr;
}

/// Fills in a pair of certificate and key; the gateway takes no pair that does not belong together.
void show(const dataplane::TlsCertificate &pair, Shown &shown)
{
    const auto certificates = materialOf(pair.certificateChain);
    const auto key = materialOf(pair.privateKey);
    if (!certificates || certificates->certificates.empty()) {
        shown.missing = "its certificate cannot be read";
    } else if (!key || key->keys.empty()) {
        shown.missing = "its private key cannot be read";
    } else if (!certificates->certificates.front().belongsTo(key->keys.front())) {
        shown.missing = "its private key does not belong to its certificate";
    } else {
        shown.chain = certificates->certificates;
    }
}

void demand(const dataplane::CertificateValidationContext &context, PeerCheck &check)
{
    if (context.trustedCa.isSet()) {
        check.verifiesChain = true;
        const auto roots = materialOf(context.trustedCa);
        if (roots && !roots->certificates.empty())
            check.roots = roots->certificates;
        else
            check.missing = "its CA certificates cannot be read";
    }
    check.names.insert(check.names.end(), context.subjectAltNames.begin(), context.subjectAltNames.end());
    check.anyNames.insert(check.anyNames.end(), context.anySubjectAltNames.begin(),
                          context.anySubjectAltNames.end());
    for (std::string hash : context.verifyCertificateHash) {
        std::erase(hash, ':');
        check.hashes.push_back(asciiLowered(hash));
    }
    check.allowExpired = check.allowExpired || context.allowExpiredCertificate;
    check.acceptUntrusted = check.acceptUntrusted || context.acceptUntrusted;
}

bool matches(const dataplane::StringMatcher &matcher, SanType type, const Name &name)
{
    if (type != name.type)
        return false;
    if (type == SanType::Dns && matcher.kind == dataplane::StringMatchKind::Exact)
        return dataplane::dnsNameMatches(matcher.value, name.text);
    return dataplane::CompiledString(matcher).matches(name.text);
}

bool demanded(const PeerCheck &check, const Name &name)
{
    return std::any_of(check.names.begin(), check.names.end(),
                       [&](const auto &wanted) { return matches(wanted.matcher, wanted.type, name); }) ||
           std::any_of(check.anyNames.begin(), check.anyNames.end(),
                       [&](const auto &matcher) { return matches(matcher, name.type, name); });
}

bool expected(const std::string &wanted, const Name &name)
{
    return name.type == SanType::Dns ? dataplane::dnsNameMatches(wanted, name.text) : wanted == name.text;
}

Result<void> verifyToRoots(const std::vector<pki::Certificate> &chain, const PeerCheck &check)
{
    const std::vector<pki::Certificate> intermediates(chain.begin() + 1, chain.end());
    auto at = std::chrono::system_clock::now();
    // Expiry is all that allow_expired_certificate forgives.
    if (check.allowExpired)
        at = std::min(at, chain.front().notAfter());
    return pki::verifyChain(chain.front(), intermediates, check.roots, at);
}

} // namespace

std::vector<pki::Certificate> certificatesOf(const std::string &pem)
{
    auto material = pki::decodeKeyMaterial(pem, "PEM");
    return material ? std::move(material->certificates) : std::vector<pki::Certificate>();
}

std::vector<pki::Certificate> systemRoots()
{
    for (const char *path : {"/etc/ssl/certs/ca-certificates.crt", X509_get_default_cert_file()}) {
        if (auto material = pki::readKeyMaterial(path))
            return std::move(material->certificates);
    }
    return {};
}

Shown shownBy(const Proxy &proxy, const dataplane::CommonTlsContext &context)
{
    Shown shown;
    for (const dataplane::SdsSecretConfig &wanted : context.certificateSecrets) {
        shown.secret = wanted.name;
        const dataplane::Secret *secret = findSecret(proxy, wanted);
        if (secret != nullptr && secret->certificate)
            show(*secret->certificate, shown);
        else
            shown.missing = "there is no such secret for this proxy";
        if (!shown.missing.empty() || !shown.chain.empty())
            return shown;
    }
    if (!context.certificates.empty())
        show(context.certificates.front(), shown);
    return shown;
}

PeerCheck checkBy(const Proxy &proxy, const dataplane::CommonTlsContext &context)
{
    PeerCheck check;
    if (context.validation)
        demand(*context.validation, check);
    if (context.validationSecret) {
        const dataplane::Secret *secret = findSecret(proxy, *context.validationSecret);
        if (secret != nullptr && secret->validation)
            demand(*secret->validation, check);
        else
            check.missing = "there is no secret " + context.validationSecret->name + " for this proxy";
    }
    return check;
}

Judgement judge(const std::vector<pki::Certificate> &chain, const PeerCheck &check,
                const std::vector<std::string> &expectedNames, PeerRole role)
{
    Judgement judgement;
    const auto refuse = [&](const std::string &detail) {
        judgement.detail = "verify cert failed: " + detail;
        judgement.validated = false;
        judgement.accepted = check.acceptUntrusted;
        return judgement;
    };
    const pki::Certificate &leaf = chain.front();
    if (check.verifiesChain) {
        std::string why;
        if (const auto verified = verifyToRoots(chain, check); !verified)
            why = verified.error().what.substr(0, verified.error().what.find(" (certificate "));
        else if ((role == PeerRole::Client ? leaf.clientPurpose() : leaf.serverPurpose()) ==
                 pki::KeyPurpose::Forbidden)
            why = "unsupported certificate purpose";
        if (!why.empty())
            return refuse("X509_verify_cert: certificate verification error at depth 0: " + why);
        judgement.validated = true;
    }
    const std::vector<Name> names = namesOf(leaf);
    if (!expectedNames.empty()) {
        const bool found = std::any_of(names.begin(), names.end(), [&](const Name &name) {
            return std::any_of(expectedNames.begin(), expectedNames.end(),
                               [&name](const std::string &wanted) { return expected(wanted, name); });
        });
        if (!found)
            return refuse("verify SAN list, expected SANs: [" + joined(expectedNames) +
                          "], certificate SANs: [" + joined(names) + ']');
        judgement.validated = true;
    }
    if (check.demandsNames()) {
        if (std::none_of(names.begin(), names.end(), [&](const Name &name) { return demanded(check, name); }))
            return refuse("SAN matcher, certificate SANs are [" + joined(names) + ']');
        judgement.validated = true;
    }
    if (!check.hashes.empty()) {
        if (std::find(check.hashes.begin(), check.hashes.end(), leaf.fingerprint()) == check.hashes.end())
            return refuse("cert hash and spki");
        judgement.validated = true;
    }
    judgement.accepted = true;
    return judgement;
}

std::string describe(const pki::Certificate &certificate)
{
    std::string text = certificate.subject();
    const std::string names = certificate.subjectAltNames().toString();
    if (!names.empty())
        text += (text.empty() ? "" : "; ") + names;
    return text + "; until " + pki::formatTime(certificate.notAfter());
}

} // namespace sallyport::explain
