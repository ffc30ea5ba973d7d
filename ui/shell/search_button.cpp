// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/search_button.h"

#include "ui/theme/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>

namespace sallyport::shell {

using theme::grid;

SearchButton::SearchButton(QAction *action, QWidget *parent)
    : ElidedButton(tr("Search or run a command…"), Qt::ElideRight, parent)
{
    setIcon(theme::Theme::instance().icon(QStringLiteral("search"), theme::Role::TextFaint));
    setToolTip(action->toolTip());
    setStyleSheet(QStringLiteral("text-align: left;"));
    auto *keys = new QLabel(action->shortcut().toString(QKeySequence::NativeText), this);
    theme::setLook(keys, theme::Look::Faint);
    keys->setAttribute(Qt::WA_TransparentForMouseEvents);
    setReserved(keys->sizeHint().width() + 2 * grid);
    auto *inside = new QHBoxLayout(this);
    inside->setContentsMargins(0, 0, grid, 0);
    inside->addStretch();
    inside->addWidget(keys);
    connect(this, &QPushButton::clicked, action, &QAction::trigger);
}

} // namespace sallyport::shell
