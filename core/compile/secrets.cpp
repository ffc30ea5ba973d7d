// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/secrets.h"

#include <QFileInfo>
#include <QString>
#include <algorithm>

namespace sallyport::compile {

namespace {

constexpr std::string_view caSuffix = "-cacert";

bool isCaName(std::string_view name)
{
    return name.ends_with(caSuffix);
}

const std::string *valueOf(const model::Secret &secret, const char *key)
{
    const auto found = secret.data.find(key);
    return found != secret.data.end() && !found->second.empty() ? &found->second : nullptr;
}

const std::string *valueOf(const model::Secret &secret, const char *preferred, const char *otherwise)
{
    const std::string *value = valueOf(secret, preferred);
    return value ? value : valueOf(secret, otherwise);
}

/// `kubernetes://NAME` may be written out, also with the proxy's own namespace before the name.
std::string secretName(const std::string &credential, const std::string &nameSpace)
{
    constexpr std::string_view scheme = "kubernetes://";
    std::string name = credential;
    if (!credential.starts_with(scheme))
        return name;
    name.erase(0, scheme.size());
    return name.starts_with(nameSpace + '/') ? name.substr(nameSpace.size() + 1) : name;
}

dataplane::DataSource inlineText(const std::string &text)
{
    dataplane::DataSource source;
    source.inlineString = text;
    return source;
}

dataplane::DataSource fileName(const std::string &path)
{
    dataplane::DataSource source;
    source.filename = path;
    return source;
}

bool isReadable(const std::string &path)
{
    return QFileInfo(QString::fromStdString(path)).isReadable();
}

/// A name that is fit for a file and still readable.
std::string fileBaseName(const std::string &name)
{
    std::string result;
    for (const char c : name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '.' || c == '-' || c == '_';
        if (plain)
            result += c;
        else if (!result.empty() && result.back() != '_')
            result += '_';
    }
    return result;
}

} // namespace

SecretCollector::SecretCollector(const MeshContext &mesh, const Instance &instance)
    : m_mesh(mesh)
    , m_instance(instance)
{
    const auto place = mesh.placement.instances.find(instance.name);
    if (place != mesh.placement.instances.end())
        m_folder = place->second.secretsFolder;
}

dataplane::SdsSecretConfig SecretCollector::add(SecretFile file)
{
    dataplane::SdsSecretConfig config;
    config.name = file.name;
    auto known = std::find_if(m_files.begin(), m_files.end(),
                              [&file](const SecretFile &other) { return other.name == file.name; });
    if (known == m_files.end()) {
        const std::string base = m_folder + '/' + fileBaseName(file.name);
        file.path = base + ".json";
        for (int number = 2;
             std::any_of(m_files.begin(), m_files.end(),
                         [&file](const SecretFile &other) { return other.path == file.path; });
             ++number)
            file.path = base + '-' + std::to_string(number) + ".json";
        if (file.secret)
            file.secret->name = file.name;
        m_files.push_back(std::move(file));
        known = std::prev(m_files.end());
    }
    config.source = dataplane::ConfigSource{known->path, {}};
    return config;
}

dataplane::SdsSecretConfig SecretCollector::workloadCertificate()
{
    SecretFile file;
    file.name = "default";
    file.kind = SecretFile::Kind::WorkloadCertificate;
    return add(std::move(file));
}

dataplane::SdsSecretConfig SecretCollector::workloadRoot()
{
    SecretFile file;
    file.name = "ROOTCA";
    file.kind = SecretFile::Kind::WorkloadRoot;
    return add(std::move(file));
}

void SecretCollector::fillCertificate(SecretFile &file, const std::string &name) const
{
    if (isCaName(name)) {
        file.missing = "a credential whose name ends in " + std::string(caSuffix) +
                       " means a CA alone: no certificate is looked for in " + name;
        return;
    }
    const model::Secret *secret = m_mesh.mesh.findSecret(m_instance.nameSpace, name);
    if (!secret) {
        file.missing =
            "there is no Secret " + m_instance.nameSpace + '/' + name + " in mesh " + m_mesh.mesh.name;
        return;
    }
    // The generic form before the form of Kubernetes, which alone may have a staple; never half of each.
    const bool generic = valueOf(*secret, "cert") && valueOf(*secret, "key");
    const std::string *certificate = valueOf(*secret, generic ? "cert" : "tls.crt");
    const std::string *key = valueOf(*secret, generic ? "key" : "tls.key");
    if (!certificate || !key) {
        file.missing = "Secret " + m_instance.nameSpace + '/' + name +
                       " has no certificate and key (tls.crt and tls.key)";
        return;
    }
    dataplane::Secret content;
    content.certificate = dataplane::TlsCertificate{inlineText(*certificate), inlineText(*key), {}};
    if (const std::string *staple = generic ? nullptr : valueOf(*secret, "tls.ocsp-staple"))
        content.certificate->ocspStaple.inlineBytes = *staple;
    file.secret = std::move(content);
}

void SecretCollector::fillRoot(SecretFile &file, const std::string &name) const
{
    // A secret of its own, `NAME-cacert`, is asked alone; without one, the credential itself.
    const model::Secret *secret = m_mesh.mesh.findSecret(m_instance.nameSpace, name + std::string(caSuffix));
    if (!secret)
        secret = m_mesh.mesh.findSecret(m_instance.nameSpace, name);
    const std::string *root = secret ? valueOf(*secret, "cacert", "ca.crt") : nullptr;
    if (!root) {
        file.missing = "there is no CA certificate (ca.crt) in Secret " + m_instance.nameSpace + '/' + name +
                       " nor in " + name + "-cacert in mesh " + m_mesh.mesh.name;
        return;
    }
    dataplane::CertificateValidationContext validation;
    validation.trustedCa = inlineText(*root);
    if (const std::string *crl = valueOf(*secret, "crl", "ca.crl"))
        validation.crl = inlineText(*crl);
    dataplane::Secret content;
    content.validation = std::move(validation);
    file.secret = std::move(content);
}

dataplane::SdsSecretConfig SecretCollector::credential(const std::string &name)
{
    SecretFile file;
    const std::string secret = secretName(name, m_instance.nameSpace);
    file.name = "kubernetes://" + secret;
    fillCertificate(file, secret);
    return add(std::move(file));
}

dataplane::SdsSecretConfig SecretCollector::credentialRoot(const std::string &name, const std::string &caName)
{
    constexpr std::string_view configMaps = "configmap://";
    if (caName.starts_with(configMaps))
        return configMapRoot(caName.substr(configMaps.size()));
    SecretFile file;
    // The suffix asks for the CA; a CA's own name must have it.
    const std::string wanted = caName.empty() ? secretName(name, m_instance.nameSpace) + std::string(caSuffix)
                                              : secretName(caName, m_instance.nameSpace);
    file.name = "kubernetes://" + wanted;
    if (isCaName(wanted))
        fillRoot(file, wanted.substr(0, wanted.size() - caSuffix.size()));
    else
        file.missing = "the credential " + wanted + " is not taken for a CA: its name does not end in " +
                       std::string(caSuffix);
    return add(std::move(file));
}

dataplane::SdsSecretConfig SecretCollector::configMapRoot(const std::string &written)
{
    // The suffix that asks for the CA may stand there already.
    const std::string address =
        isCaName(written) ? written.substr(0, written.size() - caSuffix.size()) : written;
    SecretFile file;
    file.name = "configmap://" + address + std::string(caSuffix);
    const auto value = [this, &address](const char *preferred, const char *otherwise) -> const std::string * {
        for (const model::ConfigMap &map : m_mesh.mesh.configMaps) {
            if (map.metadata.resourceNamespace + '/' + map.metadata.name != address)
                continue;
            for (const char *key : {preferred, otherwise}) {
                const auto found = map.data.find(key);
                if (found != map.data.end() && !found->second.empty())
                    return &found->second;
            }
        }
        return nullptr;
    };
    if (const std::string *root = value("cacert", "ca.crt")) {
        dataplane::CertificateValidationContext validation;
        validation.trustedCa = inlineText(*root);
        if (const std::string *crl = value("crl", "ca.crl"))
            validation.crl = inlineText(*crl);
        file.secret.emplace().validation = std::move(validation);
    } else {
        file.missing =
            "there is no CA certificate (ca.crt) in ConfigMap " + address + " in mesh " + m_mesh.mesh.name;
    }
    return add(std::move(file));
}

dataplane::SdsSecretConfig SecretCollector::certificateFiles(const std::string &certificate,
                                                             const std::string &key)
{
    SecretFile file;
    file.name = "file-cert:" + certificate + '~' + key;
    if (isReadable(certificate) && isReadable(key)) {
        dataplane::Secret content;
        content.certificate = dataplane::TlsCertificate{fileName(certificate), fileName(key), {}};
        file.secret = std::move(content);
    } else {
        file.missing = "the files " + certificate + " and " + key + " are not on this machine";
    }
    return add(std::move(file));
}

dataplane::DataSource SecretCollector::revocations(const std::string &crl)
{
    return crl.empty() || !isReadable(crl) ? dataplane::DataSource() : fileName(crl);
}

dataplane::SdsSecretConfig SecretCollector::rootFile(const std::string &path, const std::string &crl)
{
    SecretFile file;
    file.name = "file-root:" + path;
    const std::string actual = path == "system" ? m_mesh.placement.systemRoots : path;
    if (!crl.empty() && !isReadable(crl)) {
        // Without its revocations the CA must not be trusted; others may have it without.
        file.name += "~" + crl;
        file.missing = "the CRL file " + crl + " is not on this machine";
    } else if (isReadable(actual)) {
        dataplane::CertificateValidationContext validation;
        validation.trustedCa = fileName(actual);
        dataplane::Secret content;
        content.validation = std::move(validation);
        file.secret = std::move(content);
    } else {
        file.missing = "the CA file " + actual + " is not on this machine";
    }
    return add(std::move(file));
}

} // namespace sallyport::compile
