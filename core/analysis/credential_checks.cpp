// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/check.h"

#include "core/model/credential_reference.h"
#include "core/pki/credential_checks.h"

#include <algorithm>

namespace sallyport::analysis {

namespace {

using model::Severity;

const std::string scheme = "kubernetes://";
const std::string caSuffix = "-cacert";

std::string withoutSuffix(const std::string &name)
{
    return name.ends_with(caSuffix) ? name.substr(0, name.size() - caSuffix.size()) : name;
}

/// What a proxy asked for and did not get.
struct Missing
{
    const ProxyFacts *proxy = nullptr;
    std::string secret; ///< as it was asked for, `test.client-cacert`
    std::string why;
};

std::vector<Missing> missing(const MeshFacts &facts)
{
    std::vector<Missing> all;
    for (const ProxyFacts &proxy : facts.proxies) {
        for (const compile::SecretFile &secret : proxy.compiled->secrets) {
            if (!secret.missing.empty() && secret.name.compare(0, scheme.size(), scheme) == 0)
                all.push_back({&proxy, secret.name.substr(scheme.size()), secret.missing});
        }
    }
    return all;
}

/// Puts a finding at every field that names the credential.
template<typename Message>
void atUses(const MeshFacts &facts, Report &report, const std::string &credential, Message message)
{
    for (const model::CredentialReference &use : model::credentialReferences(facts.mesh)) {
        if (use.credential == credential)
            message(report, use);
    }
}

void credentialNotFound(const MeshFacts &facts, Report &report)
{
    for (const Missing &each : missing(facts)) {
        const std::string name = withoutSuffix(each.secret);
        const std::string &nameSpace = each.proxy->instance->nameSpace;
        // A key pair that is not there has no CA either: that is said once.
        if (facts.mesh.findSecret(nameSpace, name) != nullptr)
            continue;
        std::vector<std::string> elsewhere;
        for (const model::Secret &secret : facts.mesh.secrets) {
            if (secret.metadata.name == name)
                elsewhere.push_back(secret.metadata.resourceNamespace);
        }
        atUses(facts, report, name, [&](Report &into, const model::CredentialReference &use) {
            into.add(*use.resource, use.path,
                     "there is no Secret " + nameSpace + '/' + name + ", where " +
                         each.proxy->instance->name + " looks for it" +
                         (elsewhere.empty() ? std::string() : ", but one in " + listed(elsewhere)) +
                         ": requests that need it fail, 503 URX,UF",
                     "import the credential, or put the Secret into " + nameSpace);
        });
    }
}

void keysMissing(const MeshFacts &facts, Report &report)
{
    for (const Missing &each : missing(facts)) {
        const model::Secret *secret = facts.mesh.findSecret(each.proxy->instance->nameSpace, each.secret);
        if (secret == nullptr || each.secret.ends_with(caSuffix))
            continue;
        const bool wantedAsCa = each.why.find("not taken for a CA") != std::string::npos;
        report.add(*secret, "data", each.why + ": " + each.proxy->instance->name + " cannot use it",
                   wantedAsCa ? "call it " + each.secret + caSuffix + ", and name it so"
                              : "give it `tls.crt` and `tls.key`, or `cert` and `key`");
    }
}

void caMissing(const MeshFacts &facts, Report &report)
{
    for (const Missing &each : missing(facts)) {
        const std::string &nameSpace = each.proxy->instance->nameSpace;
        // A Secret of that name is asked alone; without one, the credential itself.
        const model::Secret *secret = facts.mesh.findSecret(nameSpace, each.secret);
        if (secret == nullptr)
            secret = facts.mesh.findSecret(nameSpace, withoutSuffix(each.secret));
        const bool wantedAsPair = each.why.find("means a CA alone") != std::string::npos;
        if (secret != nullptr && each.secret.ends_with(caSuffix) && !wantedAsPair)
            report.add(*secret, "data",
                       "there is no CA in it: " + each.proxy->instance->name +
                           " waits for one forever, and requests fail, 503 URX,UF",
                       "add `ca.crt`, or a Secret " + withoutSuffix(each.secret) + caSuffix + " with the CA");
    }
}

void twoAuthorities(const MeshFacts &facts, Report &report)
{
    for (const model::Secret &secret : facts.mesh.secrets) {
        const model::Secret *sibling =
            facts.mesh.findSecret(secret.metadata.resourceNamespace, secret.metadata.name + caSuffix);
        if (sibling == nullptr)
            continue;
        const std::string *own = valueOf(secret, "cacert", "ca.crt");
        const std::string *other = valueOf(*sibling, "cacert", "ca.crt");
        if (own != nullptr && other != nullptr && *own != *other)
            report.add(secret, "data",
                       "the CA of " + sibling->title() + " is used, and the one in here is not",
                       "keep one of them");
    }
}

void pairNamedAsAuthority(const MeshFacts &facts, Report &report)
{
    for (const model::CredentialReference &use : model::credentialReferences(facts.mesh)) {
        if (use.credential.ends_with(caSuffix) && !use.path.ends_with(".caCertCredentialName"))
            report.add(*use.resource, use.path,
                       "a name that ends in -cacert means a CA alone: a key pair is not looked for there",
                       "give the Secret another name");
    }
}

/// Gateways use a key pair as a server, DestinationRules as a client; what nobody uses is judged by its
/// certificate.
pki::CredentialUse useOf(const MeshFacts &facts, const model::Secret &secret,
                         const pki::Credential &credential)
{
    for (const model::CredentialReference &use : model::credentialReferences(facts.mesh)) {
        if (use.credential == secret.metadata.name)
            return use.server ? pki::CredentialUse::Server : pki::CredentialUse::Client;
    }
    const bool server = credential.leaf() && credential.leaf()->serverPurpose() == pki::KeyPurpose::Allowed;
    return server ? pki::CredentialUse::Server : pki::CredentialUse::Client;
}

/// Reports what the checks of credentials called `ids` did not pass, with this outcome or any.
void judged(const MeshFacts &facts, Report &report, std::initializer_list<const char *> ids,
            std::optional<pki::CheckOutcome> outcome = std::nullopt)
{
    eachReadable(facts.keyPairs, [&](const model::Secret &secret, const pki::Credential &credential) {
        for (const pki::CredentialCheck &check :
             pki::checkCredential(credential, useOf(facts, secret, credential), facts.now)) {
            const bool wanted =
                std::any_of(ids.begin(), ids.end(), [&check](const char *id) { return check.id == id; });
            if (!wanted || check.outcome == pki::CheckOutcome::Passed ||
                (outcome && check.outcome != *outcome))
                continue;
            std::string text = check.text;
            if (text.ends_with('.'))
                text.pop_back();
            Finding &finding = report.add(secret, "data", text);
            finding.severity =
                check.outcome == pki::CheckOutcome::Failed ? Severity::Error : Severity::Warning;
        }
    });
}

void unreadable(const MeshFacts &facts, Report &report)
{
    keysMissing(facts, report);
    for (const KeyPair &pair : facts.keyPairs) {
        if (!pair.credential)
            report.add(*pair.secret, "data", pair.credential.error().what, pair.credential.error().hint);
    }
}

void keyOfAnother(const MeshFacts &facts, Report &report)
{
    judged(facts, report, {"key-matches"});
}
void wrongPurpose(const MeshFacts &facts, Report &report)
{
    judged(facts, report, {"purpose"});
}
void namesMissing(const MeshFacts &facts, Report &report)
{
    judged(facts, report, {"subject-alt-names", "identity"});
}
void weakKey(const MeshFacts &facts, Report &report)
{
    judged(facts, report, {"strength"});
}
void notValid(const MeshFacts &facts, Report &report)
{
    judged(facts, report, {"validity"}, pki::CheckOutcome::Failed);
}
void expiresSoon(const MeshFacts &facts, Report &report)
{
    judged(facts, report, {"validity"}, pki::CheckOutcome::Warning);
}
void oldInBundle(const MeshFacts &facts, Report &report)
{
    judged(facts, report, {"ca-bundle"});
}
void chainIncomplete(const MeshFacts &facts, Report &report)
{
    judged(facts, report, {"chain"});
}

/// A client's key where applications run: who may read Secrets there has the egress identity.
void keyAmongApplications(const MeshFacts &facts, Report &report)
{
    for (const KeyPair &pair : facts.keyPairs) {
        const model::Secret &secret = *pair.secret;
        const std::string &nameSpace = secret.metadata.resourceNamespace;
        const bool applications = std::any_of(
            facts.context.instances.begin(), facts.context.instances.end(), [&nameSpace](const auto &pod) {
                return pod.nameSpace == nameSpace && pod.proxy != compile::Instance::Proxy::Gateway;
            });
        bool client = false;
        for (const model::CredentialReference &use : model::credentialReferences(facts.mesh))
            client = client || (use.credential == secret.metadata.name && !use.server);
        if (applications && client)
            report.add(secret, "metadata.namespace",
                       "the client's key lies where applications run: who may read Secrets of " + nameSpace +
                           " can act as this client",
                       "keep it in a namespace that holds nothing but the egress gateway");
    }
}

constexpr Check credentialTable[] = {
    {"EGR0501", Severity::Error, "A credential is not where its proxy looks for it", credentialNotFound},
    {"EGR0502", Severity::Error, "A credential without a usable key pair", unreadable},
    {"EGR0503", Severity::Error, "A credential without a CA", caMissing},
    {"EGR0504", Severity::Warning, "Two CAs for one credential", twoAuthorities},
    {"EGR0505", Severity::Error, "A key pair under a CA's name", pairNamedAsAuthority},
    {"EGR0506", Severity::Error, "Certificate and key do not belong together", keyOfAnother},
    {"EGR0507", Severity::Error, "A certificate for another purpose", wrongPurpose},
    {"EGR0508", Severity::Warning, "A certificate without the names it needs", namesMissing},
    {"EGR0509", Severity::Warning, "A weak key or signature", weakKey},
    {"EGR0510", Severity::Error, "A certificate that is not valid", notValid},
    {"EGR0511", Severity::Warning, "A certificate that expires soon", expiresSoon},
    {"EGR0513", Severity::Warning, "A chain that is not complete", chainIncomplete},
    {"EGR0518", Severity::Warning, "A CA of a bundle that has expired", oldInBundle},
    {"EGR0520", Severity::Warning, "A client's key among applications", keyAmongApplications},
};

} // namespace

std::span<const Check> credentialChecks()
{
    return credentialTable;
}

} // namespace sallyport::analysis
