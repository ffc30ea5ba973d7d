// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"

#include <QIconEngine>

namespace sallyport::theme {

/// Draws a monochrome SVG (`currentColor`) in the colour that its role has now, at the size and pixel ratio
/// it is asked for.
class SvgIcon : public QIconEngine
{
public:
    SvgIcon(QString path, Role role);

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state) override;
    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override;
    QPixmap scaledPixmap(const QSize &size, QIcon::Mode mode, QIcon::State state, qreal scale) override;
    QIconEngine *clone() const override;

private:
    QPixmap render(const QSize &pixels, QIcon::Mode mode) const;

    QString m_path;
    Role m_role;
};

} // namespace sallyport::theme
