// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/project/tree_delegate.h"

#include "ui/project/tree_model.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QPainter>

namespace sallyport::project {

namespace {

using theme::grid;
using theme::half;
using theme::Role;

constexpr int rowHeight = 3 * grid;
constexpr int iconSize = 14;
constexpr int badgeIcon = 12;

/// Paints from the right edge on; returns what is left.
int paintBadge(QPainter &painter, const QRect &row, int right, int count, const QString &icon, Role role)
{
    if (count == 0)
        return right;
    const theme::Theme &theme = theme::Theme::instance();
    painter.setFont(theme.font(theme::TextStyle::Small));
    painter.setPen(theme.color(role));
    const QString text = QString::number(count);
    const int width = painter.fontMetrics().horizontalAdvance(text);
    painter.drawText(QRect(right - width, row.top(), width, row.height()), Qt::AlignCenter, text);
    right -= width + half + badgeIcon;
    theme.icon(icon, role)
        .paint(&painter, QRect(right, row.center().y() - badgeIcon / 2, badgeIcon, badgeIcon));
    return right - grid;
}

} // namespace

void TreeDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                         const QModelIndex &index) const
{
    const auto *node = index.data(TreeModel::NodeRole).value<const TreeNode *>();
    if (!node)
        return;
    const theme::Theme &theme = theme::Theme::instance();
    QStyleOptionViewItem box(option);
    box.text.clear();
    box.icon = {};
    QApplication::style()->drawPrimitive(QStyle::PE_PanelItemViewItem, &box, painter, option.widget);
    if (option.state & QStyle::State_Selected)
        painter->fillRect(option.rect, theme.color(Role::SelectionFill));

    const QRect row = option.rect.adjusted(half, 0, -grid, 0);
    int right = paintBadge(*painter, row, row.right(), node->errors, QStringLiteral("error"), Role::Bad);
    right = paintBadge(*painter, row, right, node->warnings, QStringLiteral("warning"), Role::Warning);

    int left = row.left();
    const bool leaf = node->kind != TreeNode::Kind::Mesh && node->kind != TreeNode::Kind::Namespace &&
                      node->kind != TreeNode::Kind::Settings;
    if (leaf) {
        const Role role = node->kind == TreeNode::Kind::BrokenFile ? Role::Bad : Role::TextMuted;
        theme.icon(node->icon, role)
            .paint(painter, QRect(left, row.center().y() - iconSize / 2, iconSize, iconSize));
        left += iconSize + half + 2;
    }
    const auto write = [&](const QString &text, const QFont &font, Role role) {
        painter->setFont(font);
        painter->setPen(theme.color(role));
        const QString fits =
            painter->fontMetrics().elidedText(text, Qt::ElideRight, std::max(0, right - left));
        painter->drawText(QRect(left, row.top(), std::max(0, right - left), row.height()), Qt::AlignVCenter,
                          fits);
        left += painter->fontMetrics().horizontalAdvance(fits) + half + 2;
    };
    const QFont small = theme.font(theme::TextStyle::Small);
    if (node->kind == TreeNode::Kind::Mesh || node->kind == TreeNode::Kind::Settings)
        write(node->title, theme.font(theme::TextStyle::Strong), Role::Text);
    else if (node->kind == TreeNode::Kind::Namespace)
        write(node->title, small, Role::TextMuted);
    else
        write(node->title, small, Role::Text);
    if (!node->resourceKind.isEmpty())
        write(node->resourceKind, small, Role::TextFaint);
    else if (!node->detail.isEmpty())
        write(node->detail, small, Role::TextFaint);
}

QSize TreeDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    return {QStyledItemDelegate::sizeHint(option, index).width(), rowHeight};
}

} // namespace sallyport::project
