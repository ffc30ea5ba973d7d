// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/inspector_panel.h"
#include "ui/inspector/request_facts.h"
#include "ui/problems/problems_panel.h"
#include "ui/project/project_panel.h"
#include "ui/shell/main_window.h"
#include "ui/topology/topology_panel.h"
#include "ui/traffic/traffic_panel.h"

#include <QDockWidget>
#include <QStatusBar>
#include <QTabWidget>
#include <algorithm>

namespace sallyport::shell {

namespace {

constexpr int projectWidth = 30 * theme::grid;
constexpr int inspectorWidth = 44 * theme::grid;

QDockWidget *makeDock(const QString &name, const QString &title, QWidget *content, QWidget *parent)
{
    auto *dock = new QDockWidget(title, parent);
    dock->setObjectName(name);
    dock->setFeatures(QDockWidget::DockWidgetClosable);
    // What is in it says by itself what it is; its action closes it.
    dock->setTitleBarWidget(new QWidget(dock));
    dock->setWidget(content);
    return dock;
}

} // namespace

void MainWindow::buildDocks()
{
    m_projectPanel = new project::ProjectPanel(m_context, *m_findings, this);
    m_projectDock = makeDock(QStringLiteral("projectDock"), tr("Project"), m_projectPanel, this);
    addDockWidget(Qt::LeftDockWidgetArea, m_projectDock);
    m_inspector = new inspector::InspectorPanel(m_context, m_topology->model(), *m_findings,
                                                m_traffic->feed().store(), this);
    m_inspectorDock = makeDock(QStringLiteral("inspectorDock"), tr("Inspector"), m_inspector, this);
    addDockWidget(Qt::RightDockWidgetArea, m_inspectorDock);
}

void MainWindow::sizeDocks()
{
    // On a small screen the picture and its tables shall keep enough.
    resizeDocks({m_projectDock, m_inspectorDock},
                {std::min(projectWidth, width() / 7), std::min(inspectorWidth, 2 * width() / 9)},
                Qt::Horizontal);
}

void MainWindow::connectDocks()
{
    using inspector::InspectorPanel;
    using problems::ProblemsPanel;
    using project::ProjectPanel;
    using topology::TopologyPanel;
    using traffic::TrafficPanel;
    const auto toggles = [this](Command command, QDockWidget *dock) {
        QAction *action = m_actions[command];
        connect(action, &QAction::triggered, dock, [dock](bool shows) {
            dock->setVisible(shows);
            if (shows)
                dock->widget()->setFocus();
        });
        connect(dock, &QDockWidget::visibilityChanged, action,
                [action, dock] { action->setChecked(!dock->isHidden()); });
        action->setChecked(!dock->isHidden());
    };
    toggles(Command::ViewProject, m_projectDock);
    toggles(Command::ViewInspector, m_inspectorDock);
    const auto say = [this](const QString &text) { statusBar()->showMessage(text, messageTime); };
    connect(m_projectPanel, &ProjectPanel::message, this, say);
    connect(m_projectPanel, &ProjectPanel::yamlWanted, m_inspector, &InspectorPanel::showResource);
    connect(m_inspector, &InspectorPanel::resourceShown, m_projectPanel, &ProjectPanel::showResource);
    connect(m_inspector, &InspectorPanel::raiseWanted, m_inspectorDock, &QDockWidget::show);
    connect(m_inspector, &InspectorPanel::message, this, say);
    connect(m_problems, &ProblemsPanel::placeActivated, m_inspector, &InspectorPanel::showPlace);
    connect(m_topology, &TopologyPanel::yamlRequested, m_inspector, &InspectorPanel::showResource);
    connect(m_topology, &TopologyPanel::activated, m_inspectorDock, [this] {
        m_inspectorDock->show();
        m_inspector->setFocus();
    });
    connect(m_traffic, &TrafficPanel::yamlWanted, m_inspector, &InspectorPanel::showYaml);
    connect(m_traffic, &TrafficPanel::whyWanted, m_inspector, [this](const request::RequestDraft &draft) {
        m_inspector->explain(inspector::questionOf(draft));
    });
    connect(m_actions[Command::EditFind], &QAction::triggered, this, [this] {
        if (m_inspector->openFind())
            return;
        m_tabs->setCurrentWidget(m_traffic);
        m_traffic->focusFilter();
    });
    connect(m_actions[Command::EditReplace], &QAction::triggered, this, [this, say] {
        if (!m_inspector->openReplace())
            say(tr("Select what has YAML first: a resource, a card or an arrow of the picture"));
    });
}

} // namespace sallyport::shell
