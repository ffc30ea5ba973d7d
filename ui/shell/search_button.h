// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/elided_button.h"

class QAction;

namespace sallyport::shell {

/// Looks like a field and opens the command palette. Says what it is for as far as there is room, and always
/// the keys.
class SearchButton : public theme::ElidedButton
{
    Q_OBJECT

public:
    explicit SearchButton(QAction *action, QWidget *parent = nullptr);
};

} // namespace sallyport::shell
