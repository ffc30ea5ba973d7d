// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"

namespace sallyport::theme {

/// The value of a role. Text roles reach a contrast of 4.5:1 on every ground they stand on, the colours of
/// hops 3:1 (WCAG 2.1, 1.4.3 and 1.4.11).
QColor colorOf(Role role, bool dark);

} // namespace sallyport::theme
