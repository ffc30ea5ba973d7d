// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pki/secret_yaml.h"

#include <openssl/evp.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>

namespace sallyport::pki {

namespace {

struct KeyNames
{
    const char *key;
    const char *certificate;
    const char *ca;
    const char *crl;
};

constexpr KeyNames keyNames(SecretKeys keys)
{
    return keys == SecretKeys::Tls ? KeyNames{"tls.key", "tls.crt", "ca.crt", "ca.crl"}
                                   : KeyNames{"key", "cert", "cacert", "crl"};
}

std::string shellQuoted(const std::string &text)
{
    const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isalnum(c) ||
               std::string_view("@%+=:,./-_").find(static_cast<char>(c)) != std::string_view::npos;
    });
    if (plain)
        return text;
    std::string quoted = "'";
    for (const char c : text)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + '\'';
}

Result<std::map<std::string, std::string>> readData(const YAML::Node &secret, const std::string &file)
{
    std::map<std::string, std::string> data;
    for (const auto &entry : secret["data"]) {
        const auto key = entry.first.as<std::string>();
        Result<std::string> bytes = base64Decode(entry.second.as<std::string>());
        if (!bytes) {
            const YAML::Mark mark = entry.second.Mark();
            return fail("data." + key + " is not base64", Place{file, mark.line + 1, mark.column + 1});
        }
        data[key] = *std::move(bytes);
    }
    for (const auto &entry : secret["stringData"])
        data[entry.first.as<std::string>()] = entry.second.as<std::string>();
    return data;
}

} // namespace

std::string base64Encode(std::string_view bytes)
{
    std::string text(4 * ((bytes.size() + 2) / 3), '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char *>(text.data()),
                    reinterpret_cast<const unsigned char *>(bytes.data()), static_cast<int>(bytes.size()));
    return text;
}

Result<std::string> base64Decode(std::string_view text)
{
    std::string compact;
    std::copy_if(text.begin(), text.end(), std::back_inserter(compact),
                 [](unsigned char c) { return !std::isspace(c); });
    const std::size_t padding = compact.ends_with("==") ? 2 : compact.ends_with('=') ? 1 : 0;
    std::string bytes(compact.size() / 4 * 3, '\0');
    const int length = compact.size() % 4 == 0
                           ? EVP_DecodeBlock(reinterpret_cast<unsigned char *>(bytes.data()),
                                             reinterpret_cast<const unsigned char *>(compact.data()),
                                             static_cast<int>(compact.size()))
                           : -1;
    if (length < 0)
        return fail("not base64");
    bytes.resize(static_cast<std::size_t>(length) - std::min(padding, static_cast<std::size_t>(length)));
    return bytes;
}

std::string secretYaml(const Credential &credential, const std::string &secretNamespace, SecretKeys keys)
{
    const KeyNames names = keyNames(keys);
    std::string yaml = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: " + credential.name +
                       "\n  namespace: " + secretNamespace + "\ntype: Opaque\ndata:\n";
    const auto add = [&](const char *name, const std::string &pem) {
        if (!pem.empty())
            yaml += std::string("  ") + name + ": " + base64Encode(pem) + '\n';
    };
    add(names.key, credential.key.toPem());
    add(names.certificate, toPem(credential.chain));
    add(names.ca, toPem(credential.ca));
    add(names.crl, credential.crl);
    return yaml;
}

Result<Credential> credentialFromSecretYaml(std::string_view yaml, const std::string &file)
{
    try {
        for (const YAML::Node &document : YAML::LoadAll(std::string(yaml))) {
            if (!document.IsMap() || document["kind"].as<std::string>("") != "Secret")
                continue;
            Result<std::map<std::string, std::string>> data = readData(document, file);
            if (!data)
                return fail(data.error());
            return credentialFromSecretData(document["metadata"]["name"].as<std::string>(""), *data);
        }
    } catch (const YAML::Exception &error) {
        return fail(error.msg, Place{file, error.mark.line + 1, error.mark.column + 1});
    }
    return fail("no Secret in this file", Place{file, 0, 0});
}

std::string kubectlCreateLine(const std::string &name, const std::string &secretNamespace,
                              const CredentialFiles &files, SecretKeys keys)
{
    const KeyNames names = keyNames(keys);
    std::string line =
        "kubectl create -n " + shellQuoted(secretNamespace) + " secret generic " + shellQuoted(name);
    const auto add = [&](const char *key, const std::string &path) {
        if (!path.empty())
            line += std::string(" --from-file=") + key + '=' + shellQuoted(path);
    };
    add(names.key, files.key);
    add(names.certificate, files.certificate);
    add(names.ca, files.ca);
    return line;
}

} // namespace sallyport::pki
