// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/passphrase_edit.h"

#include "ui/theme/theme.h"

#include <QAction>

namespace sallyport::certificates {

PassphraseEdit::PassphraseEdit(QWidget *parent)
    : QLineEdit(parent)
{
    setEchoMode(QLineEdit::Password);
    setInputMethodHints(Qt::ImhHiddenText | Qt::ImhNoPredictiveText | Qt::ImhNoAutoUppercase);
    QAction *reveal = addAction(theme::Theme::instance().icon(QStringLiteral("eye"), theme::Role::TextMuted),
                                TrailingPosition);
    reveal->setCheckable(true);
    reveal->setToolTip(tr("Show the passphrase"));
    connect(reveal, &QAction::toggled, this,
            [this](bool shown) { setEchoMode(shown ? QLineEdit::Normal : QLineEdit::Password); });
}

} // namespace sallyport::certificates
