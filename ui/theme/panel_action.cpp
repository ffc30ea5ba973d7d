// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/panel_action.h"

#include <QAction>
#include <QWidget>

namespace sallyport::theme {

QAction *panelAction(QWidget *panel, const char *name, const QString &text, const QString &icon,
                     const QKeySequence &key, const QString &tip)
{
    auto *action = new QAction(text, panel);
    action->setObjectName(QLatin1String(name));
    action->setShortcut(key);
    // Letters are keys of this panel only.
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    action->setToolTip(tip);
    action->setStatusTip(tip);
    action->setIcon(Theme::instance().icon(icon, Role::TextMuted));
    panel->addAction(action);
    return action;
}

} // namespace sallyport::theme
