// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/lab_certificates.h"

#include "core/dataplane/bootstrap.h"
#include "core/pki/pem.h"

#include <QFile>

namespace sallyport::session {

namespace {

std::string contentOf(const dataplane::DataSource &source)
{
    if (source.inlineString)
        return *source.inlineString;
    return source.inlineBytes.value_or(std::string());
}

QString identityOf(const pki::Certificate &certificate)
{
    const pki::SubjectAltNames names = certificate.subjectAltNames();
    if (!names.uris.empty())
        return QString::fromStdString(names.uris.front());
    if (!names.dns.empty())
        return QString::fromStdString(names.dns.front());
    return QString::fromStdString(certificate.subject());
}

void add(QList<NodeCertificate> &list, const lab::Process &process, const std::string &secret,
         const std::string &pem, bool authority)
{
    const auto material = pki::decodeKeyMaterial(pem, secret);
    if (!material || material->certificates.empty())
        return;
    const pki::Certificate &leaf = material->certificates.front();
    NodeCertificate certificate;
    certificate.process = QString::fromStdString(process.id);
    certificate.secret = QString::fromStdString(secret);
    certificate.identity = identityOf(leaf);
    certificate.notAfter =
        QDateTime::fromSecsSinceEpoch(std::chrono::system_clock::to_time_t(leaf.notAfter()), Qt::UTC);
    certificate.authority = authority;
    certificate.chain = material->certificates;
    list.append(certificate);
}

} // namespace

QList<NodeCertificate> certificatesOf(const lab::LabPlan &plan)
{
    QList<NodeCertificate> list;
    for (const lab::Process &process : plan.processes) {
        for (const lab::PlannedFile &file : process.files) {
            if (!QByteArray::fromStdString(file.path).endsWith(".json"))
                continue;
            const auto secrets = dataplane::decodeSecretFile(file.content);
            if (!secrets)
                continue;
            for (const dataplane::Secret &secret : secrets->secrets) {
                if (secret.certificate)
                    add(list, process, secret.name, contentOf(secret.certificate->certificateChain), false);
                if (secret.validation)
                    add(list, process, secret.name, contentOf(secret.validation->trustedCa), true);
            }
        }
    }
    return list;
}

} // namespace sallyport::session
