// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/traffic_panel.h"

#include "ui/theme/empty_state.h"
#include "ui/theme/theme.h"
#include "ui/traffic/filter_edit.h"
#include "ui/traffic/request_detail.h"
#include "ui/traffic/request_table_view.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <algorithm>

namespace sallyport::traffic {

namespace {

using theme::grid;
using theme::Look;
using theme::Role;
using theme::Theme;

const QString splitterKey = QStringLiteral("traffic/splitter");

QSettings settings()
{
    return QSettings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("sallyport"),
                     QStringLiteral("sallyport"));
}

} // namespace

TrafficPanel::TrafficPanel(session::Context &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_model(m_feed)
    , m_actions(this)
{
    setObjectName(QStringLiteral("trafficPanel"));
    qRegisterMetaType<RequestWay>();
    qRegisterMetaType<request::RequestDraft>();
    connectActions();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    makeBar(layout);
    makeTable(layout);
    m_detail->setActions({m_actions.repeat, m_actions.edit, m_actions.curl, m_actions.yaml, m_actions.why});
    setTabOrder(m_filter, m_follow);
    setTabOrder(m_table, m_detail);

    const session::LabSession &lab = m_context.lab;
    connect(&lab, &session::LabSession::logEntries, this,
            [this](const QList<control::LogEntry> &entries) { m_feed.add(entries); });
    connect(&lab, &session::LabSession::logEntriesDropped, this, [this](quint64 total) {
        m_droppedOutside = total;
        showCounts();
    });
    connect(&lab, &session::LabSession::stateChanged, this, [this] {
        updateActions();
        showState();
    });
    connect(&lab, &session::LabSession::planChanged, this, [this] {
        if (m_context.lab.plan())
            m_feed.setNames(LabNames::of(*m_context.lab.plan()));
    });
    connect(&m_context.project, &session::ProjectSession::opened, this, [this] {
        updateActions();
        showState();
    });
    connect(&m_context.project, &session::ProjectSession::closed, this,
            [this] { m_actions.clear->trigger(); });
    connect(&m_context.selection, &session::Selection::changed, this, &TrafficPanel::followSelection);
    connect(&m_model, &RequestTableModel::countsChanged, this, [this] {
        showCounts();
        showState();
    });
    connect(&m_model, &QAbstractItemModel::dataChanged, this,
            [this](const QModelIndex &from, const QModelIndex &to) {
                const int row = m_chosen == 0 ? -1 : m_model.rowOf(m_chosen);
                if (row >= from.row() && row <= to.row())
                    showDetail();
            });
    connect(&m_export, &QFutureWatcherBase::finished, this, [this] {
        const auto result = m_export.result();
        Q_EMIT message(result ? tr("Requests written to %1: %2").arg(m_exportPath).arg(*result)
                              : QString::fromStdString(result.error().toString()));
        updateActions();
    });
    if (lab.plan())
        m_feed.setNames(LabNames::of(*lab.plan()));
    updateActions();
    showCounts();
    showState();
}

TrafficPanel::~TrafficPanel()
{
    settings().setValue(splitterKey, m_splitter->saveState());
    if (m_exportGoesOn)
        *m_exportGoesOn = false;
    m_export.waitForFinished();
}

void TrafficPanel::connectActions()
{
    connect(m_actions.repeat, &QAction::triggered, this, [this] {
        if (const auto draft = draftOf(m_chosen))
            Q_EMIT repeatWanted(*draft);
    });
    connect(m_actions.edit, &QAction::triggered, this, [this] {
        if (const auto draft = draftOf(m_chosen))
            Q_EMIT editWanted(*draft);
    });
    connect(m_actions.why, &QAction::triggered, this, [this] {
        if (const auto draft = draftOf(m_chosen))
            Q_EMIT whyWanted(*draft);
    });
    connect(m_actions.curl, &QAction::triggered, this, &TrafficPanel::copyCurl);
    connect(m_actions.yaml, &QAction::triggered, this, &TrafficPanel::showYaml);
    connect(m_actions.compose, &QAction::triggered, this, &TrafficPanel::composeWanted);
    connect(m_actions.pause, &QAction::toggled, this, [this](bool paused) {
        m_model.setPaused(paused);
        if (!paused)
            m_table->goToNewest();
    });
    connect(m_actions.clear, &QAction::triggered, this, [this] {
        m_feed.clear();
        m_table->clearSelection();
        choose(0);
    });
    connect(m_actions.newest, &QAction::triggered, this, [this] {
        m_table->sortByColumn(static_cast<int>(Column::Time), Qt::DescendingOrder);
        m_table->goToNewest();
    });
    connect(m_actions.copyText, &QAction::triggered, this, &TrafficPanel::copyText);
    connect(m_actions.copyJson, &QAction::triggered, this, &TrafficPanel::copyJson);
    connect(m_actions.exportJson, &QAction::triggered, this,
            [this] { chooseExport(ExportFormat::JsonLines); });
    connect(m_actions.exportHar, &QAction::triggered, this, [this] { chooseExport(ExportFormat::Har); });
    connect(m_actions.startLab, &QAction::triggered, this, [this] { m_context.lab.start(); });
    connect(m_actions.showAll, &QAction::triggered, this, [this] { m_filter->setFilterText({}); });
}

void TrafficPanel::makeBar(QVBoxLayout *layout)
{
    m_filter = new FilterEdit(this);
    m_error = new QLabel(this);
    m_error->setObjectName(QStringLiteral("trafficFilterError"));
    theme::setLook(m_error, Look::Bad);
    m_error->hide();
    m_dropped = new QLabel(this);
    m_dropped->setObjectName(QStringLiteral("trafficDropped"));
    theme::setLook(m_dropped, Look::Warning);
    m_dropped->setToolTip(
        tr("The proxies logged faster than this window could take: their log files have all lines"));
    m_dropped->hide();
    m_follow = new QToolButton(this);
    m_follow->setObjectName(QStringLiteral("trafficFollow"));
    m_follow->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_follow->setCheckable(true);
    theme::setLook(m_follow, Look::Segment);
    connect(m_follow, &QToolButton::clicked, m_actions.pause, &QAction::setChecked);
    connect(m_actions.pause, &QAction::toggled, m_follow, &QToolButton::setChecked);
    auto *compose = new QToolButton(this);
    compose->setObjectName(QStringLiteral("trafficComposeButton"));
    compose->setDefaultAction(m_actions.compose);
    compose->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    theme::setLook(compose, Look::Segment);
    auto *more = new QToolButton(this);
    more->setObjectName(QStringLiteral("trafficMore"));
    more->setAccessibleName(tr("More"));
    more->setToolTip(tr("Clear, export, columns"));
    more->setPopupMode(QToolButton::InstantPopup);
    more->setIcon(Theme::instance().icon(QStringLiteral("more"), Role::TextMuted));
    auto *menu = new QMenu(more);
    more->setMenu(menu);
    connect(menu, &QMenu::aboutToShow, this, [this, menu] {
        menu->clear();
        menu->addActions({m_actions.newest, m_actions.pause, m_actions.clear});
        menu->addSeparator();
        menu->addActions({m_actions.exportJson, m_actions.exportHar});
        menu->addSeparator();
        m_table->addColumnActions(*menu->addMenu(tr("Columns")));
    });

    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(2 * grid, grid, 2 * grid, grid);
    bar->setSpacing(grid);
    bar->addWidget(m_filter, 1);
    bar->addWidget(m_dropped);
    bar->addWidget(m_follow);
    bar->addWidget(compose);
    bar->addWidget(more);
    auto *errorRow = new QHBoxLayout;
    errorRow->setContentsMargins(2 * grid, 0, 2 * grid, 0);
    errorRow->addWidget(m_error);
    layout->addLayout(bar);
    layout->addLayout(errorRow);
    connect(m_filter, &FilterEdit::filterChanged, &m_model, &RequestTableModel::setFilter);
    connect(m_filter, &FilterEdit::errorChanged, this, [this](const QString &text) {
        m_error->setText(text);
        m_error->setVisible(!text.isEmpty());
        m_filter->setAccessibleDescription(text);
    });
}

void TrafficPanel::makeTable(QVBoxLayout *layout)
{
    m_table = new RequestTableView(m_model, this);
    m_detail = new RequestDetail(this);
    m_detail->hide();
    m_splitter = new QSplitter(Qt::Vertical, this);
    m_splitter->setObjectName(QStringLiteral("trafficSplitter"));
    m_splitter->setChildrenCollapsible(false);
    auto *tableFrame = new QWidget(m_splitter);
    auto *tableLayout = new QVBoxLayout(tableFrame);
    tableLayout->setContentsMargins(grid, 0, 0, 0);
    tableLayout->addWidget(m_table);
    m_splitter->addWidget(tableFrame);
    m_splitter->addWidget(m_detail);
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 2);
    m_splitter->restoreState(settings().value(splitterKey).toByteArray());
    m_empty = new theme::EmptyState(this);
    m_empty->setObjectName(QStringLiteral("trafficEmpty"));
    m_pages = new QStackedWidget(this);
    m_pages->addWidget(m_splitter);
    m_pages->addWidget(m_empty);
    layout->addWidget(m_pages, 1);
    connect(m_table, &RequestTableView::chosen, this, &TrafficPanel::choose);
    connect(m_table, &RequestTableView::contextMenuWanted, this, &TrafficPanel::openContextMenu);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &TrafficPanel::updateActions);
}

void TrafficPanel::focusFilter()
{
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

void TrafficPanel::setFilterText(const QString &text)
{
    m_filter->setFilterText(text);
}

void TrafficPanel::showCounts()
{
    const QLocale locale;
    const qulonglong shown = static_cast<qulonglong>(m_model.rowCount());
    m_filter->setCounts(
        m_model.total() == 0
            ? QString()
            : tr("%1 of %2").arg(locale.toString(shown), locale.toString(qulonglong(m_model.total()))));
    const quint64 dropped = m_droppedOutside + m_feed.dropped();
    m_dropped->setVisible(dropped > 0);
    m_dropped->setText(tr("%1 lines dropped").arg(locale.toString(qulonglong(dropped))));
    if (m_model.isPaused()) {
        m_follow->setText(m_model.missed() == 0
                              ? tr("Paused")
                              : tr("Paused · %1 new").arg(locale.toString(qulonglong(m_model.missed()))));
        m_follow->setIcon(Theme::instance().icon(QStringLiteral("play"), Role::AccentText));
        m_follow->setToolTip(tr("Show what came meanwhile and follow again (P)"));
    } else {
        m_follow->setText(tr("Following"));
        m_follow->setIcon(Theme::instance().icon(QStringLiteral("pause"), Role::Text));
        m_follow->setToolTip(m_actions.pause->toolTip() + QLatin1String(" (P)"));
    }
    if (dropped != m_droppedTold) {
        m_droppedTold = dropped;
        Q_EMIT droppedChanged(dropped);
    }
}

void TrafficPanel::showState()
{
    const bool empty = m_model.rowCount() == 0;
    m_pages->setCurrentWidget(empty ? static_cast<QWidget *>(m_empty) : m_splitter);
    if (!empty)
        return;
    if (m_model.total() > 0 || m_filter->error()) {
        m_empty->set(
            QStringLiteral("filter"), tr("No request matches the filter"),
            tr("The filter hides all %1 requests.").arg(QLocale().toString(qulonglong(m_model.total()))),
            m_actions.showAll);
    } else if (m_context.lab.isRunning()) {
        m_empty->set(QStringLiteral("traffic"), tr("No requests yet"),
                     tr("Every request that an application of the lab sends shows here, with the proxies "
                        "that it met and "
                        "what decided its answer."),
                     m_actions.compose);
    } else if (m_context.project.isOpen()) {
        m_empty->set(QStringLiteral("traffic"), tr("The lab does not run"),
                     tr("Start it, send a request, and see here how it passes each proxy."),
                     m_actions.startLab);
    } else {
        m_empty->set(QStringLiteral("traffic"), tr("No project is open"),
                     tr("Open a project or make one from the guide's template; its traffic shows here."));
    }
}

void TrafficPanel::updateActions()
{
    const bool one = m_chosen != 0;
    const bool some = m_table->selectionModel()->hasSelection();
    const bool running = m_context.lab.state() == session::LabState::Running;
    const auto row = one ? m_feed.store().row(m_chosen) : std::nullopt;
    const bool http = row && row->method != QLatin1String("TCP") && !row->host.isEmpty();
    m_actions.repeat->setEnabled(http && running);
    m_actions.edit->setEnabled(http);
    m_actions.curl->setEnabled(http);
    m_actions.yaml->setEnabled(row && m_context.project.isOpen());
    m_actions.why->setEnabled(http && m_context.project.isOpen());
    m_actions.copyText->setEnabled(some);
    m_actions.copyJson->setEnabled(some);
    m_actions.startLab->setEnabled(m_context.project.isOpen() && !m_context.lab.isRunning());
    const bool canExport = m_model.rowCount() > 0 && !m_export.isRunning();
    m_actions.exportJson->setEnabled(canExport);
    m_actions.exportHar->setEnabled(canExport);
}

void TrafficPanel::choose(quint64 number)
{
    m_chosen = number;
    updateActions();
    showDetail();
    const auto row = m_feed.store().row(number);
    m_choosing = true;
    if (row)
        m_context.selection.set(session::RequestSelection{row->requestId});
    m_choosing = false;
}

void TrafficPanel::followSelection()
{
    if (m_choosing)
        return;
    const auto *request = m_context.selection.as<session::RequestSelection>();
    if (!request) {
        // Something else is looked at now: the way on the canvas ends, the detail stays.
        if (!m_way.isEmpty()) {
            m_way = {};
            Q_EMIT wayChanged(m_way);
        }
        return;
    }
    const quint64 number = m_feed.store().find(request->requestId);
    if (number != 0 && number != m_chosen && !m_table->select(number))
        choose(number);
}

void TrafficPanel::showDetail()
{
    const auto row = m_chosen == 0 ? std::nullopt : m_feed.store().row(m_chosen);
    m_detail->setVisible(row.has_value());
    RequestWay way;
    if (row) {
        const QList<control::LogEntry> entries = orderedEntries(m_feed.store().entries(m_chosen));
        m_detail->show(*row, entries);
        std::vector<LogLine> lines;
        for (const control::LogEntry &entry : entries)
            lines.push_back(LogLine::from(entry));
        way = wayOf(*row, lines);
    }
    if (way != m_way) {
        m_way = way;
        Q_EMIT wayChanged(m_way);
    }
}

} // namespace sallyport::traffic
