// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/certificate_delegate.h"

#include "ui/certificates/certificate_model.h"
#include "ui/certificates/state_look.h"

#include <QPainter>

namespace sallyport::certificates {

namespace {

using theme::grid;
using theme::Role;
using theme::TextStyle;

constexpr int rowHeight = 5 * grid + 4;
constexpr int captionHeight = 3 * grid + 4;
constexpr int iconSize = 16;
constexpr int stateIcon = 12;
constexpr int inset = 2 * grid;

} // namespace

QSize CertificateDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const bool first = !index.data(CertificateModel::GroupRole).toString().isEmpty();
    return {option.rect.width(), rowHeight + (first ? captionHeight : 0)};
}

void CertificateDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                                const QModelIndex &index) const
{
    const auto *model = qobject_cast<const CertificateModel *>(index.model());
    const CertificateEntry *entry = model ? model->entryAt(index) : nullptr;
    if (!entry)
        return;
    const theme::Theme &theme = theme::Theme::instance();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    QRect row = option.rect;
    const QString group = index.data(CertificateModel::GroupRole).toString();
    if (!group.isEmpty()) {
        const QRect caption(row.left() + inset, row.top() + theme::half, row.width() - 2 * inset,
                            captionHeight - theme::half);
        row.setTop(row.top() + captionHeight);
        painter->setFont(theme.font(TextStyle::Caption));
        painter->setPen(theme.color(Role::TextFaint));
        painter->drawText(caption, Qt::AlignVCenter, group.toUpper());
    }
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const bool hovered = option.state.testFlag(QStyle::State_MouseOver);
    if (selected || hovered) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(selected ? theme.color(Role::SelectionFill) : theme.tint(Role::Text, 0.05));
        painter->drawRoundedRect(row.adjusted(grid, 1, -grid, -1), theme::corner, theme::corner);
    }
    if (selected && option.state.testFlag(QStyle::State_HasFocus)) {
        painter->setPen(theme.color(Role::Accent));
        painter->setBrush(Qt::NoBrush);
        painter->drawRoundedRect(QRectF(row).adjusted(grid + 0.5, 1.5, -grid - 0.5, -1.5), theme::corner,
                                 theme::corner);
    }
    const QRect inner = row.adjusted(inset, 5, -inset, -5);
    theme.icon(CertificateModel::iconOf(*entry), Role::TextMuted)
        .paint(painter, QRect(inner.left(), inner.top() + 2, iconSize, iconSize));

    const StateLook look = lookOf(*entry, model->now());
    const QString state = index.data(CertificateModel::StateRole).toString();
    const QFont small = theme.font(TextStyle::Small);
    const int stateWidth = QFontMetrics(small).horizontalAdvance(state);
    const QRect statePlace(inner.right() - stateWidth, inner.top(), stateWidth + 1, inner.height() / 2 + 1);
    painter->setFont(small);
    painter->setPen(theme.color(look.role));
    painter->drawText(statePlace, Qt::AlignRight | Qt::AlignVCenter, state);
    const QRect mark(statePlace.left() - stateIcon - 5, statePlace.center().y() - stateIcon / 2 + 1,
                     stateIcon, stateIcon);
    theme.icon(look.icon, look.role).paint(painter, mark);

    const int textLeft = inner.left() + iconSize + grid;
    const QRect namePlace(textLeft, inner.top(), mark.left() - grid - textLeft, inner.height() / 2 + 1);
    const QFont strong = theme.font(TextStyle::Strong);
    painter->setFont(strong);
    painter->setPen(theme.color(Role::Text));
    painter->drawText(
        namePlace, Qt::AlignVCenter,
        QFontMetrics(strong).elidedText(index.data().toString(), Qt::ElideMiddle, namePlace.width()));
    const QRect detailPlace(textLeft, namePlace.bottom() + 1, inner.right() - textLeft,
                            inner.bottom() - namePlace.bottom());
    const QFont detail = theme.font(TextStyle::Caption);
    painter->setFont(detail);
    painter->setPen(theme.color(Role::TextMuted));
    painter->drawText(detailPlace, Qt::AlignVCenter,
                      QFontMetrics(detail).elidedText(index.data(CertificateModel::DetailRole).toString(),
                                                      Qt::ElideMiddle, detailPlace.width()));
    painter->restore();
}

} // namespace sallyport::certificates
