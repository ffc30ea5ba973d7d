// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/topology/chain_layout.h"

#include <QGraphicsItem>

namespace sallyport::topology {

/// The ground of one mesh.
class LaneItem : public QGraphicsItem
{
public:
    LaneItem(const Lane &lane, const QString &trustDomain);

    QRectF boundingRect() const override;
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

private:
    Lane m_lane;
    QString m_trustDomain;
};

} // namespace sallyport::topology
