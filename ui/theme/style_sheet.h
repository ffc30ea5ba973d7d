// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace sallyport::theme {

class Theme;

/// The rules of every plain widget and of each Look, in the theme's colours.
QString styleSheet(const Theme &theme);

} // namespace sallyport::theme
