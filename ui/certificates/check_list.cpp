// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/check_list.h"

#include "ui/certificates/check_delegate.h"
#include "ui/certificates/state_look.h"

#include <algorithm>

namespace sallyport::certificates {

CheckList::CheckList(QWidget *parent)
    : QListWidget(parent)
{
    setObjectName(QStringLiteral("importChecks"));
    setAccessibleName(tr("Checks of the credential"));
    setItemDelegate(new CheckDelegate(this));
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setResizeMode(QListView::Adjust);
    connect(&theme::Theme::instance(), &theme::Theme::changed, viewport(), qOverload<>(&QWidget::update));
}

void CheckList::setChecks(const QList<ImportCheck> &checks)
{
    QList<ImportCheck> ordered = checks;
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const ImportCheck &a, const ImportCheck &b) { return a.outcome > b.outcome; });
    const int before = currentRow();
    clear();
    for (const ImportCheck &check : ordered) {
        auto *item = new QListWidgetItem(check.text, this);
        item->setData(CheckDelegate::OutcomeRole, static_cast<int>(check.outcome));
        item->setData(CheckDelegate::TitleRole, check.title);
        item->setData(CheckDelegate::FileRole, check.file);
        QStringList words{outcomeText(check.outcome), check.title, check.text};
        if (!check.file.isEmpty())
            words.append(check.file);
        item->setData(Qt::AccessibleTextRole, words.join(QStringLiteral(": ")));
    }
    if (before >= 0 && before < count())
        setCurrentRow(before);
}

void CheckList::resizeEvent(QResizeEvent *event)
{
    QListWidget::resizeEvent(event);
    // Another width breaks the sentences elsewhere.
    scheduleDelayedItemsLayout();
}

} // namespace sallyport::certificates
