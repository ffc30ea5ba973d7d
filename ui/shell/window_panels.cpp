// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/certificates_panel.h"
#include "ui/designer/route_panel.h"
#include "ui/metrics/metrics_panel.h"
#include "ui/problems/problems_panel.h"
#include "ui/request/request_panel.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/console_panel.h"
#include "ui/shell/guide_strip.h"
#include "ui/shell/main_window.h"
#include "ui/shell/notice_bar.h"
#include "ui/shell/status_strip.h"
#include "ui/shell/top_bar.h"
#include "ui/shell/verify_panel.h"
#include "ui/theme/shown_page.h"
#include "ui/topology/topology_panel.h"
#include "ui/traffic/traffic_panel.h"

#include <QSplitter>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTabWidget>
#include <QToolBar>
#include <QVBoxLayout>

namespace sallyport::shell {

namespace {

/// The traffic panel's account of a way as the selection carries it to the canvas.
session::RequestPath pathOf(const traffic::RequestWay &way)
{
    session::RequestPath path;
    path.requestId = way.requestId;
    path.endedAt = way.decidedAt;
    for (const traffic::RequestWay::Hop &hop : way.hops) {
        if (hop.outcome == traffic::Outcome::NotReached)
            continue;
        path.steps.append({hop.from, hop.cluster, hop.to, hop.outcome != traffic::Outcome::Passed});
    }
    return path;
}

} // namespace

void MainWindow::buildPanels()
{
    auto *bar = new QToolBar(tr("Top bar"), this);
    bar->setObjectName(QStringLiteral("topBar"));
    bar->setMovable(false);
    bar->setFloatable(false);
    bar->setStyleSheet(QStringLiteral("QToolBar { border: none; padding: 0; spacing: 0; }"));
    m_topBar = new TopBar(m_context, m_actions, bar);
    m_topBar->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    bar->addWidget(m_topBar);
    addToolBar(bar);

    auto *centre = new QWidget(this);
    auto *layout = new QVBoxLayout(centre);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_guide = new GuideStrip(m_context, centre);
    m_notices = new NoticeBar(centre);
    m_topology = new topology::TopologyPanel(m_context, centre);
    m_tabs = new QTabWidget(centre);
    m_tabs->setObjectName(QStringLiteral("bottomTabs"));
    m_tabs->setDocumentMode(true);
    buildTabs();
    m_splitter = new QSplitter(Qt::Vertical, centre);
    m_splitter->setObjectName(QStringLiteral("centreSplitter"));
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(m_topology);
    m_splitter->addWidget(m_tabs);
    layout->addWidget(m_guide);
    layout->addWidget(m_notices);
    layout->addWidget(m_splitter, 1);
    setCentralWidget(centre);
    buildDocks();

    m_status = new StatusStrip(m_context, m_topology->model(), *statusBar());
    m_palette = new CommandPalette(this);
}

void MainWindow::buildTabs()
{
    const theme::Theme &theme = theme::Theme::instance();
    m_verify = new VerifyPanel(m_context, m_tabs);
    m_console = new ConsolePanel(m_context, m_tabs);
    m_findings = new problems::FindingList(m_context, this);
    m_problems = new problems::ProblemsPanel(m_context, *m_findings, m_tabs);
    m_traffic = new traffic::TrafficPanel(m_context, m_tabs);
    m_request = new request::RequestPanel(m_context, m_tabs);
    m_metrics = new metrics::MetricsPanel(m_context, m_tabs);
    m_tabs->addTab(m_traffic, theme.icon(QStringLiteral("traffic"), theme::Role::TextMuted), tr("Traffic"));
    m_tabs->addTab(m_request, theme.icon(QStringLiteral("send"), theme::Role::TextMuted), tr("Request"));
    m_tabs->addTab(m_metrics, theme.icon(QStringLiteral("metrics"), theme::Role::TextMuted), tr("Metrics"));
    m_tabs->addTab(m_problems, theme.icon(QStringLiteral("warning"), theme::Role::TextMuted), tr("Problems"));
    m_tabs->addTab(m_verify, theme.icon(QStringLiteral("verify"), theme::Role::TextMuted), tr("Verify"));
    m_certificateList = new certificates::CertificateList(m_context, this);
    m_certificates = new certificates::CertificatesPanel(m_context, *m_certificateList,
                                                         m_actions[Command::CertificateImport], m_tabs);
    m_tabs->addTab(m_certificates, theme.icon(QStringLiteral("certificate"), theme::Role::TextMuted),
                   tr("Certificates"));
    m_route = new designer::RoutePanel(m_context, m_actions[Command::RouteDesign], m_tabs);
    m_tabs->addTab(m_route, theme.icon(QStringLiteral("route"), theme::Role::TextMuted), tr("Route"));
    m_tabs->addTab(m_console, theme.icon(QStringLiteral("console"), theme::Role::TextMuted), tr("Console"));
    theme::askWidthOfShownPage(*m_tabs->findChild<QStackedWidget *>({}, Qt::FindDirectChildrenOnly));
}

void MainWindow::connectPanels()
{
    using request::RequestDraft;
    using traffic::TrafficPanel;
    const auto say = [this](const QString &text) { statusBar()->showMessage(text, messageTime); };
    connect(m_topology, &topology::TopologyPanel::newProjectRequested, m_actions[Command::FileNew],
            &QAction::trigger);
    connect(m_topology, &topology::TopologyPanel::openProjectRequested, m_actions[Command::FileOpen],
            &QAction::trigger);
    connect(m_topology, &topology::TopologyPanel::hint, this,
            [this](const QString &text) { statusBar()->showMessage(text); });
    connect(m_topology, &topology::TopologyPanel::sendRequested, this, [this](const QString &workload) {
        RequestDraft draft;
        draft.instance = workload;
        compose(draft);
    });
    connect(m_traffic, &TrafficPanel::wayChanged, this,
            [this](const traffic::RequestWay &way) { m_selection.setPath(pathOf(way)); });
    connect(m_traffic, &TrafficPanel::composeWanted, m_actions[Command::LabSend], &QAction::trigger);
    connect(m_traffic, &TrafficPanel::editWanted, this, &MainWindow::compose);
    connect(m_traffic, &TrafficPanel::repeatWanted, m_request, &request::RequestPanel::send);
    connect(m_traffic, &TrafficPanel::message, this, say);
    connect(m_request, &request::RequestPanel::message, this, say);
    connect(m_metrics, &metrics::MetricsPanel::message, this, say);
    connect(m_problems, &problems::ProblemsPanel::message, this, say);
    connect(m_certificates, &certificates::CertificatesPanel::message, this, say);
    connect(m_route, &designer::RoutePanel::message, this, say);
    connect(m_route, &designer::RoutePanel::importWanted, this,
            [this](const session::CredentialSelection &wanted) { openImport({}, wanted); });
    connect(m_topology, &topology::TopologyPanel::routeRequested, this, &MainWindow::designRoute);
    connect(m_actions[Command::ViewRoute], &QAction::triggered, this, [this] { showTab(m_route); });
    connect(m_actions[Command::RouteDesign], &QAction::triggered, this, [this] { designRoute(); });
    connect(m_problems, &problems::ProblemsPanel::credentialActivated, this,
            [this] { m_tabs->setCurrentWidget(m_certificates); });
    connect(m_actions[Command::ViewCertificates], &QAction::triggered, this,
            [this] { showTab(m_certificates); });
    connect(m_actions[Command::CertificateImport], &QAction::triggered, this, [this] { openImport({}); });
    connect(m_findings, &problems::FindingList::changed, this, &MainWindow::updateProblems);
    connect(m_actions[Command::ViewMetrics], &QAction::triggered, this, [this] { showTab(m_metrics); });
    connect(m_actions[Command::ViewProblems], &QAction::triggered, this, [this] { showTab(m_problems); });
    connect(m_actions[Command::LabSend], &QAction::triggered, this, [this] {
        m_tabs->setCurrentWidget(m_request);
        m_request->focusUrl();
    });
    connect(m_actions[Command::ViewTraffic], &QAction::triggered, this, [this] { showTab(m_traffic); });
}

void MainWindow::designRoute(const QString &from, const QString &to)
{
    m_tabs->setCurrentWidget(m_route);
    m_route->begin(from, to);
}

void MainWindow::openImport(const QStringList &files, const session::CredentialSelection &wanted)
{
    m_tabs->setCurrentWidget(m_certificates);
    m_certificates->openImport(files, wanted);
}

void MainWindow::compose(const request::RequestDraft &draft)
{
    m_request->compose(draft);
    m_tabs->setCurrentWidget(m_request);
    m_request->focusUrl();
}

} // namespace sallyport::shell
