// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/chain_view.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QScrollBar>
#include <QWheelEvent>
#include <cmath>

namespace sallyport::topology {

namespace {

constexpr qreal zoomStep = 1.15;
constexpr qreal smallest = 0.25;
constexpr qreal largest = 2.5;
constexpr qreal largestFit = 1.0; ///< a small chain is not blown up
constexpr qreal fitMargin = 16;
constexpr int overlayHeight = 48; ///< legend and zoom buttons lie over the lower edge

} // namespace

ChainView::ChainView(ChainScene &scene, QWidget *parent)
    : QGraphicsView(&scene, parent)
    , m_scene(scene)
{
    setFrameShape(QFrame::NoFrame);
    setRenderHint(QPainter::Antialiasing);
    setViewportUpdateMode(SmartViewportUpdate);
    setTransformationAnchor(AnchorUnderMouse);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Chain of workloads"));
    setAccessibleDescription(
        tr("Arrow keys walk along the chain. The same as a table: View, Chain as table."));
    connect(&scene, &ChainScene::rebuilt, this, [this] {
        m_fitted = true;
        fit();
    });
    connect(&scene.model().context().selection, &session::Selection::changed, this,
            [this](const session::SelectedThing &thing) {
                const QRectF area = m_scene.areaOf(thing);
                if (!area.isEmpty())
                    ensureVisible(area, 8, 8);
            });
}

void ChainView::fit()
{
    m_fitted = true;
    const QSizeF room(viewport()->width(), viewport()->height() - overlayHeight);
    m_scene.setRoom(room.shrunkBy(QMarginsF(fitMargin, fitMargin, fitMargin, fitMargin)));
    const QRectF bounds = m_scene.layout().bounds.adjusted(-fitMargin, -fitMargin, fitMargin, fitMargin);
    if (m_scene.layout().cards.isEmpty() || viewport()->width() <= 0)
        return;
    const qreal scale = std::clamp(std::min(room.width() / bounds.width(), room.height() / bounds.height()),
                                   smallest, largestFit);
    setTransform(QTransform::fromScale(scale, scale));
    // Above the overlays, in the middle.
    centerOn(bounds.center() + QPointF(0, overlayHeight / 2.0 / scale));
}

void ChainView::zoom(qreal factor)
{
    m_fitted = false;
    const qreal now = transform().m11();
    const qreal wanted = std::clamp(now * factor, smallest, largest);
    scale(wanted / now, wanted / now);
}

void ChainView::zoomIn()
{
    zoom(zoomStep);
}

void ChainView::zoomOut()
{
    zoom(1 / zoomStep);
}

void ChainView::zoomToActualSize()
{
    m_fitted = false;
    resetTransform();
}

void ChainView::drawBackground(QPainter *painter, const QRectF &area)
{
    painter->fillRect(area, theme::Theme::instance().color(theme::Role::Canvas));
}

void ChainView::wheelEvent(QWheelEvent *event)
{
    constexpr qreal notch = 120;
    if (event->modifiers() & Qt::ControlModifier) {
        zoom(std::pow(zoomStep, event->angleDelta().y() / notch));
        event->accept();
        return;
    }
    m_fitted = false;
    QGraphicsView::wheelEvent(event);
}

void ChainView::step(Step step)
{
    session::Selection &selection = m_scene.model().context().selection;
    selection.set(stepFrom(selection.current(), step, m_scene.model().chain(), m_scene.layout()));
}

void ChainView::keyPressEvent(QKeyEvent *event)
{
    session::Selection &selection = m_scene.model().context().selection;
    if (event->modifiers() == Qt::AltModifier) {
        const auto *node = selection.as<session::NodeSelection>();
        QPoint steps;
        if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right)
            steps.setX(event->key() == Qt::Key_Left ? -1 : 1);
        if (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down)
            steps.setY(event->key() == Qt::Key_Up ? -1 : 1);
        if (node && !steps.isNull()) {
            m_scene.nudge(node->name, steps);
            return;
        }
    }
    switch (event->key()) {
    case Qt::Key_Right:
        return step(Step::Onward);
    case Qt::Key_Left:
        return step(Step::Back);
    case Qt::Key_Up:
        return step(Step::Up);
    case Qt::Key_Down:
        return step(Step::Down);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return zoomIn();
    case Qt::Key_Minus:
        return zoomOut();
    case Qt::Key_0:
        return fit();
    case Qt::Key_Return:
    case Qt::Key_Enter:
        Q_EMIT activated();
        return;
    case Qt::Key_Escape:
        if (m_scene.isDrawingRoute())
            m_scene.cancelRoute();
        else
            selection.clear();
        return;
    case Qt::Key_Space:
        m_spaceDown = true;
        setCursor(Qt::OpenHandCursor);
        return;
    default:
        QGraphicsView::keyPressEvent(event);
    }
}

void ChainView::keyReleaseEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Space && !event->isAutoRepeat()) {
        m_spaceDown = false;
        unsetCursor();
    }
    QGraphicsView::keyReleaseEvent(event);
}

void ChainView::mousePressEvent(QMouseEvent *event)
{
    const bool pans = event->button() == Qt::MiddleButton ||
                      (event->button() == Qt::LeftButton && m_spaceDown) ||
                      (event->button() == Qt::LeftButton &&
                       std::holds_alternative<std::monostate>(m_scene.thingAt(mapToScene(event->pos()))));
    if (pans) {
        m_panning = true;
        m_panFrom = event->pos();
        setCursor(Qt::ClosedHandCursor);
        if (event->button() == Qt::LeftButton && !m_spaceDown)
            m_scene.model().context().selection.clear();
        event->accept();
        return;
    }
    QGraphicsView::mousePressEvent(event);
}

void ChainView::mouseMoveEvent(QMouseEvent *event)
{
    if (!m_panning) {
        QGraphicsView::mouseMoveEvent(event);
        return;
    }
    const QPoint way = event->pos() - m_panFrom;
    m_panFrom = event->pos();
    if (!way.isNull())
        m_fitted = false;
    horizontalScrollBar()->setValue(horizontalScrollBar()->value() - way.x());
    verticalScrollBar()->setValue(verticalScrollBar()->value() - way.y());
}

void ChainView::mouseReleaseEvent(QMouseEvent *event)
{
    if (m_panning) {
        m_panning = false;
        unsetCursor();
        return;
    }
    QGraphicsView::mouseReleaseEvent(event);
}

void ChainView::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (!std::holds_alternative<std::monostate>(m_scene.thingAt(mapToScene(event->pos()))))
        Q_EMIT activated();
}

void ChainView::contextMenuEvent(QContextMenuEvent *event)
{
    if (event->reason() == QContextMenuEvent::Keyboard) {
        const QRectF area = m_scene.areaOf(m_scene.model().context().selection.current());
        if (!area.isEmpty())
            Q_EMIT menuRequested(viewport()->mapToGlobal(mapFromScene(area.center())));
        return;
    }
    if (!std::holds_alternative<std::monostate>(m_scene.thingAt(mapToScene(event->pos()))))
        Q_EMIT menuRequested(event->globalPos());
}

void ChainView::resizeEvent(QResizeEvent *event)
{
    QGraphicsView::resizeEvent(event);
    if (m_fitted)
        fit();
}

void ChainView::focusInEvent(QFocusEvent *event)
{
    QGraphicsView::focusInEvent(event);
    // Who comes with the Tab key must see where they are.
    if (event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason) {
        session::Selection &selection = m_scene.model().context().selection;
        if (m_scene.areaOf(selection.current()).isEmpty())
            step(Step::Onward);
    }
}

} // namespace sallyport::topology
