// SPDX-License-Identifier: GPL-3.0-or-later
// What the certificates panel does with the credential that is selected.
#include "ui/certificates/certificates_panel.h"
#include "ui/certificates/passphrase_dialog.h"

#include <QClipboard>
#include <QDir>
#include <QFileDialog>
#include <QGuiApplication>
#include <QStandardPaths>

namespace sallyport::certificates {

void CertificatesPanel::removeCurrent()
{
    const CertificateEntry *entry = current();
    if (entry && entry->kind == CertificateEntry::Kind::Imported)
        m_changes.remove(currentId());
}

void CertificatesPanel::exportCurrent(ExportForm form)
{
    const pki::CredentialId id = currentId();
    if (form != ExportForm::Pkcs12) {
        exportTo(id, form, {});
        return;
    }
    auto *dialog = new PassphraseDialog(QString::fromStdString(id.name), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this,
            [this, id, dialog] { exportTo(id, ExportForm::Pkcs12, dialog->passphrase().toStdString()); });
    dialog->open();
}

/// Asks where to, and writes it there.
void CertificatesPanel::exportTo(const pki::CredentialId &id, ExportForm form, const std::string &passphrase)
{
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    const QString title = form == ExportForm::Certificates ? tr("Write the certificates to")
                          : form == ExportForm::Pkcs12     ? tr("Write the store, private key included, to")
                                                           : tr("Write the Secret, private key included, to");
    auto *dialog = new QFileDialog(this, title);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDirectory(folder);
    dialog->selectFile(exportFileName(id, form));
    connect(dialog, &QFileDialog::fileSelected, this, [this, id, form, passphrase](const QString &path) {
        m_worker.start(
            [this, id, form, passphrase, path, project = m_context.project.folder().toStdString()] {
                const auto written =
                    exportCredential(pki::CredentialStore::forProject(project), id, form, path, passphrase);
                const QString said = written ? tr("Written to %1").arg(QDir::toNativeSeparators(path))
                                             : QString::fromStdString(written.error().toString());
                QMetaObject::invokeMethod(
                    this, [this, said] { Q_EMIT message(said); }, Qt::QueuedConnection);
            });
    });
    dialog->open();
}

void CertificatesPanel::copyKubectlLine()
{
    const auto store = pki::CredentialStore::forProject(m_context.project.folder().toStdString());
    QGuiApplication::clipboard()->setText(kubectlLine(store, currentId(), pki::SecretKeys::Tls));
    Q_EMIT message(tr("The kubectl line is on the clipboard"));
}

} // namespace sallyport::certificates
