// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/check_delegate.h"

#include "ui/certificates/state_look.h"
#include "ui/theme/titled_row.h"

namespace sallyport::certificates {

using theme::Role;

QSize CheckDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    return theme::TitledRow::sizeOf(index.data().toString(), option);
}

void CheckDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                          const QModelIndex &index) const
{
    const auto outcome = static_cast<pki::CheckOutcome>(index.data(OutcomeRole).toInt());
    const bool passed = outcome == pki::CheckOutcome::Passed;
    const StateLook look = lookOf(outcome);
    theme::TitledRow row;
    row.icon = look.icon;
    row.iconRole = look.role;
    row.title = index.data(TitleRole).toString();
    row.word = index.data(FileRole).toString();
    row.wordStyle = theme::TextStyle::Mono;
    row.wordRole = passed ? Role::TextFaint : look.role;
    row.sentences = index.data().toString();
    row.sentencesRole = passed ? Role::TextMuted : look.role;
    row.paint(*painter, option);
}

} // namespace sallyport::certificates
