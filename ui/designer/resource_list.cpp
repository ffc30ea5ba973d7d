// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/designer/resource_list.h"

#include "ui/designer/resource_delegate.h"
#include "ui/theme/theme.h"

namespace sallyport::designer {

namespace {

using Change = design::DesignedResource::Change;

} // namespace

ResourceList::ResourceList(QWidget *parent)
    : QListWidget(parent)
{
    setObjectName(QStringLiteral("routeResources"));
    setAccessibleName(tr("Resources of the route"));
    setItemDelegate(new ResourceDelegate(this));
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setResizeMode(QListView::Adjust);
    connect(this, &QListWidget::currentItemChanged, this, [this](const QListWidgetItem *item) {
        if (item)
            Q_EMIT fileChosen(item->data(ResourceDelegate::FileRole).toString());
    });
    connect(&theme::Theme::instance(), &theme::Theme::changed, viewport(), qOverload<>(&QWidget::update));
}

void ResourceList::setResources(const std::vector<design::DesignedResource> &resources)
{
    const int before = currentRow();
    const QSignalBlocker blocker(this);
    clear();
    for (const design::DesignedResource &resource : resources) {
        const QString why = QString::fromStdString(resource.why);
        const QString title = QString::fromStdString(
            resource.nameSpace.empty() ? resource.kind + ' ' + resource.name
                                       : resource.kind + ' ' + resource.nameSpace + '/' + resource.name);
        const QString word = resource.change == Change::Created   ? tr("new")
                             : resource.change == Change::Changed ? tr("changed")
                                                                  : tr("as it is");
        auto *item = new QListWidgetItem(why, this);
        item->setData(ResourceDelegate::ChangeRole, static_cast<int>(resource.change));
        item->setData(ResourceDelegate::TitleRole, title);
        item->setData(ResourceDelegate::WordRole, word);
        item->setData(ResourceDelegate::FileRole, QString::fromStdString(resource.file));
        item->setToolTip(QString::fromStdString(resource.file));
        item->setData(Qt::AccessibleTextRole, QStringList{word, title, why}.join(QStringLiteral(": ")));
    }
    if (before >= 0 && before < count())
        setCurrentRow(before);
}

void ResourceList::resizeEvent(QResizeEvent *event)
{
    QListWidget::resizeEvent(event);
    // Another width breaks the sentences elsewhere.
    scheduleDelayedItemsLayout();
}

} // namespace sallyport::designer
