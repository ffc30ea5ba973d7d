// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QStackedWidget;

namespace sallyport::theme {

/// From now on only the page that is shown asks `pages` for its width: a wide page takes none from what
/// stands beside while another one is up. Call it when all pages are there.
void askWidthOfShownPage(QStackedWidget &pages);

} // namespace sallyport::theme
