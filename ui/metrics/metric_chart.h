// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/metrics/metric_store.h"

#include <QWidget>

namespace sallyport::metrics {

/// The time that all charts show, and the moment under the pointer in any of them. GUI thread.
class ChartTime : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    qint64 spanUs() const { return m_spanUs; }
    void setSpan(qint64 us);
    /// The right end.
    qint64 endUs() const { return m_endUs; }
    void setEnd(qint64 us);
    /// 0: the pointer is in none.
    qint64 pointedUs() const { return m_pointedUs; }
    void setPointed(qint64 us);

Q_SIGNALS:
    void changed();

private:
    qint64 m_spanUs = 120'000'000;
    qint64 m_endUs = 0;
    qint64 m_pointedUs = 0;
};

/// One group of a proxy's metrics over time. Lines differ in their pattern and colour; the values at the
/// pointer, or the last ones, stand beside their names.
class MetricChart : public QWidget
{
    Q_OBJECT

public:
    MetricChart(const MetricStore &store, ChartTime &time, const QString &proxy, const MetricGroup &group,
                QWidget *parent = nullptr);

    /// Times and values that are shown, columns separated by tabs.
    QString text() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    QRectF plotArea() const;
    const Frame *shown() const;
    void paintHead(QPainter &painter) const;
    void paintPlot(QPainter &painter) const;
    void describe();

    const MetricStore &m_store;
    ChartTime &m_time;
    const QString m_proxy;
    const MetricGroup &m_group;
};

} // namespace sallyport::metrics
