// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pki/credential_checks.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace sallyport::pki {

namespace {

constexpr long expirySoonDays = 30;
// NIST SP 800-57 part 1: 112 bits is the floor; OpenSSL's default security level refuses less.
constexpr int weakestBits = 112;

using Checks = std::vector<CredentialCheck>;

void checkKey(const Credential &credential, Checks &checks)
{
    const std::string &keyFile = credential.sources.keyFile;
    if (credential.key.isNull()) {
        checks.push_back({"key-matches", CheckOutcome::Failed, "There is no private key.", keyFile});
    } else if (!credential.leaf()) {
        checks.push_back({"key-matches", CheckOutcome::Failed, "There is no certificate.",
                          credential.sources.certificateFile});
    } else if (credential.leaf()->belongsTo(credential.key)) {
        checks.push_back({"key-matches", CheckOutcome::Passed, "The key belongs to the certificate.", {}});
    } else {
        checks.push_back({"key-matches", CheckOutcome::Failed,
                          "The key (" + credential.key.algorithm() + ") does not belong to the certificate " +
                              credential.leaf()->subject() + '.',
                          keyFile});
    }
}

void checkAuthority(const Credential &credential, CredentialUse use, TimePoint now, Checks &checks)
{
    const std::string &caFile = credential.sources.caFile;
    if (credential.ca.empty()) {
        const bool client = use == CredentialUse::Client;
        checks.push_back(
            {"ca", client ? CheckOutcome::Failed : CheckOutcome::Warning,
             client ? "There is no CA certificate: the server could not be verified, and Istio refuses to "
                      "connect without one."
                    : "There is no CA certificate: clients could not be verified (needed for MUTUAL).",
             caFile});
        return;
    }
    const auto notCa = std::find_if(credential.ca.begin(), credential.ca.end(),
                                    [](const Certificate &ca) { return !ca.isCa(); });
    if (notCa != credential.ca.end()) {
        checks.push_back({"ca", CheckOutcome::Failed,
                          "The CA file holds " + notCa->subject() + ", which is not a CA certificate.",
                          caFile});
    } else {
        checks.push_back({"ca", CheckOutcome::Passed, "CA: " + credential.ca.front().subject() + '.', {}});
    }
    if (!credential.leaf())
        return;
    const std::vector<Certificate> intermediates(credential.chain.begin() + 1, credential.chain.end());
    // Judged at a time when the leaf is valid, so that expiry is reported once, by its own check.
    const TimePoint at = std::clamp(now, credential.leaf()->notBefore(), credential.leaf()->notAfter());
    const Result<void> verified = verifyChain(*credential.leaf(), intermediates, credential.ca, at);
    if (verified) {
        checks.push_back({"chain", CheckOutcome::Passed, "The chain leads to the CA.", {}});
    } else {
        // The two sides may well have different CAs: the file's CA is whom we trust, not who signed us.
        checks.push_back({"chain", CheckOutcome::Warning,
                          "The certificate's chain does not lead to the given CA: " + verified.error().what +
                              ". Right only if the other side trusts another CA than it uses itself.",
                          credential.sources.certificateFile});
    }
}

void checkValidity(const Credential &credential, TimePoint now, Checks &checks)
{
    const auto judge = [&](const Certificate &certificate, const std::string &file) {
        if (now < certificate.notBefore()) {
            checks.push_back(
                {"validity", CheckOutcome::Failed,
                 certificate.subject() + " is not valid before " + formatTime(certificate.notBefore()) + '.',
                 file});
        } else if (now >= certificate.notAfter()) {
            checks.push_back(
                {"validity", CheckOutcome::Failed,
                 certificate.subject() + " expired on " + formatTime(certificate.notAfter()) + '.', file});
        } else if (const long days = daysUntil(certificate.notAfter(), now); days < expirySoonDays) {
            checks.push_back({"validity", CheckOutcome::Warning,
                              certificate.subject() + " expires in " + std::to_string(days) + " days, on " +
                                  formatTime(certificate.notAfter()) + '.',
                              file});
        } else {
            return true;
        }
        return false;
    };
    bool allGood = !credential.chain.empty();
    for (const Certificate &certificate : credential.chain)
        allGood = judge(certificate, credential.sources.certificateFile) && allGood;
    const bool someCaHolds = std::any_of(credential.ca.begin(), credential.ca.end(), [now](const auto &ca) {
        return now >= ca.notBefore() && now < ca.notAfter();
    });
    for (const Certificate &ca : credential.ca) {
        if (someCaHolds && now >= ca.notAfter()) {
            checks.push_back({"ca-bundle", CheckOutcome::Warning,
                              "The CA " + ca.subject() + " expired on " + formatTime(ca.notAfter()) +
                                  "; others of the bundle are valid.",
                              credential.sources.caFile});
        } else {
            allGood = judge(ca, credential.sources.caFile) && allGood;
        }
    }
    if (allGood) {
        checks.push_back({"validity",
                          CheckOutcome::Passed,
                          "Valid until " + formatTime(credential.leaf()->notAfter()) + " (" +
                              std::to_string(daysUntil(credential.leaf()->notAfter(), now)) + " days).",
                          {}});
    }
}

void checkNames(const Certificate &leaf, const Credential &credential, CredentialUse use, Checks &checks)
{
    const SubjectAltNames names = leaf.subjectAltNames();
    const std::string &file = credential.sources.certificateFile;
    if (names.isEmpty()) {
        checks.push_back(
            {"subject-alt-names", use == CredentialUse::Server ? CheckOutcome::Failed : CheckOutcome::Warning,
             use == CredentialUse::Server
                 ? "The certificate has no subject alternative name: no client can verify the server's name."
                 : "The certificate has no subject alternative name: policies can know the client only by "
                   "its subject.",
             file});
        return;
    }
    checks.push_back({"subject-alt-names", CheckOutcome::Passed, names.toString() + '.', {}});
    if (use != CredentialUse::Client)
        return;
    std::vector<std::string> identities;
    for (const std::string &uri : names.uris) {
        if (uri.starts_with("spiffe://"))
            identities.push_back(uri.substr(9));
    }
    if (identities.size() == 1) {
        checks.push_back({"identity",
                          CheckOutcome::Passed,
                          "Istio knows this client as principal \"" + identities.front() + "\".",
                          {}});
    } else if (identities.empty()) {
        checks.push_back(
            {"identity", CheckOutcome::Warning,
             "There is no spiffe:// URI: no AuthorizationPolicy can name this client as a principal.", file});
    } else {
        checks.push_back(
            {"identity", CheckOutcome::Warning,
             "There are several spiffe:// URIs; SPIFFE allows one, and peers may refuse the certificate.",
             file});
    }
}

void checkPurpose(const Certificate &leaf, const Credential &credential, CredentialUse use, Checks &checks)
{
    const bool client = use == CredentialUse::Client;
    const std::string wanted = client ? "clientAuth" : "serverAuth";
    switch (client ? leaf.clientPurpose() : leaf.serverPurpose()) {
    case KeyPurpose::Allowed:
        checks.push_back({"purpose", CheckOutcome::Passed, "Extended key usage " + wanted + '.', {}});
        break;
    case KeyPurpose::Unrestricted:
        checks.push_back(
            {"purpose", CheckOutcome::Passed, "No extended key usage: good for every purpose.", {}});
        break;
    case KeyPurpose::Forbidden:
        checks.push_back(
            {"purpose", CheckOutcome::Failed,
             "The extended key usage lacks " + wanted + ": the other side will refuse the certificate.",
             credential.sources.certificateFile});
        break;
    }
}

void checkStrength(const Certificate &leaf, const Credential &credential, Checks &checks)
{
    if (leaf.keySecurityBits() < weakestBits) {
        checks.push_back({"strength", CheckOutcome::Failed,
                          "The key is too weak (" + leaf.keyDescription() + "): TLS libraries refuse it.",
                          credential.sources.certificateFile});
    } else if (leaf.signatureAlgorithm().find("SHA1") != std::string::npos ||
               leaf.signatureAlgorithm().find("MD5") != std::string::npos) {
        checks.push_back({"strength", CheckOutcome::Failed,
                          "Signed with " + leaf.signatureAlgorithm() + ": TLS libraries refuse it.",
                          credential.sources.certificateFile});
    } else {
        checks.push_back({"strength",
                          CheckOutcome::Passed,
                          leaf.keyDescription() + ", " + leaf.signatureAlgorithm() + '.',
                          {}});
    }
}

} // namespace

std::vector<CredentialCheck> checkCredential(const Credential &credential, CredentialUse use, TimePoint now)
{
    Checks checks;
    checkKey(credential, checks);
    checkAuthority(credential, use, now, checks);
    checkValidity(credential, now, checks);
    if (const Certificate *leaf = credential.leaf()) {
        checkNames(*leaf, credential, use, checks);
        checkPurpose(*leaf, credential, use, checks);
        checkStrength(*leaf, credential, checks);
    }
    return checks;
}

CheckOutcome worstOutcome(const std::vector<CredentialCheck> &checks)
{
    CheckOutcome worst = CheckOutcome::Passed;
    for (const CredentialCheck &check : checks)
        worst = std::max(worst, check.outcome);
    return worst;
}

long daysUntil(TimePoint time, TimePoint now)
{
    return std::chrono::floor<std::chrono::days>(time - now).count();
}

std::string formatTime(TimePoint time)
{
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts);
    return {text.data(), length};
}

} // namespace sallyport::pki
