// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/shown_page.h"

#include <QStackedWidget>

namespace sallyport::theme {

void askWidthOfShownPage(QStackedWidget &pages)
{
    const auto ask = [&pages](int shown) {
        for (int i = 0; i < pages.count(); ++i) {
            QWidget *page = pages.widget(i);
            page->setSizePolicy(i == shown ? QSizePolicy::Preferred : QSizePolicy::Ignored,
                                page->sizePolicy().verticalPolicy());
        }
    };
    QObject::connect(&pages, &QStackedWidget::currentChanged, &pages, ask);
    ask(pages.currentIndex());
}

} // namespace sallyport::theme
