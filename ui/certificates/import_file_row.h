// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/certificates/import_file.h"

#include <QFrame>

class QLabel;
class QLineEdit;
class QToolButton;

namespace sallyport::certificates {

/// A chosen file: what it holds or what is wrong with it, and its passphrase where it has one.
class ImportFileRow : public QFrame
{
    Q_OBJECT

public:
    ImportFileRow(const QString &path, QWidget *parent);

    const QString &path() const { return m_path; }
    void show(const ImportFile &file);
    /// True if a passphrase has to be given here.
    bool wantsPassphrase() const;
    void focusPassphrase();

Q_SIGNALS:
    void passphraseChanged(const QString &passphrase);
    void removeRequested();

private:
    void showIcon();

    QString m_path;
    ImportFile::State m_state = ImportFile::State::Good;
    QLabel *m_icon = nullptr;
    QLabel *m_content = nullptr;
    QLineEdit *m_passphrase = nullptr;
};

} // namespace sallyport::certificates
