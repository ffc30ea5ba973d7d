// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

class QToolButton;
class QWidget;

namespace sallyport::theme {

/// A button of a row in which one is down: what is shown below it. `parent` owns it.
QToolButton *tabButton(const QString &text, const QString &tip, QWidget *parent);

} // namespace sallyport::theme
