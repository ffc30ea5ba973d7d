// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/tab_button.h"

#include <QToolButton>

namespace sallyport::theme {

QToolButton *tabButton(const QString &text, const QString &tip, QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setText(text);
    button->setToolTip(tip);
    button->setCheckable(true);
    return button;
}

} // namespace sallyport::theme
