// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/metrics/metrics_panel.h"

#include "ui/metrics/proxy_charts.h"
#include "ui/theme/empty_state.h"
#include "ui/theme/panel_action.h"
#include "ui/theme/tab_button.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QButtonGroup>
#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QRegularExpression>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <algorithm>

namespace sallyport::metrics {

namespace {

using theme::grid;
using theme::Look;
using theme::TextStyle;
using theme::Theme;

constexpr qint64 minute = 60'000'000;

enum Page { Charts, Statistics, Empty };

} // namespace

MetricsPanel::MetricsPanel(session::Context &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_statistics(m_store)
{
    setObjectName(QStringLiteral("metricsPanel"));
    makeActions();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    makeBar(layout);

    m_area = new QScrollArea(this);
    m_area->setObjectName(QStringLiteral("metricsCharts"));
    m_area->setWidgetResizable(true);
    m_area->setFrameShape(QFrame::NoFrame);
    m_area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto *list = new QWidget(m_area);
    m_list = new QVBoxLayout(list);
    m_list->setContentsMargins(0, 0, 0, 0);
    m_list->setSpacing(0);
    m_list->addStretch();
    m_area->setWidget(list);
    m_empty = new theme::EmptyState(this);
    m_empty->setObjectName(QStringLiteral("metricsEmpty"));
    m_pages = new QStackedWidget(this);
    m_pages->addWidget(m_area);
    m_pages->addWidget(makeStatistics());
    m_pages->addWidget(m_empty);
    layout->addWidget(m_pages, 1);

    const session::LabSession &lab = m_context.lab;
    connect(&lab, &session::LabSession::statsChanged, this,
            [this](const QList<control::StatsSnapshot> &snapshots) { m_store.add(snapshots); });
    connect(&lab, &session::LabSession::stateChanged, this, [this](session::LabState state) {
        // Another run is another story.
        if (state == session::LabState::Starting)
            m_clear->trigger();
        showState();
    });
    connect(&m_context.project, &session::ProjectSession::opened, this, &MetricsPanel::showState);
    connect(&m_context.project, &session::ProjectSession::closed, m_clear, &QAction::trigger);
    connect(&m_context.selection, &session::Selection::changed, this, &MetricsPanel::followSelection);
    connect(&m_store, &MetricStore::proxiesChanged, this, &MetricsPanel::addProxies);
    connect(&m_store, &MetricStore::updated, this, [this] {
        if (!m_pause->isChecked())
            m_time.setEnd(m_store.latestUs());
        for (ProxyCharts *charts : std::as_const(m_charts))
            charts->showFreshness();
        showCounts();
    });
    showState();
}

void MetricsPanel::makeActions()
{
    m_pause = theme::panelAction(this, "metricsPause", tr("&Pause"), QStringLiteral("pause"), Qt::Key_P,
                                 tr("Keep what is shown; the record goes on (P)"));
    m_pause->setCheckable(true);
    m_copy = theme::panelAction(this, "metricsCopy", tr("&Copy"), QStringLiteral("copy"), QKeySequence::Copy,
                                tr("Copy what is shown as text, columns separated by tabs"));
    m_mark = theme::panelAction(this, "metricsMark", tr("Count from &now"), QStringLiteral("flag"), Qt::Key_M,
                                tr("Let the column Δ count from this moment (M)"));
    m_zeros = theme::panelAction(this, "metricsZeros", tr("Show &zeros"), QStringLiteral("ring"), Qt::Key_Z,
                                 tr("Show also statistics that are 0 (Z)"));
    m_zeros->setCheckable(true);
    m_clear = theme::panelAction(this, "metricsClear", tr("C&lear"), QStringLiteral("trash"), {},
                                 tr("Forget the record"));
    m_start = theme::panelAction(this, "metricsStartLab", tr("Start lab"), QStringLiteral("play"), {},
                                 tr("Start every process of the lab"));
    connect(m_pause, &QAction::toggled, this, &MetricsPanel::setPaused);
    connect(m_copy, &QAction::triggered, this, &MetricsPanel::copy);
    connect(m_mark, &QAction::triggered, &m_statistics, &StatisticModel::mark);
    connect(m_clear, &QAction::triggered, &m_store, &MetricStore::clear);
    connect(m_start, &QAction::triggered, this, [this] { m_context.lab.start(); });
}

void MetricsPanel::makeBar(QVBoxLayout *layout)
{
    m_chartsTab = theme::tabButton(tr("Charts"), tr("Each proxy over time"), this);
    m_chartsTab->setObjectName(QStringLiteral("metricsChartsTab"));
    m_statisticsTab = theme::tabButton(tr("Statistics"), tr("Every statistic by Envoy's name"), this);
    m_statisticsTab->setObjectName(QStringLiteral("metricsStatisticsTab"));
    auto *group = new QButtonGroup(this);
    group->addButton(m_chartsTab, Charts);
    group->addButton(m_statisticsTab, Statistics);
    connect(group, &QButtonGroup::idToggled, this, [this](int page, bool checked) {
        if (checked)
            showPage(page);
    });
    m_filter = new QLineEdit(this);
    m_filter->setObjectName(QStringLiteral("metricsFilter"));
    m_filter->setAccessibleName(tr("Filter of the statistics"));
    m_filter->setPlaceholderText(tr("Words in the name or proxy: cluster 443 upstream_rq"));
    m_filter->setClearButtonEnabled(true);
    theme::setLook(m_filter, Look::Mono);
    m_filter->setFont(Theme::instance().font(TextStyle::Mono));
    m_counts = new QLabel(this);
    theme::setLook(m_counts, Look::Faint);
    m_span = new QComboBox(this);
    m_span->setObjectName(QStringLiteral("metricsSpan"));
    m_span->setAccessibleName(tr("Time shown"));
    for (const int minutes : {1, 2, 5, 10})
        m_span->addItem(tr("%1 min").arg(minutes), minutes * minute);
    m_span->setCurrentIndex(1);
    connect(m_span, &QComboBox::currentIndexChanged, this,
            [this] { m_time.setSpan(m_span->currentData().toLongLong()); });
    const auto button = [this](QAction *action, Qt::ToolButtonStyle style) {
        auto *tool = new QToolButton(this);
        tool->setDefaultAction(action);
        tool->setToolButtonStyle(style);
        tool->setAccessibleName(action->text().remove(QLatin1Char('&')));
        return tool;
    };
    m_markButton = button(m_mark, Qt::ToolButtonTextBesideIcon);
    m_zerosButton = button(m_zeros, Qt::ToolButtonTextBesideIcon);
    QToolButton *pause = button(m_pause, Qt::ToolButtonTextBesideIcon);
    theme::setLook(pause, Look::Segment);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(2 * grid, grid, 2 * grid, grid);
    bar->setSpacing(grid);
    bar->addWidget(m_chartsTab);
    bar->addWidget(m_statisticsTab);
    bar->addSpacing(grid);
    bar->addWidget(m_filter, 1);
    bar->addWidget(m_counts);
    bar->addWidget(m_zerosButton);
    bar->addWidget(m_markButton);
    bar->addStretch();
    bar->addWidget(m_span);
    bar->addWidget(pause);
    bar->addWidget(button(m_copy, Qt::ToolButtonIconOnly));
    layout->addLayout(bar);
}

QWidget *MetricsPanel::makeStatistics()
{
    m_shown.setSourceModel(&m_statistics);
    m_shown.setSortRole(StatisticModel::SortRole);
    m_shown.setDynamicSortFilter(true);
    m_table = new QTableView(this);
    m_table->setObjectName(QStringLiteral("metricsTable"));
    m_table->setAccessibleName(tr("Statistics"));
    m_table->setModel(&m_shown);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setFont(Theme::instance().font(TextStyle::Mono));
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(22);
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    QHeaderView *header = m_table->horizontalHeader();
    m_table->setStyleSheet(QStringLiteral("QTableView::item { padding: 0 8px; }"
                                          "QHeaderView::section { padding: 4px 3px; }"));
    header->setFont(Theme::instance().font(TextStyle::Small));
    header->setHighlightSections(false);
    header->setSectionsMovable(true);
    header->setSectionResizeMode(StatisticModel::Name, QHeaderView::Stretch);
    m_table->setColumnWidth(StatisticModel::Proxy, 20 * grid);
    m_table->setColumnWidth(StatisticModel::Value, 32 * grid);
    m_table->setColumnWidth(StatisticModel::Delta, 12 * grid);
    m_table->setColumnWidth(StatisticModel::Rate, 12 * grid);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(StatisticModel::Name, Qt::AscendingOrder);
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_shown.setWords(text);
        showCounts();
    });
    connect(m_zeros, &QAction::toggled, this, [this](bool shown) {
        m_shown.setZerosShown(shown);
        showCounts();
    });
    m_filter->setText(QStringLiteral("cluster"));
    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(grid, 0, 0, 0);
    layout->addWidget(m_table);
    return page;
}

void MetricsPanel::showStatistics(const QString &filter)
{
    m_statisticsTab->setChecked(true);
    m_filter->setText(filter);
}

void MetricsPanel::addProxies()
{
    if (m_store.proxies().isEmpty()) {
        qDeleteAll(m_charts);
        m_charts.clear();
    }
    for (const QString &proxy : m_store.proxies()) {
        const bool isThere =
            std::any_of(m_charts.begin(), m_charts.end(),
                        [&proxy](const ProxyCharts *charts) { return charts->proxy() == proxy; });
        if (isThere)
            continue;
        auto *charts = new ProxyCharts(m_store, m_time, proxy, m_area->widget());
        connect(charts, &ProxyCharts::chosen, this,
                [this](const QString &name) { m_context.selection.set(session::NodeSelection{name}); });
        m_charts.append(charts);
    }
    // The way of a request: sidecars of the clients and gateways of their mesh come first in the plan.
    const auto plan = m_context.lab.plan();
    const auto rank = [&plan](const ProxyCharts *charts) {
        for (std::size_t i = 0; plan && i < plan->instances.size(); ++i) {
            if (plan->instances[i].name == charts->proxy().toStdString())
                return static_cast<int>(i);
        }
        return 1'000;
    };
    std::stable_sort(m_charts.begin(), m_charts.end(),
                     [&rank](const ProxyCharts *a, const ProxyCharts *b) { return rank(a) < rank(b); });
    for (int i = 0; i < m_charts.size(); ++i)
        m_list->insertWidget(i, m_charts[i]);
    showState();
}

void MetricsPanel::showPage(int page)
{
    const bool statistics = page == Statistics;
    m_filter->setVisible(statistics);
    m_counts->setVisible(statistics);
    m_markButton->setVisible(statistics);
    m_zerosButton->setVisible(statistics);
    m_mark->setEnabled(statistics);
    m_zeros->setEnabled(statistics);
    m_span->setVisible(!statistics);
    showState();
}

void MetricsPanel::showState()
{
    if (!m_chartsTab->isChecked() && !m_statisticsTab->isChecked()) {
        m_chartsTab->setChecked(true);
        return;
    }
    m_start->setEnabled(m_context.project.isOpen() && !m_context.lab.isRunning());
    const bool empty = m_store.proxies().isEmpty();
    m_copy->setEnabled(!empty);
    m_pages->setCurrentIndex(empty ? Empty : m_statisticsTab->isChecked() ? Statistics : Charts);
    if (!empty)
        return;
    if (m_context.lab.isRunning())
        m_empty->set(QStringLiteral("metrics"), tr("No statistics yet"),
                     tr("The proxies are asked twice a second once they are ready."));
    else if (m_context.project.isOpen())
        m_empty->set(QStringLiteral("metrics"), tr("The lab does not run"),
                     tr("While it runs, each proxy's rates, errors and latencies are drawn here."), m_start);
    else
        m_empty->set(QStringLiteral("metrics"), tr("No project is open"),
                     tr("Open a project or make one from the guide's template."));
}

void MetricsPanel::followSelection()
{
    const auto *node = m_context.selection.as<session::NodeSelection>();
    for (ProxyCharts *charts : std::as_const(m_charts)) {
        const bool selected = node && charts->proxy().section(QLatin1Char('#'), 0, 0) == node->name;
        charts->setSelected(selected);
        if (selected)
            m_area->ensureWidgetVisible(charts);
    }
}

void MetricsPanel::setPaused(bool paused)
{
    m_statistics.setPaused(paused);
    m_pause->setText(paused ? tr("&Paused") : tr("&Pause"));
    m_time.setEnd(m_store.latestUs());
}

void MetricsPanel::copy()
{
    QString text;
    if (m_statisticsTab->isChecked()) {
        QStringList lines;
        const QModelIndexList selected = m_table->selectionModel()->selectedRows();
        const auto add = [&](int row) {
            QStringList cells;
            for (int column = 0; column < m_shown.columnCount(); ++column)
                cells.append(m_shown.index(row, column).data().toString());
            lines.append(cells.join(QLatin1Char('\t')));
        };
        if (selected.isEmpty()) {
            for (int row = 0; row < m_shown.rowCount(); ++row)
                add(row);
        } else {
            for (const QModelIndex &index : selected)
                add(index.row());
        }
        text = lines.join(QLatin1Char('\n'));
    } else {
        QStringList parts;
        for (const ProxyCharts *charts : std::as_const(m_charts))
            parts.append(charts->text());
        text = parts.join(QLatin1String("\n\n"));
    }
    QGuiApplication::clipboard()->setText(text);
    Q_EMIT message(tr("The metrics are copied"));
}

void MetricsPanel::showCounts()
{
    const QLocale locale;
    m_counts->setText(
        tr("%1 of %2").arg(locale.toString(m_shown.rowCount()), locale.toString(m_statistics.rowCount())));
}

} // namespace sallyport::metrics
