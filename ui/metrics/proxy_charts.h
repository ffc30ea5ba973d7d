// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/metrics/metric_chart.h"

#include <QWidget>

class QGridLayout;
class QLabel;
class QToolButton;

namespace sallyport::metrics {

/// All charts of one proxy under its name; as many beside each other as there is room for.
class ProxyCharts : public QWidget
{
    Q_OBJECT

public:
    ProxyCharts(const MetricStore &store, ChartTime &time, const QString &proxy, QWidget *parent = nullptr);

    const QString &proxy() const { return m_proxy; }
    /// The proxy is what is selected in the window.
    void setSelected(bool selected);
    /// Says since when nothing was heard of the proxy, if it is silent while others are not.
    void showFreshness();
    QString text() const;

Q_SIGNALS:
    void chosen(const QString &proxy);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    const MetricStore &m_store;
    const QString m_proxy;
    QToolButton *m_title;
    QLabel *m_silence;
    QGridLayout *m_grid;
    QList<MetricChart *> m_charts;
    int m_columns = 0;
};

} // namespace sallyport::metrics
