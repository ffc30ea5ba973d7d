// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"

#include <QPainter>
#include <QString>

namespace sallyport::topology {

/// A small labelled ground on the canvas: what a hop is, a policy, a finding.
struct Chip
{
    QString icon; ///< of resources/icons
    QString text;
    theme::Role role = theme::Role::TextMuted; ///< of icon and text
    bool outlined = false;
    bool strong = false;

    static constexpr qreal height = 24;
    QSizeF size(qreal widest) const;
    /// `area` as size() said, at its place.
    void paint(QPainter &painter, const QRectF &area) const;
};

/// The line of text that fits into `width`; middle parts give way first.
void paintElided(QPainter &painter, const QRectF &area, const QString &text, Qt::Alignment alignment,
                 Qt::TextElideMode mode = Qt::ElideRight);

} // namespace sallyport::topology
