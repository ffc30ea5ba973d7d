// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/main_window.h"

#include "core/lab/project_template.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/console_panel.h"
#include "ui/shell/guide_strip.h"
#include "ui/shell/new_project_dialog.h"
#include "ui/shell/notice_bar.h"
#include "ui/shell/status_strip.h"
#include "ui/shell/top_bar.h"
#include "ui/shell/verify_panel.h"
#include "ui/topology/topology_panel.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDir>
#include <QDockWidget>
#include <QFileDialog>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QSplitter>
#include <QStatusBar>
#include <QTabWidget>
#include <QToolBar>
#include <QVBoxLayout>

namespace sallyport::shell {

namespace {

using theme::grid;

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
    updateActions();
    updateTitle();
    m_firstDocks = saveState(docksVersion);
    restoreWindow();
}

MainWindow::~MainWindow()
{
    m_worker.waitForDone();
    // The panels refer to the sessions: they go first.
    delete takeCentralWidget();
    const QList<QDockWidget *> docks = findChildren<QDockWidget *>();
    qDeleteAll(docks);
}

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
    m_splitter->setStretchFactor(0, pictureShare);
    m_splitter->setStretchFactor(1, 2 * 10 - pictureShare);
    layout->addWidget(m_guide);
    layout->addWidget(m_notices);
    layout->addWidget(m_splitter, 1);
    setCentralWidget(centre);

    m_status = new StatusStrip(m_context, m_topology->model(), *statusBar());
    m_palette = new CommandPalette(this);
}

void MainWindow::buildTabs()
{
    const theme::Theme &theme = theme::Theme::instance();
    m_verify = new VerifyPanel(m_context, m_tabs);
    m_console = new ConsolePanel(m_context, m_tabs);
    m_tabs->addTab(m_verify, theme.icon(QStringLiteral("verify"), theme::Role::TextMuted), tr("Verify"));
    m_tabs->addTab(m_console, theme.icon(QStringLiteral("console"), theme::Role::TextMuted), tr("Console"));
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
    add(edit, {Command::EditFind, Command::EditPalette});

    QMenu *view = menuBar()->addMenu(tr("&View"));
    add(view, {Command::ViewPicture, Command::ViewTable});
    view->addSeparator();
    add(view, {Command::ViewZoomIn, Command::ViewZoomOut, Command::ViewFit, Command::ViewArrange});
    view->addSeparator();
    add(view, {Command::ViewTraffic, Command::ViewMetrics, Command::ViewProblems, Command::ViewVerify,
               Command::ViewConsole});
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
    connect(&m_project, &ProjectSession::projectChanged, this, &MainWindow::updateProblems);
    connect(&m_project, &ProjectSession::compiledChanged, this, &MainWindow::updateProblems);
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
    connect(m_topology, &topology::TopologyPanel::newProjectRequested, m_actions[Command::FileNew],
            &QAction::trigger);
    connect(m_topology, &topology::TopologyPanel::openProjectRequested, m_actions[Command::FileOpen],
            &QAction::trigger);
    connect(m_topology, &topology::TopologyPanel::hint, this,
            [this](const QString &text) { statusBar()->showMessage(text); });
    connect(m_topology, &topology::TopologyPanel::yamlRequested, this,
            [this](const session::ResourceSelection &where) { m_selection.set(where); });
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
    restoreState(m_settings.docks(), docksVersion);
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
    const int height = m_splitter->height();
    m_splitter->setSizes({height * pictureShare / 20, height - height * pictureShare / 20});
    m_topology->view().fit();
}

void MainWindow::showTab(QWidget *tab)
{
    m_tabs->setCurrentWidget(tab);
    tab->setFocus();
}

void MainWindow::openProject(const QString &folder)
{
    if (mayLoseChanges())
        m_project.open(folder);
}

void MainWindow::createProject(const QString &folder, int stage, bool importClientCredential)
{
    statusBar()->showMessage(tr("Making the project and its keys…"));
    m_worker.start([this, folder, stage, importClientCredential] {
        const auto made = lab::createFromTemplate(folder.toStdString(), stage, importClientCredential);
        const QString error = made ? QString() : QString::fromStdString(made.error().toString());
        QMetaObject::invokeMethod(
            this,
            [this, folder, error] {
                statusBar()->clearMessage();
                if (error.isEmpty())
                    m_project.open(folder);
                else
                    m_notices->show(QStringLiteral("open"), NoticeBar::Kind::Error, error);
            },
            Qt::QueuedConnection);
    });
}

void MainWindow::newProject()
{
    if (!mayLoseChanges())
        return;
    auto *dialog = new NewProjectDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this,
            [this, dialog] { createProject(dialog->folder(), dialog->stage(), dialog->importsClient()); });
    dialog->open();
}

void MainWindow::chooseFolder()
{
    const QString begin =
        m_project.isOpen() ? QFileInfo(m_project.folder()).path() : WindowSettings::projectsFolder();
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Open a folder of Istio YAML"), begin);
    if (!folder.isEmpty())
        openProject(folder);
}

bool MainWindow::save()
{
    if (const auto saved = m_project.save(); !saved) {
        complain(QStringLiteral("save"), saved.error());
        return false;
    }
    m_notices->dismiss(QStringLiteral("save"));
    statusBar()->showMessage(tr("Saved"), 2000);
    return true;
}

MainWindow::SaveChoice MainWindow::askToSave()
{
    QMessageBox box(QMessageBox::Question, tr("Unsaved changes"),
                    tr("“%1” has changes that are not saved.").arg(m_project.title()),
                    QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, this);
    QStringList files;
    for (const model::FileChange &change : m_project.unsavedChanges())
        files.append(QString::fromStdString(change.path));
    box.setInformativeText(files.join(QLatin1Char('\n')));
    box.setDefaultButton(QMessageBox::Save);
    switch (box.exec()) {
    case QMessageBox::Save:
        return SaveChoice::Save;
    case QMessageBox::Discard:
        return SaveChoice::Discard;
    default:
        return SaveChoice::Cancel;
    }
}

bool MainWindow::mayLoseChanges()
{
    if (!m_project.isModified())
        return true;
    switch (m_saveQuestion()) {
    case SaveChoice::Save:
        return save();
    case SaveChoice::Discard:
        return true;
    case SaveChoice::Cancel:
        return false;
    }
    return false;
}

void MainWindow::changeStage(int stage)
{
    if (const auto changed = m_project.setStage(stage); !changed)
        complain(QStringLiteral("stage"), changed.error());
    updateActions();
}

void MainWindow::importClient()
{
    m_worker.start([this, folder = m_project.folder().toStdString()] {
        const auto partner = lab::preparePartner(folder);
        const auto done =
            partner ? lab::importClientCredential(folder, *partner) : Result<void>(fail(partner.error()));
        QMetaObject::invokeMethod(
            this,
            [this, done] {
                if (done)
                    m_project.credentialsChanged();
                else
                    complain(QStringLiteral("import"), done.error());
            },
            Qt::QueuedConnection);
    });
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
    int errors = 0;
    int warnings = 0;
    if (const session::ProjectPtr project = m_project.project()) {
        for (const model::Problem &problem : project->problems) {
            errors += problem.severity == model::Severity::Error ? 1 : 0;
            warnings += problem.severity == model::Severity::Warning ? 1 : 0;
        }
    }
    if (const session::CompiledPtr compiled = m_project.compiled()) {
        errors += static_cast<int>(compiled->errors.size());
        warnings += static_cast<int>(compiled->warnings.size());
    }
    m_topBar->setProblems(errors, warnings);
    m_status->setProblems(errors, warnings);
}

void MainWindow::onLabState(session::LabState state)
{
    updateActions();
    if (state == session::LabState::Failed) {
        m_notices->show(QStringLiteral("lab"), NoticeBar::Kind::Error, m_lab.failure(),
                        {{tr("Show the console"), [this] { showTab(m_console); }},
                         {tr("Stop lab"), [this] { m_lab.stop(); }}});
    } else if (state == session::LabState::Running || state == session::LabState::Stopped) {
        m_notices->dismiss(QStringLiteral("lab"));
        m_notices->dismiss(QStringLiteral("engine"));
        if (state == session::LabState::Stopped)
            m_notices->dismiss(QStringLiteral("applied"));
    }
}

void MainWindow::onApplied(const QStringList &problems)
{
    if (problems.isEmpty()) {
        m_notices->dismiss(QStringLiteral("applied"));
        statusBar()->showMessage(tr("The running lab took the change over"), 3000);
        return;
    }
    QString text = problems.front();
    if (problems.size() > 1)
        text += tr(" (and %1 more)").arg(problems.size() - 1);
    m_notices->show(QStringLiteral("applied"), NoticeBar::Kind::Warning,
                    tr("The lab goes on as it was. %1").arg(text));
}

void MainWindow::onDisk(const QString &file, bool conflict)
{
    if (!conflict) {
        statusBar()->showMessage(tr("%1 was changed by another program and taken over").arg(file), 5000);
        return;
    }
    m_notices->show(QStringLiteral("disk ") + file, NoticeBar::Kind::Warning,
                    tr("Another program changed %1, and it has unsaved changes here.").arg(file),
                    {{tr("Take the other's"),
                      [this, file] {
                          if (const auto taken = m_project.takeFromDisk(file); !taken)
                              complain(QStringLiteral("disk"), taken.error());
                      }},
                     {tr("Keep mine"), [this, file] { m_project.keepMine(file); }}});
}

void MainWindow::onUnsavedWork()
{
    const auto &work = m_project.unsavedWork();
    if (!work) {
        m_notices->dismiss(QStringLiteral("unsaved"));
        return;
    }
    QStringList files;
    for (const model::FileChange &change : work->changes)
        files.append(QString::fromStdString(change.path));
    m_notices->show(
        QStringLiteral("unsaved"), NoticeBar::Kind::Warning,
        tr("Sallyport ended unexpectedly on %1 with unsaved changes to %2.")
            .arg(QLocale().toString(work->when, QLocale::ShortFormat), files.join(QStringLiteral(", "))),
        {{tr("Recover"),
          [this] {
              if (const auto done = m_project.recoverUnsavedWork(); !done)
                  complain(QStringLiteral("unsaved"), done.error());
          }},
         {tr("Discard"), [this] { m_project.discardUnsavedWork(); }}});
}

void MainWindow::complain(const QString &topic, const Error &error)
{
    m_notices->show(topic, NoticeBar::Kind::Error, QString::fromStdString(error.toString()));
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    if (!mayLoseChanges()) {
        event->ignore();
        return;
    }
    rememberWindow();
    event->accept();
    m_project.close();
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.size() == 1 && QFileInfo(urls.front().toLocalFile()).isDir())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent *event)
{
    event->acceptProposedAction();
    openProject(event->mimeData()->urls().front().toLocalFile());
}

} // namespace sallyport::shell
