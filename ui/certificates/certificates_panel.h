// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/certificates/certificate_export.h"
#include "ui/certificates/certificate_list.h"
#include "ui/certificates/credential_changes.h"

#include <QWidget>

class QAction;
class QListView;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QToolButton;

namespace sallyport::theme {
class EmptyState;
}

namespace sallyport::certificates {

class CertificateDetail;
class ImportPanel;

/// Everything that has a certificate: the list on the left, one of it or the import of another on the right.
/// Files that are dropped on it open the import.
class CertificatesPanel : public QWidget
{
    Q_OBJECT

public:
    /// `import` opens the import; it is the window's action.
    CertificatesPanel(session::Context &context, CertificateList &list, QAction *import,
                      QWidget *parent = nullptr);
    ~CertificatesPanel() override;

    /// Opens the import with these files. `wanted` says which credential it is for, as far as that is known;
    /// without files the missing one that is selected is meant.
    void openImport(const QStringList &files = {}, const session::CredentialSelection &wanted = {});
    bool isImporting() const;
    QList<QAction *> certificateActions() const;

    /// The files of a drag that can be imported: local, and no folders.
    static QStringList filesOf(const QMimeData *data);

Q_SIGNALS:
    void message(const QString &text);

protected:
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void makeActions();
    QWidget *makeLeft();
    void connectAll();
    void showState();
    void showCurrent();
    void closeImport();
    void select(const QModelIndex &index);
    void followSelection(const session::SelectedThing &thing);
    void removeCurrent();
    void exportCurrent(ExportForm form);
    void exportTo(const pki::CredentialId &id, ExportForm form, const std::string &passphrase);
    QList<QAction *> exportActions() const;
    void copyKubectlLine();
    void openMenu(const QPoint &position);
    const CertificateEntry *current() const;
    pki::CredentialId currentId() const;

    session::Context &m_context;
    CertificateList &m_list;
    CredentialChanges m_changes;
    QThreadPool m_worker;
    QAction *m_importAction = nullptr;
    QAction *m_remove = nullptr;
    QAction *m_exportTls = nullptr;
    QAction *m_exportGeneric = nullptr;
    QAction *m_exportPkcs12 = nullptr;
    QAction *m_exportCertificates = nullptr;
    QAction *m_copyKubectl = nullptr;
    QStackedWidget *m_whole = nullptr;
    QSplitter *m_splitter = nullptr;
    QListView *m_view = nullptr;
    QToolButton *m_export = nullptr;
    QStackedWidget *m_right = nullptr;
    theme::EmptyState *m_empty = nullptr;
    CertificateDetail *m_detail = nullptr;
    ImportPanel *m_import = nullptr;
    bool m_showing = false;                   ///< rows change by themselves, not by the person
    std::optional<CertificateEntry> m_chosen; ///< is current whenever it is there; nothing: the first row
};

} // namespace sallyport::certificates
