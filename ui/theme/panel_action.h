// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"

class QAction;
class QKeySequence;
class QWidget;

namespace sallyport::theme {

/// An action of a panel, which owns it: its key works while the focus is inside the panel, and its icon
/// follows the theme. `tip` is its tooltip and the status bar's text.
QAction *panelAction(QWidget *panel, const char *name, const QString &text, const QString &icon,
                     const QKeySequence &key, const QString &tip);

} // namespace sallyport::theme
