// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/problems/problem_delegate.h"

#include "ui/problems/problem_table_model.h"
#include "ui/theme/theme.h"

namespace sallyport::problems {

namespace {

theme::Role roleOf(model::Severity severity)
{
    switch (severity) {
    case model::Severity::Error:
        return theme::Role::Bad;
    case model::Severity::Warning:
        return theme::Role::Warning;
    case model::Severity::Information:
        break;
    }
    return theme::Role::Accent;
}

} // namespace

void ProblemDelegate::initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    const theme::Theme &theme = theme::Theme::instance();
    switch (index.column()) {
    case ProblemTableModel::SeverityColumn: {
        const auto severity =
            static_cast<model::Severity>(index.data(ProblemTableModel::SeverityRole).toInt());
        option->features |= QStyleOptionViewItem::HasDecoration;
        option->icon = theme.icon(severityIcon(severity), roleOf(severity));
        option->decorationSize = QSize(14, 14);
        option->palette.setColor(QPalette::Text, theme.color(roleOf(severity)));
        option->palette.setColor(QPalette::HighlightedText, theme.color(roleOf(severity)));
        break;
    }
    case ProblemTableModel::PlaceColumn:
        // The line stands at the end.
        option->textElideMode = Qt::ElideLeft;
        [[fallthrough]];
    case ProblemTableModel::CodeColumn:
        option->font = theme.font(theme::TextStyle::Mono);
        option->palette.setColor(QPalette::Text, theme.color(theme::Role::TextMuted));
        break;
    default:
        break;
    }
}

} // namespace sallyport::problems
