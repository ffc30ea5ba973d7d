// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QLabel;
class QPushButton;

namespace sallyport::certificates {

class PassphraseEdit;

/// Asks for the passphrase of a store that is to be written: twice, since nobody can read it again.
class PassphraseDialog : public QDialog
{
    Q_OBJECT

public:
    explicit PassphraseDialog(const QString &credential, QWidget *parent = nullptr);

    QString passphrase() const;

private:
    void check();

    PassphraseEdit *m_first;
    PassphraseEdit *m_again;
    QLabel *m_complaint;
    QPushButton *m_ok;
};

} // namespace sallyport::certificates
