// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/identities.h"

#include "core/pki/certificate_builder.h"

namespace sallyport::lab {

namespace {

constexpr int privateMode = 0600;

dataplane::DataSource inlineText(std::string text)
{
    dataplane::DataSource source;
    source.inlineString = std::move(text);
    return source;
}

PlannedFile secretFile(const std::string &path, const std::vector<dataplane::Secret> &secrets)
{
    return {path, dataplane::encodeSecretFile(secrets), privateMode};
}

} // namespace

Result<void> Identities::prepare(const model::Mesh &mesh)
{
    const auto known = m_authorities.find(mesh.name);
    if (known != m_authorities.end() && known->second.trustDomain() == mesh.config.trustDomain)
        return {};
    auto authority = pki::MeshCa::create(mesh.config.trustDomain);
    if (!authority)
        return fail(authority.error());
    m_authorities.insert_or_assign(mesh.name, std::move(*authority));
    std::erase_if(m_issued, [&mesh](const auto &issued) { return issued.second.mesh == mesh.name; });
    return {};
}

const pki::MeshCa *Identities::authority(const std::string &mesh) const
{
    const auto found = m_authorities.find(mesh);
    return found == m_authorities.end() ? nullptr : &found->second;
}

Result<void> Identities::issue(const std::string &path, Issued &issued) const
{
    const auto certificate = m_authorities.at(issued.mesh).issueWorkload(issued.spiffeId, m_validity);
    if (!certificate)
        return fail(certificate.error());
    dataplane::Secret secret;
    secret.name = "default";
    secret.certificate = dataplane::TlsCertificate{
        inlineText(certificate->chainPem()), inlineText(certificate->key.toPem()), {}};
    issued.when = std::chrono::steady_clock::now();
    issued.file = secretFile(path, {secret});
    return {};
}

Result<std::vector<PlannedFile>> Identities::secretFiles(const compile::CompiledProxy &proxy,
                                                         const std::string &spiffeId)
{
    std::vector<PlannedFile> files;
    for (const compile::SecretFile &secret : proxy.secrets) {
        switch (secret.kind) {
        case compile::SecretFile::Kind::WorkloadCertificate: {
            Issued &issued = m_issued[secret.path];
            const bool good = issued.mesh == proxy.mesh && issued.spiffeId == spiffeId &&
                              std::chrono::steady_clock::now() < issued.when + m_validity / 2;
            if (!good) {
                issued.mesh = proxy.mesh;
                issued.spiffeId = spiffeId;
                if (const auto done = issue(secret.path, issued); !done)
                    return fail(done.error());
            }
            files.push_back(issued.file);
            break;
        }
        case compile::SecretFile::Kind::WorkloadRoot: {
            dataplane::Secret root;
            root.name = secret.name;
            root.validation.emplace().trustedCa =
                inlineText(m_authorities.at(proxy.mesh).certificate().toPem());
            files.push_back(secretFile(secret.path, {root}));
            break;
        }
        case compile::SecretFile::Kind::Given:
            // Without content the file is there and empty: connections then fail for want of the secret, as
            // they do in a cluster.
            files.push_back(secretFile(secret.path, secret.secret
                                                        ? std::vector<dataplane::Secret>{*secret.secret}
                                                        : std::vector<dataplane::Secret>()));
            break;
        }
    }
    return files;
}

Result<std::vector<PlannedFile>> Identities::renewed()
{
    std::vector<PlannedFile> files;
    for (auto &[path, issued] : m_issued) {
        if (const auto done = issue(path, issued); !done)
            return fail(done.error());
        files.push_back(issued.file);
    }
    return files;
}

Result<std::pair<std::string, std::string>> Identities::applicationPair(const std::vector<std::string> &names)
{
    if (!m_application.first.empty())
        return m_application;
    const auto key = pki::PrivateKey::generate(pki::KeyType::EcP256);
    if (!key)
        return fail(key.error());
    pki::CertificateRequest request;
    request.commonName = names.empty() ? "application.lab" : names.front();
    request.subjectAltNames.dns = names;
    request.server = true;
    const auto certificate = pki::issueCertificate(request, *key, {}, {});
    if (!certificate)
        return fail(certificate.error());
    m_application = {certificate->toPem(), key->toPem()};
    return m_application;
}

} // namespace sallyport::lab
