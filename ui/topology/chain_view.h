// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/topology/chain_navigator.h"
#include "ui/topology/chain_scene.h"

#include <QGraphicsView>

namespace sallyport::topology {

/// The canvas: zoom (Ctrl and wheel, +, -, 0), pan (middle button, Space and drag), arrow keys along the
/// chain. Fits the chain until the person zooms or pans.
class ChainView : public QGraphicsView
{
    Q_OBJECT

public:
    explicit ChainView(ChainScene &scene, QWidget *parent = nullptr);

    ChainScene &chainScene() const { return m_scene; }
    void zoomIn();
    void zoomOut();
    void zoomToActualSize();
    void fit();

Q_SIGNALS:
    /// Enter on what is selected, or a double click.
    void activated();
    /// A context menu for what is selected is wanted at this place of the screen.
    void menuRequested(const QPoint &globalPlace);

protected:
    void drawBackground(QPainter *painter, const QRectF &area) override;
    void wheelEvent(QWheelEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void keyReleaseEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;

private:
    void zoom(qreal factor);
    void step(Step step);

    ChainScene &m_scene;
    bool m_fitted = true; ///< keeps fitting while the window changes
    bool m_spaceDown = false;
    bool m_panning = false;
    QPoint m_panFrom;
};

} // namespace sallyport::topology
