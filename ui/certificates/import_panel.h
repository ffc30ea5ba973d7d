// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pki/credential_store.h"
#include "ui/certificates/import_draft.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QScrollArea;
class QVBoxLayout;

namespace sallyport::certificates {

class CheckList;
class ImportFileRow;

/// The import of a credential: files on the left, what they are worth on the right, before anything is
/// accepted.
class ImportPanel : public QWidget
{
    Q_OBJECT

public:
    ImportPanel(session::ProjectSession &project, QWidget *parent = nullptr);

    /// Begins anew. `wanted` may be empty in whole or in part.
    void begin(const QStringList &files, const session::CredentialSelection &wanted);
    void addFiles(const QStringList &files);
    /// Asks for files to add.
    void chooseFiles();
    ImportDraft &draft() { return m_draft; }

Q_SIGNALS:
    void accepted(const sallyport::pki::CredentialId &id, const sallyport::pki::Credential &credential);
    void cancelled();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    QWidget *makeFiles();
    QWidget *makeTarget();
    QWidget *makeVerdict();
    void showPlan();
    void showFiles();
    void showTarget();
    void accept();
    ImportFileRow *rowOf(const QString &path) const;

    session::ProjectSession &m_project;
    ImportDraft m_draft;
    QScrollArea *m_left = nullptr;
    QVBoxLayout *m_rows = nullptr;
    QLabel *m_dropHint = nullptr;
    QPushButton *m_add = nullptr;
    QLineEdit *m_name = nullptr;
    QComboBox *m_mesh = nullptr;
    QComboBox *m_nameSpace = nullptr;
    QComboBox *m_use = nullptr;
    CheckList *m_checks = nullptr;
    QLabel *m_checksHint = nullptr;
    QLabel *m_verdictIcon = nullptr;
    QLabel *m_verdict = nullptr;
    QCheckBox *m_anyway = nullptr;
    QPushButton *m_import = nullptr;
};

} // namespace sallyport::certificates
