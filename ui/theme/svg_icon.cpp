// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/svg_icon.h"

#include <QFile>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>
#include <algorithm>

namespace sallyport::theme {

namespace {

constexpr qreal smallestZoom = 0.1;

} // namespace

SvgIcon::SvgIcon(QString path, Role role)
    : m_path(std::move(path))
    , m_role(role)
{
}

QPixmap SvgIcon::render(const QSize &pixels, QIcon::Mode mode) const
{
    const Theme &theme = Theme::instance();
    const QColor color = mode == QIcon::Disabled ? theme.tint(Role::TextFaint, 0.6) : theme.color(m_role);
    const QString key = QStringLiteral("svg-icon:%1:%2:%3x%4")
                            .arg(m_path, color.name())
                            .arg(pixels.width())
                            .arg(pixels.height());
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap))
        return pixmap;
    QFile file(m_path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QByteArray text = file.readAll();
    text.replace("currentColor", color.name().toLatin1());
    QSvgRenderer renderer(text);
    pixmap = QPixmap(pixels);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    renderer.render(&painter);
    painter.end();
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

void SvgIcon::paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State)
{
    // A zoomed canvas wants as many pixels as it shows, no more and no fewer: thin lines are lost otherwise.
    const qreal zoom = std::max(smallestZoom, painter->worldTransform().m11());
    const qreal ratio = zoom * (painter->device() ? painter->device()->devicePixelRatioF() : 1.0);
    QPixmap pixmap = render((QSizeF(rect.size()) * ratio).toSize().expandedTo({1, 1}), mode);
    pixmap.setDevicePixelRatio(ratio);
    const bool smooth = painter->testRenderHint(QPainter::SmoothPixmapTransform);
    painter->setRenderHint(QPainter::SmoothPixmapTransform);
    painter->drawPixmap(rect, pixmap);
    painter->setRenderHint(QPainter::SmoothPixmapTransform, smooth);
}

QPixmap SvgIcon::pixmap(const QSize &size, QIcon::Mode mode, QIcon::State)
{
    return render(size, mode);
}

QPixmap SvgIcon::scaledPixmap(const QSize &size, QIcon::Mode mode, QIcon::State, qreal)
{
    return render(size, mode);
}

QIconEngine *SvgIcon::clone() const
{
    return new SvgIcon(*this);
}

} // namespace sallyport::theme
