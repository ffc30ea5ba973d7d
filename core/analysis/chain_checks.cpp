// SPDX-License-Identifier: GPL-3.0-or-later
// What certificates of one Secret say of each other.
#include "core/analysis/check.h"

#include "core/pki/credential_checks.h"
#include "core/pki/revocation_list.h"

#include <QByteArray>

#include <algorithm>

namespace sallyport::analysis {

namespace {

using model::Severity;
using pki::Certificate;
using pki::Credential;

/// Why a chain is not leaf first and each certificate followed by its issuer (RFC 8446 §4.4.2); empty if it
/// is.
std::string disorder(const Credential &credential)
{
    const std::vector<Certificate> &chain = credential.chain;
    for (std::size_t i = 0; i < chain.size(); ++i) {
        if (i > 0 && chain[i].belongsTo(credential.key))
            return "the certificate of the key stands at place " + std::to_string(i + 1) + ", not first";
        if (std::find(chain.begin(), chain.begin() + static_cast<std::ptrdiff_t>(i), chain[i]) !=
            chain.begin() + static_cast<std::ptrdiff_t>(i))
            return chain[i].subject() + " stands in it twice";
    }
    for (std::size_t i = 1; i < chain.size(); ++i) {
        if (!chain[i - 1].isSignedBy(chain[i]))
            return chain[i].subject() + " follows " + chain[i - 1].subject() + ", which it did not sign";
    }
    return {};
}

/// The leaf and its issuers, each once and in order; what does not belong to them is left out.
std::vector<Certificate> inOrder(const Credential &credential)
{
    std::vector<Certificate> ordered;
    for (const Certificate &certificate : pki::orderChain(credential.chain, credential.key)) {
        if (ordered.empty() || (ordered.back().isSignedBy(certificate) &&
                                std::find(ordered.begin(), ordered.end(), certificate) == ordered.end()))
            ordered.push_back(certificate);
    }
    return ordered;
}

void wrongOrder(const MeshFacts &facts, Report &report)
{
    eachReadable(facts.keyPairs, [&](const model::Secret &secret, const Credential &credential) {
        const std::string why = disorder(credential);
        const std::vector<Certificate> ordered = inOrder(credential);
        if (why.empty())
            return;
        Finding &finding =
            report.add(secret, "data", "the certificate chain is in disorder: " + why,
                       "write the certificate of the key first, each followed by the one that signed it");
        const std::string path = "data[\"" + credential.sources.certificateFile + "\"]";
        const bool own = !ordered.empty() && ordered.front().belongsTo(credential.key);
        if (own && secret.place(path).line != secret.place("data").line)
            finding.fixes.push_back(setScalarFix(
                secret, path, QByteArray::fromStdString(pki::toPem(ordered)).toBase64().toStdString(),
                "Put the chain in order"));
    });
}

void wrongRole(const MeshFacts &facts, Report &report)
{
    eachReadable(facts.keyPairs, [&](const model::Secret &secret, const Credential &credential) {
        if (const Certificate *leaf = credential.leaf(); leaf != nullptr && leaf->saysCa())
            report.add(secret, "data",
                       leaf->subject() + " is a CA, and is shown to peers as a certificate of its own: some "
                                         "of them refuse that",
                       "issue a certificate with CA:FALSE for the peer");
        // A file without any CA is EGR0516.
        if (std::none_of(credential.ca.begin(), credential.ca.end(),
                         [](const Certificate &ca) { return ca.saysCa() || ca.isCa(); }))
            return;
        for (const Certificate &ca : credential.ca) {
            if (!ca.isCa())
                report.add(secret, "data",
                           ca.subject() + " stands among the CAs and may not sign: " +
                               (ca.saysCa() ? "its key usage lacks keyCertSign" : "it says CA:FALSE"),
                           "leave it out, or take the CA's certificate");
        }
    });
}

void noAuthority(const MeshFacts &facts, Report &report)
{
    eachReadable(facts.keyPairs, [&](const model::Secret &secret, const Credential &credential) {
        const std::string *text = valueOf(secret, "cacert", "ca.crt");
        const bool someCa = std::any_of(credential.ca.begin(), credential.ca.end(),
                                        [](const Certificate &ca) { return ca.saysCa() || ca.isCa(); });
        if (text != nullptr && text->find("PRIVATE KEY-----") != std::string::npos)
            report.add(secret, "data",
                       credential.sources.caFile +
                           " holds a private key: it goes to whoever is to trust the CA",
                       "leave the key where the CA signs");
        else if (!credential.ca.empty() && !someCa)
            report.add(secret, "data",
                       credential.sources.caFile + " holds no CA, but " + credential.ca.front().subject(),
                       "put the certificate of the CA that signed the peer's there");
    });
}

void revocationList(const MeshFacts &facts, Report &report)
{
    eachReadable(facts.keyPairs, [&](const model::Secret &secret, const Credential &credential) {
        if (credential.crl.empty())
            return;
        const auto material = pki::decodeKeyMaterial(credential.crl, secret.metadata.name);
        for (const std::string &pem : material ? material->crls : std::vector<std::string>()) {
            const auto list = pki::RevocationList::fromPem(pem);
            if (!list)
                continue;
            const std::string of = "the revocation list of " + list->issuer();
            if (list->nextUpdate() && *list->nextUpdate() < facts.now)
                report.add(secret, "data",
                           of + " was to be replaced on " + pki::formatTime(*list->nextUpdate()) +
                               ": every certificate of this CA is refused since",
                           "fetch the CA's newest list");
            if (std::none_of(credential.ca.begin(), credential.ca.end(),
                             [&list](const Certificate &ca) { return list->isSignedBy(ca); }))
                report.add(secret, "data", of + " is signed by no CA of this credential: it is never asked",
                           "take the list of the CA in " + credential.sources.caFile);
            eachReadable(facts.keyPairs, [&](const model::Secret &other, const Credential &shown) {
                if (shown.leaf() == nullptr || !list->revokes(*shown.leaf()))
                    return;
                Finding &finding = report.add(other, "data",
                                              shown.leaf()->subject() + " is revoked by " + of.substr(4) +
                                                  " in " + secret.title());
                finding.severity = Severity::Error;
            });
        }
    });
}

void outlivesIssuer(const MeshFacts &facts, Report &report)
{
    eachReadable(facts.keyPairs, [&](const model::Secret &secret, const Credential &credential) {
        const Certificate *leaf = credential.leaf();
        std::vector<Certificate> issuers = credential.chain;
        issuers.insert(issuers.end(), credential.ca.begin(), credential.ca.end());
        for (const Certificate &issuer : issuers) {
            if (leaf == nullptr || *leaf == issuer || leaf->notAfter() <= issuer.notAfter() ||
                !leaf->isSignedBy(issuer))
                continue;
            report.add(secret, "data",
                       leaf->subject() + " is good until " + pki::formatTime(issuer.notAfter()) +
                           ", when its issuer " + issuer.subject() + " expires, not until " +
                           pki::formatTime(leaf->notAfter()));
            return;
        }
    });
}

constexpr Check chainTable[] = {
    {"EGR0514", Severity::Warning, "A certificate chain in disorder", wrongOrder},
    {"EGR0515", Severity::Warning, "A certificate in the wrong role", wrongRole},
    {"EGR0516", Severity::Error, "A CA file without a CA, or with a key", noAuthority},
    {"EGR0517", Severity::Warning, "A revocation list that does not serve", revocationList},
    {"EGR0519", Severity::Information, "A certificate that outlives its issuer", outlivesIssuer},
};

} // namespace

std::span<const Check> chainChecks()
{
    return chainTable;
}

} // namespace sallyport::analysis
