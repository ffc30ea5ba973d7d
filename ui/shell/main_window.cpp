// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/main_window.h"

#include "core/lab/project_template.h"
#include "ui/certificates/certificates_panel.h"
#include "ui/problems/problems_panel.h"
#include "ui/shell/console_panel.h"
#include "ui/shell/guide_strip.h"
#include "ui/shell/notice_bar.h"
#include "ui/shell/status_strip.h"
#include "ui/shell/top_bar.h"
#include "ui/shell/verify_panel.h"
#include "ui/topology/topology_panel.h"

#include <QApplication>
#include <QDir>
#include <QDockWidget>
#include <QMenu>
#include <QMenuBar>
#include <QScreen>
#include <QSplitter>
#include <QStatusBar>
#include <QTabWidget>
#include <QTimer>

namespace sallyport::shell {

namespace {

constexpr int docksVersion = 1;
constexpr QSize firstSize(1600, 1000);
constexpr int pictureShare = 11; ///< of the centre's height, in twentieths

control::Programs withEngine(control::Programs programs, control::Engine engine)
{
    const bool possible = engine != control::Engine::Envoy || session::LabSession::envoyIsAvailable();
    programs.engine = possible ? engine : control::Engine::Embedded;
    return programs;
}

} // namespace

MainWindow::MainWindow(control::Programs programs, QWidget *parent)
    : QMainWindow(parent)
    , m_lab(m_project, withEngine(std::move(programs), m_settings.engine()))
    , m_context{m_project, m_lab, m_selection}
{
    setObjectName(QStringLiteral("mainWindow"));
    setWindowIcon(QIcon(QStringLiteral(":/application/sallyport.svg")));
    setAcceptDrops(true);
    setDockNestingEnabled(false);
    setContextMenuPolicy(Qt::NoContextMenu);
    theme::Theme::instance().setScheme(m_settings.scheme());
    m_saveQuestion = [this] { return askToSave(); };
    buildPanels();
    buildMenus();
    connectActions();
    connectViewActions();
    connectSession();
    connectPanels();
    connectDocks();
    updateActions();
    updateTitle();
    m_firstDocks = saveState(docksVersion);
    restoreWindow();
}

MainWindow::~MainWindow()
{
    m_worker.waitForDone();
    // The undo stack empties itself when the actions are gone already.
    m_project.undoStack().disconnect(this);
    // The docks refer to panels of the centre, all of them to the sessions.
    const QList<QDockWidget *> docks = findChildren<QDockWidget *>();
    qDeleteAll(docks);
    delete takeCentralWidget();
}

void MainWindow::buildMenus()
{
    const auto add = [this](QMenu *menu, std::initializer_list<Command> commands) {
        for (const Command command : commands)
            menu->addAction(m_actions[command]);
        return menu;
    };
    QMenu *file = menuBar()->addMenu(tr("&File"));
    add(file, {Command::FileNew, Command::FileOpen});
    QMenu *recent = file->addMenu(tr("Open &recent"));
    recent->setObjectName(QStringLiteral("recentMenu"));
    connect(recent, &QMenu::aboutToShow, this, [this, recent] { fillRecent(*recent); });
    file->addSeparator();
    add(file, {Command::FileSave});
    file->addSeparator();
    add(file, {Command::CertificateImport});
    file->addSeparator();
    add(file, {Command::FileClose, Command::FileQuit});

    QMenu *edit = menuBar()->addMenu(tr("&Edit"));
    add(edit, {Command::EditUndo, Command::EditRedo});
    edit->addSeparator();
    add(edit, {Command::RouteDesign});
    edit->addSeparator();
    add(edit, {Command::EditFind, Command::EditReplace, Command::EditPalette});

    QMenu *view = menuBar()->addMenu(tr("&View"));
    add(view, {Command::ViewPicture, Command::ViewTable});
    view->addSeparator();
    add(view, {Command::ViewZoomIn, Command::ViewZoomOut, Command::ViewFit, Command::ViewArrange});
    view->addSeparator();
    add(view, {Command::ViewTraffic, Command::ViewMetrics, Command::ViewProblems, Command::ViewVerify,
               Command::ViewCertificates, Command::ViewRoute, Command::ViewConsole});
    view->addSeparator();
    add(view, {Command::ViewProject, Command::ViewInspector});
    view->addSeparator();
    add(view->addMenu(tr("Co&lours")),
        {Command::ViewSchemeSystem, Command::ViewSchemeLight, Command::ViewSchemeDark});
    add(view, {Command::ViewFullScreen, Command::ViewResetLayout});

    QMenu *labMenu = menuBar()->addMenu(tr("&Lab"));
    add(labMenu, {Command::LabStart, Command::LabStop, Command::LabVerify, Command::LabSend});
    labMenu->addSeparator();
    add(labMenu, {Command::LabNodeStart, Command::LabNodeStop, Command::LabNodeKill});
    labMenu->addSeparator();
    add(labMenu, {Command::LabEngineEmbedded, Command::LabEngineEnvoy});

    QMenu *stages = menuBar()->addMenu(tr("&Stage"));
    add(stages, {Command::Stage1, Command::Stage2, Command::Stage3, Command::Stage4, Command::Stage5});
    for (int stage = lab::firstStage; stage <= lab::lastStage; ++stage) {
        const GuideText guide = guideText(stage);
        QAction *action = m_actions.stage(stage);
        action->setStatusTip(guide.title);
        action->setToolTip(QStringLiteral("<b>%1</b><br>%2")
                               .arg(guide.title.toHtmlEscaped(),
                                    QString(guide.text).remove(QLatin1Char('`')).toHtmlEscaped()));
    }

    QMenu *help = menuBar()->addMenu(tr("&Help"));
    add(help, {Command::HelpGuide, Command::HelpShortcuts});
    help->addSeparator();
    add(help, {Command::HelpAbout, Command::HelpAboutQt});
    // Full screen hides no shortcut.
    addActions(m_actions.all());
}

void MainWindow::connectActions()
{
    const auto on = [this](Command command, auto &&slot) {
        connect(m_actions[command], &QAction::triggered, this, std::forward<decltype(slot)>(slot));
    };
    on(Command::FileNew, [this] { newProject(); });
    on(Command::FileOpen, [this] { chooseFolder(); });
    on(Command::FileSave, [this] { save(); });
    on(Command::FileClose, [this] {
        if (mayLoseChanges())
            m_project.close();
    });
    on(Command::FileQuit, [this] { close(); });
    on(Command::EditUndo, [this] { m_project.undoStack().undo(); });
    on(Command::EditRedo, [this] { m_project.undoStack().redo(); });
    on(Command::EditPalette, [this] { openPalette(); });
    for (int stage = lab::firstStage; stage <= lab::lastStage; ++stage)
        connect(m_actions.stage(stage), &QAction::triggered, this, [this, stage] { changeStage(stage); });
    on(Command::LabStart, [this] { m_lab.start(); });
    on(Command::LabStop, [this] { m_lab.stop(); });
    on(Command::LabVerify, [this] {
        showTab(m_verify);
        m_verify->run();
    });
    on(Command::LabNodeStart,
       [this] { forSelectedProcesses([this](const QString &id) { m_lab.startNode(id); }); });
    on(Command::LabNodeStop,
       [this] { forSelectedProcesses([this](const QString &id) { m_lab.stopNode(id); }); });
    on(Command::LabNodeKill,
       [this] { forSelectedProcesses([this](const QString &id) { m_lab.killNode(id); }); });
    on(Command::LabEngineEmbedded, [this] { m_lab.setEngine(control::Engine::Embedded); });
    on(Command::LabEngineEnvoy, [this] { m_lab.setEngine(control::Engine::Envoy); });
    on(Command::HelpShortcuts, [this] { showShortcuts(); });
    on(Command::HelpAbout, [this] { showAbout(); });
    on(Command::HelpAboutQt, [] { QApplication::aboutQt(); });
}

void MainWindow::connectViewActions()
{
    const auto on = [this](Command command, auto &&slot) {
        connect(m_actions[command], &QAction::triggered, this, std::forward<decltype(slot)>(slot));
    };
    on(Command::ViewPicture, [this] { m_topology->setTable(false); });
    on(Command::ViewTable, [this] { m_topology->setTable(true); });
    m_actions[Command::ViewPicture]->setChecked(true);
    on(Command::ViewZoomIn, [this] { m_topology->view().zoomIn(); });
    on(Command::ViewZoomOut, [this] { m_topology->view().zoomOut(); });
    on(Command::ViewFit, [this] { m_topology->view().fit(); });
    on(Command::ViewArrange, [this] { m_topology->view().chainScene().resetPositions(); });
    on(Command::ViewVerify, [this] { showTab(m_verify); });
    on(Command::ViewConsole, [this] { showTab(m_console); });
    on(Command::ViewFullScreen, [this](bool full) { full ? showFullScreen() : showNormal(); });
    on(Command::ViewResetLayout, [this] { resetWindow(); });
    const auto scheme = [this](theme::Scheme wanted) {
        m_settings.setScheme(wanted);
        theme::Theme::instance().setScheme(wanted);
    };
    on(Command::ViewSchemeSystem, [scheme] { scheme(theme::Scheme::System); });
    on(Command::ViewSchemeLight, [scheme] { scheme(theme::Scheme::Light); });
    on(Command::ViewSchemeDark, [scheme] { scheme(theme::Scheme::Dark); });
    const theme::Scheme now = m_settings.scheme();
    m_actions[now == theme::Scheme::Light  ? Command::ViewSchemeLight
              : now == theme::Scheme::Dark ? Command::ViewSchemeDark
                                           : Command::ViewSchemeSystem]
        ->setChecked(true);
    QAction *guide = m_actions[Command::HelpGuide];
    guide->setChecked(m_settings.showsGuide());
    const auto showGuide = [this, guide] {
        m_guide->setVisible(guide->isChecked() && m_project.stage() > 0);
    };
    connect(guide, &QAction::toggled, this, [this, showGuide](bool shows) {
        m_settings.setShowsGuide(shows);
        showGuide();
    });
    connect(&m_project, &session::ProjectSession::stageChanged, this, showGuide);
    connect(m_guide, &GuideStrip::closed, guide, [guide] { guide->setChecked(false); });
    connect(m_guide, &GuideStrip::verifyRequested, m_actions[Command::LabVerify], &QAction::trigger);
    connect(m_guide, &GuideStrip::importRequested, this, &MainWindow::importClient);
    showGuide();
}

void MainWindow::connectSession()
{
    using session::LabSession;
    using session::ProjectSession;
    connect(&m_project, &ProjectSession::opened, this, [this] {
        m_settings.addRecentProject(m_project.folder());
        m_selection.clear();
    });
    connect(&m_project, &ProjectSession::openFailed, this, [this](const QString &why) {
        m_notices->show(QStringLiteral("open"), NoticeBar::Kind::Error, why);
    });
    for (const auto signal : {&ProjectSession::opened, &ProjectSession::closed}) {
        connect(&m_project, signal, this, [this] {
            for (const QString &topic : m_notices->topics())
                m_notices->dismiss(topic);
            m_selection.clear();
            updateTitle();
            updateActions();
        });
    }
    connect(&m_project, &ProjectSession::modifiedChanged, this, &MainWindow::updateTitle);
    connect(&m_project, &ProjectSession::modifiedChanged, this, &MainWindow::updateActions);
    connect(&m_project, &ProjectSession::stageChanged, this, &MainWindow::updateActions);
    connect(&m_project, &ProjectSession::changedOnDisk, this, &MainWindow::onDisk);
    connect(&m_project, &ProjectSession::unsavedWorkChanged, this, &MainWindow::onUnsavedWork);
    connect(&m_project.undoStack(), &QUndoStack::indexChanged, this, &MainWindow::updateActions);
    connect(&m_lab, &LabSession::stateChanged, this, &MainWindow::onLabState);
    connect(&m_lab, &LabSession::nodeChanged, this, &MainWindow::updateActions);
    connect(&m_lab, &LabSession::applied, this, &MainWindow::onApplied);
    connect(&m_lab, &LabSession::engineChanged, this, [this](control::Engine engine) {
        m_settings.setEngine(engine);
        updateActions();
        if (m_lab.isRunning())
            m_notices->show(
                QStringLiteral("engine"), NoticeBar::Kind::Information,
                tr("The running lab keeps its engine until it is started again."),
                {{tr("Start again"), [this] {
                      connect(
                          &m_lab, &LabSession::stateChanged, this, [this] { m_lab.start(); },
                          static_cast<Qt::ConnectionType>(Qt::QueuedConnection | Qt::SingleShotConnection));
                      m_lab.stop();
                  }}});
    });
    connect(&m_selection, &session::Selection::changed, this, &MainWindow::updateActions);
}

void MainWindow::fillRecent(QMenu &menu)
{
    menu.clear();
    for (const QString &folder : m_settings.recentProjects()) {
        QAction *action =
            menu.addAction(QDir::toNativeSeparators(folder), this, [this, folder] { openProject(folder); });
        action->setEnabled(QDir(folder).exists());
    }
    if (menu.isEmpty()) {
        menu.addAction(tr("None yet"))->setEnabled(false);
        return;
    }
    menu.addSeparator();
    menu.addAction(tr("&Clear the list"), this, [this] { m_settings.clearRecentProjects(); });
}

void MainWindow::restoreWindow()
{
    if (!restoreGeometry(m_settings.geometry())) {
        const QSize room = screen()->availableSize();
        resize(firstSize.boundedTo(room));
    }
    // Docks have widths when the window has its own, at its first showing.
    if (!restoreState(m_settings.docks(), docksVersion))
        QTimer::singleShot(0, this, &MainWindow::sizeDocks);
    if (!m_splitter->restoreState(m_settings.splitter()))
        m_splitter->setSizes(
            {firstSize.height() * pictureShare / 20, firstSize.height() * (20 - pictureShare) / 20});
    m_topology->view().setFocus();
}

void MainWindow::rememberWindow()
{
    m_settings.setWindow(saveGeometry(), saveState(docksVersion), m_splitter->saveState());
}

void MainWindow::resetWindow()
{
    restoreState(m_firstDocks, docksVersion);
    sizeDocks();
    const int height = m_splitter->height();
    m_splitter->setSizes({height * pictureShare / 20, height - height * pictureShare / 20});
    m_topology->view().fit();
}

void MainWindow::showTab(QWidget *tab)
{
    m_tabs->setCurrentWidget(tab);
    tab->setFocus();
}

void MainWindow::forSelectedProcesses(const std::function<void(const QString &)> &command)
{
    const auto *selected = m_selection.as<session::NodeSelection>();
    if (!selected)
        return;
    for (const control::NodeStatus &node : m_lab.nodes()) {
        if (topology::workloadOf(node.proxy) == topology::workloadOf(selected->name) &&
            !node.process.endsWith(QLatin1String(".app")))
            command(node.process);
    }
}

void MainWindow::updateActions()
{
    const bool open = m_project.isOpen();
    const session::LabState state = m_lab.state();
    const bool running = m_lab.isRunning();
    m_actions[Command::FileSave]->setEnabled(m_project.isModified());
    m_actions[Command::FileClose]->setEnabled(open);
    QUndoStack &stack = m_project.undoStack();
    QAction *undo = m_actions[Command::EditUndo];
    QAction *redo = m_actions[Command::EditRedo];
    undo->setEnabled(stack.canUndo());
    redo->setEnabled(stack.canRedo());
    undo->setText(stack.canUndo() ? tr("&Undo: %1").arg(stack.undoText()) : tr("&Undo"));
    redo->setText(stack.canRedo() ? tr("&Redo: %1").arg(stack.redoText()) : tr("&Redo"));
    m_actions[Command::LabStart]->setEnabled(open && !running && state != session::LabState::Stopping);
    m_actions[Command::LabStop]->setEnabled(running || state == session::LabState::Failed);
    m_actions[Command::LabVerify]->setEnabled(open);
    m_actions[Command::LabSend]->setEnabled(open);
    m_actions[Command::RouteDesign]->setEnabled(open);
    m_actions[Command::EditReplace]->setEnabled(open);
    m_actions[Command::CertificateImport]->setEnabled(open);
    m_actions[m_lab.engine() == control::Engine::Envoy ? Command::LabEngineEnvoy : Command::LabEngineEmbedded]
        ->setChecked(true);
    m_actions[Command::LabEngineEnvoy]->setEnabled(session::LabSession::envoyIsAvailable());
    bool up = false;
    bool down = false;
    if (const auto *selected = m_selection.as<session::NodeSelection>()) {
        for (const control::NodeStatus &node : m_lab.nodes()) {
            if (topology::workloadOf(node.proxy) != topology::workloadOf(selected->name))
                continue;
            const bool runs =
                node.state == control::NodeState::Ready || node.state == control::NodeState::Starting;
            up = up || runs;
            down = down || !runs;
        }
    }
    m_actions[Command::LabNodeStart]->setEnabled(down);
    m_actions[Command::LabNodeStop]->setEnabled(up);
    m_actions[Command::LabNodeKill]->setEnabled(up);
    for (int stage = lab::firstStage; stage <= lab::lastStage; ++stage) {
        m_actions.stage(stage)->setEnabled(m_project.stage() > 0);
        m_actions.stage(stage)->setChecked(m_project.stage() == stage);
    }
    m_actions[Command::ViewArrange]->setEnabled(m_topology->view().chainScene().hasMovedCards());
}

void MainWindow::updateTitle()
{
    // Qt adds the program's name itself.
    setWindowTitle(m_project.isOpen() ? m_project.title() + QStringLiteral("[*]") : QString());
    setWindowModified(m_project.isModified());
}

void MainWindow::updateProblems()
{
    const int errors = m_findings->count(model::Severity::Error);
    const int warnings = m_findings->count(model::Severity::Warning);
    m_topBar->setProblems(errors, warnings);
    m_status->setProblems(errors, warnings);
    const int all = errors + warnings;
    m_tabs->setTabText(m_tabs->indexOf(m_problems), all > 0 ? tr("Problems %1").arg(all) : tr("Problems"));
}

} // namespace sallyport::shell
