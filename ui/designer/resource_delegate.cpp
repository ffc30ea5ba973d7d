// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/designer/resource_delegate.h"

#include "core/design/route_design.h"
#include "ui/theme/titled_row.h"

namespace sallyport::designer {

namespace {

using theme::Role;
using Change = design::DesignedResource::Change;

struct ChangeLook
{
    Role role;
    QString icon;
};

ChangeLook lookOf(Change change)
{
    switch (change) {
    case Change::Created:
        return {Role::Good, QStringLiteral("plus")};
    case Change::Changed:
        return {Role::Accent, QStringLiteral("edit")};
    case Change::Kept:
        break;
    }
    return {Role::TextFaint, QStringLiteral("check")};
}

} // namespace

QSize ResourceDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    return theme::TitledRow::sizeOf(index.data().toString(), option);
}

void ResourceDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                             const QModelIndex &index) const
{
    const ChangeLook look = lookOf(static_cast<Change>(index.data(ChangeRole).toInt()));
    theme::TitledRow row;
    row.icon = look.icon;
    row.iconRole = look.role;
    row.title = index.data(TitleRole).toString();
    row.word = index.data(WordRole).toString();
    row.wordRole = look.role;
    row.sentences = index.data().toString();
    row.paint(*painter, option);
}

} // namespace sallyport::designer
