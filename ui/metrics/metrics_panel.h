// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/metrics/metric_chart.h"
#include "ui/metrics/metric_store.h"
#include "ui/metrics/statistic_filter.h"
#include "ui/metrics/statistic_model.h"
#include "ui/session/context.h"

#include <QTimer>
#include <QWidget>

class QAction;
class QComboBox;
class QLabel;
class QLineEdit;
class QScrollArea;
class QStackedWidget;
class QTableView;
class QToolButton;
class QVBoxLayout;

namespace sallyport::theme {
class EmptyState;
}

namespace sallyport::metrics {

class ProxyCharts;

/// Rates, errors and latencies of each proxy over time, and all of their statistics by Envoy's names.
class MetricsPanel : public QWidget
{
    Q_OBJECT

public:
    explicit MetricsPanel(session::Context &context, QWidget *parent = nullptr);

    QList<QAction *> metricsActions() const { return {m_pause, m_copy, m_zeros, m_mark, m_clear}; }
    MetricStore &store() { return m_store; }
    /// Shows the statistics whose names or proxies contain the text.
    void showStatistics(const QString &filter);

Q_SIGNALS:
    /// A word for the status bar.
    void message(const QString &text);

private:
    void makeActions();
    void makeBar(QVBoxLayout *layout);
    QWidget *makeStatistics();
    void addProxies();
    void showState();
    void showPage(int page);
    void followSelection();
    void setPaused(bool paused);
    void copy();
    void showCounts();

    session::Context &m_context;
    MetricStore m_store;
    ChartTime m_time;
    StatisticModel m_statistics;
    StatisticFilter m_shown;
    QList<ProxyCharts *> m_charts;

    QAction *m_pause = nullptr;
    QAction *m_copy = nullptr;
    QAction *m_mark = nullptr;
    QAction *m_zeros = nullptr;
    QAction *m_clear = nullptr;
    QAction *m_start = nullptr;
    QToolButton *m_chartsTab = nullptr;
    QToolButton *m_statisticsTab = nullptr;
    QComboBox *m_span = nullptr;
    QLineEdit *m_filter = nullptr;
    QLabel *m_counts = nullptr;
    QToolButton *m_zerosButton = nullptr;
    QToolButton *m_markButton = nullptr;
    QStackedWidget *m_pages = nullptr;
    QScrollArea *m_area = nullptr;
    QVBoxLayout *m_list = nullptr;
    QTableView *m_table = nullptr;
    theme::EmptyState *m_empty = nullptr;
};

} // namespace sallyport::metrics
