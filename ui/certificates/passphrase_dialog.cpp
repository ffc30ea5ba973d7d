// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/passphrase_dialog.h"

#include "ui/certificates/passphrase_edit.h"
#include "ui/theme/theme.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>

namespace sallyport::certificates {

namespace {

using theme::grid;

constexpr int dialogWidth = 52 * grid;

} // namespace

PassphraseDialog::PassphraseDialog(const QString &credential, QWidget *parent)
    : QDialog(parent)
    , m_first(new PassphraseEdit(this))
    , m_again(new PassphraseEdit(this))
    , m_complaint(new QLabel(this))
{
    setObjectName(QStringLiteral("passphraseDialog"));
    setWindowTitle(tr("Passphrase of the PKCS#12 store"));
    setMinimumWidth(dialogWidth);
    auto *why = new QLabel(tr("The store holds the private key of %1, sealed with this passphrase. Whoever "
                              "imports it is asked for it.")
                               .arg(credential),
                           this);
    why->setWordWrap(true);
    why->setTextFormat(Qt::PlainText);
    theme::setLook(why, theme::Look::Muted);
    m_first->setObjectName(QStringLiteral("passphraseFirst"));
    m_again->setObjectName(QStringLiteral("passphraseAgain"));
    m_first->setAccessibleName(tr("Passphrase"));
    m_again->setAccessibleName(tr("The passphrase again"));
    m_complaint->setObjectName(QStringLiteral("passphraseComplaint"));
    theme::setLook(m_complaint, theme::Look::Warning);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_ok = buttons->addButton(tr("&Choose the file…"), QDialogButtonBox::AcceptRole);
    m_ok->setObjectName(QStringLiteral("passphraseOk"));
    m_ok->setDefault(true);
    theme::setLook(m_ok, theme::Look::Primary);
    auto *fields = new QFormLayout;
    fields->setHorizontalSpacing(2 * grid);
    fields->setVerticalSpacing(grid);
    fields->addRow(tr("&Passphrase"), m_first);
    fields->addRow(tr("&Again"), m_again);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(3 * grid, 3 * grid, 3 * grid, 2 * grid);
    layout->setSpacing(2 * grid);
    layout->addWidget(why);
    layout->addLayout(fields);
    layout->addWidget(m_complaint);
    layout->addStretch();
    layout->addWidget(buttons);
    connect(m_first, &QLineEdit::textChanged, this, &PassphraseDialog::check);
    connect(m_again, &QLineEdit::textChanged, this, &PassphraseDialog::check);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    check();
}

QString PassphraseDialog::passphrase() const
{
    return m_first->text();
}

void PassphraseDialog::check()
{
    const QString first = m_first->text();
    const QString again = m_again->text();
    // Nothing typed yet, or half of the second one, is no mistake.
    const bool differ = !first.startsWith(again);
    const bool takenBack = first.isEmpty() && m_first->isModified();
    m_complaint->setText(differ      ? tr("The two are not the same.")
                         : takenBack ? tr("A store without a passphrase keeps no secret.")
                                     : QString());
    m_ok->setEnabled(!first.isEmpty() && first == again);
}

} // namespace sallyport::certificates
