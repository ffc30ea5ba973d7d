// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pki/credential.h"

#include <algorithm>
#include <array>
#include <filesystem>

namespace sallyport::pki {

namespace {

enum class Part { Key, Certificate, Ca };

struct UsualName
{
    std::string_view name;
    Part part;
};
// The Secret's keys of both conventions, and the guide's file names.
constexpr std::array<UsualName, 9> usualNames{{{"tls.key", Part::Key},
                                               {"key", Part::Key},
                                               {"client.key.pem", Part::Key},
                                               {"tls.crt", Part::Certificate},
                                               {"cert", Part::Certificate},
                                               {"clientcert.pem", Part::Certificate},
                                               {"ca.crt", Part::Ca},
                                               {"cacert", Part::Ca},
                                               {"cacert.pem", Part::Ca}}};

std::optional<Part> partByName(const std::string &path)
{
    const std::string name = std::filesystem::path(path).filename().string();
    const auto found = std::find_if(usualNames.begin(), usualNames.end(),
                                    [&](const UsualName &usual) { return usual.name == name; });
    return found == usualNames.end() ? std::nullopt : std::optional(found->part);
}

template<typename T>
void append(std::vector<T> &to, const std::vector<T> &from)
{
    to.insert(to.end(), from.begin(), from.end());
}

/// Moves self-signed certificates that nobody asked to be the leaf to the CAs: bundles often carry their
/// root.
void separateRoots(Credential &credential)
{
    const auto isRoot = [&](const Certificate &certificate) {
        return certificate.isCa() && certificate.isSelfSigned() && !certificate.belongsTo(credential.key);
    };
    const auto firstRoot =
        std::stable_partition(credential.chain.begin(), credential.chain.end(),
                              [&](const Certificate &certificate) { return !isRoot(certificate); });
    if (credential.ca.empty())
        credential.ca.assign(firstRoot, credential.chain.end());
    credential.chain.erase(firstRoot, credential.chain.end());
}

Result<void> takeKey(Credential &credential, const KeyMaterial &material, const std::string &file)
{
    if (material.keys.empty())
        return {};
    if (!credential.key.isNull() || material.keys.size() > 1)
        return fail("a second private key", Place{file, 0, 0},
                    "a credential has one key: leave the other out");
    credential.key = material.keys.front();
    credential.sources.keyFile = file;
    return {};
}

/// Whether a file's certificates are CAs to trust. With the key's certificate known, names do not matter.
bool isCaFile(const FileMaterial &file, bool leafIsKnown, bool holdsLeaf)
{
    if (holdsLeaf)
        return false;
    const std::optional<Part> named = partByName(file.path);
    if (named == Part::Ca)
        return true;
    const bool onlyCas = std::all_of(file.material.certificates.begin(), file.material.certificates.end(),
                                     [](const Certificate &certificate) { return certificate.isCa(); });
    return onlyCas && file.material.keys.empty() && (leafIsKnown || !named);
}

std::string joinCrls(const KeyMaterial &material)
{
    std::string text;
    for (const std::string &crl : material.crls)
        text += crl;
    return text;
}

} // namespace

std::vector<Certificate> orderChain(std::vector<Certificate> certificates, const PrivateKey &key)
{
    auto next = std::find_if(certificates.begin(), certificates.end(),
                             [&](const Certificate &certificate) { return certificate.belongsTo(key); });
    if (next == certificates.end())
        return certificates;
    auto placed = certificates.begin();
    while (next != certificates.end()) {
        std::rotate(placed, next, next + 1);
        const Certificate current = *placed++;
        if (current.isSelfSigned())
            break;
        next = std::find_if(placed, certificates.end(),
                            [&](const Certificate &candidate) { return current.isSignedBy(candidate); });
    }
    return certificates;
}

Result<Credential> assembleCredential(const std::string &name, const std::vector<FileMaterial> &files)
{
    Credential credential;
    credential.name = name;
    for (const FileMaterial &file : files) {
        if (Result<void> taken = takeKey(credential, file.material, file.path); !taken)
            return fail(taken.error());
        credential.crl += joinCrls(file.material);
    }
    const auto holdsLeaf = [&](const FileMaterial &file) {
        return std::any_of(
            file.material.certificates.begin(), file.material.certificates.end(),
            [&](const Certificate &certificate) { return certificate.belongsTo(credential.key); });
    };
    const bool leafIsKnown = std::any_of(files.begin(), files.end(), holdsLeaf);
    for (const FileMaterial &file : files) {
        if (file.material.certificates.empty())
            continue;
        if (isCaFile(file, leafIsKnown, holdsLeaf(file))) {
            append(credential.ca, file.material.certificates);
            credential.sources.caFile = file.path;
        } else {
            append(credential.chain, file.material.certificates);
            if (credential.sources.certificateFile.empty() || holdsLeaf(file))
                credential.sources.certificateFile = file.path;
        }
    }
    const bool caIsApart = !credential.ca.empty();
    separateRoots(credential);
    if (!caIsApart && !credential.ca.empty())
        credential.sources.caFile = credential.sources.certificateFile;
    credential.chain = orderChain(std::move(credential.chain), credential.key);
    return credential;
}

Result<Credential> importCredential(const std::string &name, const std::vector<std::string> &paths,
                                    const PassphrasePrompt &prompt)
{
    std::vector<FileMaterial> files;
    for (const std::string &path : paths) {
        Result<KeyMaterial> material = readKeyMaterial(path, prompt);
        if (!material)
            return fail(material.error());
        files.push_back({path, *std::move(material)});
    }
    return assembleCredential(name, files);
}

Result<Credential> importCredential(const std::string &name, const CredentialFiles &files,
                                    const PassphrasePrompt &prompt)
{
    Credential credential;
    credential.name = name;
    credential.sources = {files.key, files.certificate, files.ca};
    if (!files.key.empty()) {
        Result<KeyMaterial> material = readKeyMaterial(files.key, prompt);
        if (!material)
            return fail(material.error());
        if (material->keys.empty())
            return fail("no private key in this file", Place{files.key, 0, 0},
                        "it begins with -----BEGIN PRIVATE KEY----- or alike");
        if (Result<void> taken = takeKey(credential, *material, files.key); !taken)
            return fail(taken.error());
        if (files.certificate.empty() || files.certificate == files.key)
            append(credential.chain, material->certificates);
    }
    if (!files.certificate.empty() && files.certificate != files.key) {
        Result<KeyMaterial> material = readKeyMaterial(files.certificate, prompt);
        if (!material)
            return fail(material.error());
        if (material->certificates.empty())
            return fail("no certificate in this file", Place{files.certificate, 0, 0},
                        "it begins with -----BEGIN CERTIFICATE-----");
        append(credential.chain, material->certificates);
        if (credential.key.isNull()) {
            if (Result<void> taken = takeKey(credential, *material, files.certificate); !taken)
                return fail(taken.error());
        }
    }
    if (!files.ca.empty()) {
        Result<KeyMaterial> material = readKeyMaterial(files.ca, prompt);
        if (!material)
            return fail(material.error());
        if (material->certificates.empty())
            return fail("no CA certificate in this file", Place{files.ca, 0, 0},
                        "it begins with -----BEGIN CERTIFICATE-----");
        append(credential.ca, material->certificates);
        credential.crl += joinCrls(*material);
    }
    credential.chain = orderChain(std::move(credential.chain), credential.key);
    return credential;
}

Result<Credential> credentialFromSecretData(const std::string &name,
                                            const std::map<std::string, std::string> &data)
{
    const auto value = [&](const char *key) -> const std::string * {
        const auto found = data.find(key);
        return found == data.end() || found->second.empty() ? nullptr : &found->second;
    };
    const bool generic = value("cert") && value("key");
    const char *certificateKey = generic ? "cert" : "tls.crt";
    const char *privateKey = generic ? "key" : "tls.key";
    const char *caKey = value("cacert") ? "cacert" : "ca.crt";
    const char *crlKey = value("crl") ? "crl" : "ca.crl";

    Credential credential;
    credential.name = name;
    credential.sources = {privateKey, certificateKey, caKey};
    const auto decode = [&](const char *key) {
        return decodeKeyMaterial(*value(key), name + " (" + key + ')');
    };
    if (value(privateKey)) {
        Result<KeyMaterial> material = decode(privateKey);
        if (!material)
            return fail(material.error());
        if (!material->keys.empty())
            credential.key = material->keys.front();
    }
    if (value(certificateKey)) {
        Result<KeyMaterial> material = decode(certificateKey);
        if (!material)
            return fail(material.error());
        credential.chain = std::move(material->certificates);
    }
    if (value(caKey)) {
        Result<KeyMaterial> material = decode(caKey);
        if (!material)
            return fail(material.error());
        credential.ca = std::move(material->certificates);
    }
    if (value(crlKey))
        credential.crl = *value(crlKey);
    return credential;
}

} // namespace sallyport::pki
