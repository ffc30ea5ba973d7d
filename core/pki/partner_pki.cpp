// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pki/partner_pki.h"

#include "core/pki/certificate_builder.h"
#include "core/pki/credential_store.h"

#include <sys/stat.h>

#include <filesystem>

namespace sallyport::pki {

namespace {

Result<Credential> issuePair(CertificateRequest request, const std::string &name, const Certificate &ca,
                             const PrivateKey &caKey)
{
    Result<PrivateKey> key = PrivateKey::generate(KeyType::Rsa2048);
    if (!key)
        return fail(key.error());
    request.organization = "Partner";
    Result<Certificate> certificate = issueCertificate(request, *key, ca, caKey);
    if (!certificate)
        return fail(certificate.error());
    Credential credential;
    credential.name = name;
    credential.key = *std::move(key);
    credential.chain = {*std::move(certificate)};
    credential.ca = {ca};
    return credential;
}

} // namespace

Result<PartnerPki> PartnerPki::create(const std::string &serverName, const std::string &clientName)
{
    Result<PrivateKey> caKey = PrivateKey::generate(KeyType::Rsa4096);
    if (!caKey)
        return fail(caKey.error());
    CertificateRequest root;
    root.organization = "Partner";
    root.commonName = "Partner Root CA";
    root.ca = true;
    root.validity = std::chrono::hours(24 * 365 * 10);
    Result<Certificate> ca = issueCertificate(root, *caKey, {}, {});
    if (!ca)
        return fail(ca.error());

    CertificateRequest server;
    server.commonName = serverName;
    server.subjectAltNames.dns = {serverName};
    server.server = true;
    Result<Credential> serverPair = issuePair(server, serverName, *ca, *caKey);
    if (!serverPair)
        return fail(serverPair.error());

    CertificateRequest client;
    client.commonName = clientName;
    client.subjectAltNames.uris = {"spiffe://" + clientName};
    client.client = true;
    Result<Credential> clientPair = issuePair(client, clientName, *ca, *caKey);
    if (!clientPair)
        return fail(clientPair.error());
    return PartnerPki{*std::move(ca), *std::move(serverPair), *std::move(clientPair)};
}

Result<CredentialFiles> writeGuideFiles(const Credential &client, const std::string &folder)
{
    std::error_code code;
    std::filesystem::create_directories(folder, code);
    if (code || ::chmod(folder.c_str(), S_IRWXU) != 0)
        return fail("the folder cannot be made: " + code.message(), Place{folder, 0, 0});
    const CredentialFiles files{folder + "/client.key.pem", folder + "/clientcert.pem",
                                folder + "/cacert.pem"};
    if (Result<void> done = writeFileAtomically(files.key, client.key.toPem(), S_IRUSR | S_IWUSR); !done)
        return fail(done.error());
    if (Result<void> done = writeFileAtomically(files.certificate, toPem(client.chain),
                                                S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
        !done)
        return fail(done.error());
    if (Result<void> done =
            writeFileAtomically(files.ca, toPem(client.ca), S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
        !done)
        return fail(done.error());
    return files;
}

} // namespace sallyport::pki
