// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"

#include <QString>

class QModelIndex;
class QPainter;
class QSize;
class QStyleOptionViewItem;

namespace sallyport::theme {

/// A row of a list: an icon, a title, a word on the right, and sentences below over as many lines as they
/// need. It looks the same wherever results are told one below the other.
struct TitledRow
{
    QString icon;
    Role iconRole = Role::Text;
    QString title;
    QString word;
    TextStyle wordStyle = TextStyle::Small;
    Role wordRole = Role::Text;
    QString sentences;
    Role sentencesRole = Role::TextMuted;

    void paint(QPainter &painter, const QStyleOptionViewItem &option) const;
    /// Of a row with these sentences, in the view that `option` is for.
    static QSize sizeOf(const QString &sentences, const QStyleOptionViewItem &option);
};

} // namespace sallyport::theme
