// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/context.h"
#include "ui/shell/actions.h"
#include "ui/shell/window_settings.h"

#include <QMainWindow>
#include <functional>

class QDockWidget;
class QSplitter;
class QTabWidget;

namespace sallyport::certificates {
class CertificateList;
class CertificatesPanel;
} // namespace sallyport::certificates
namespace sallyport::designer {
class RoutePanel;
}
namespace sallyport::inspector {
class InspectorPanel;
}
namespace sallyport::metrics {
class MetricsPanel;
}
namespace sallyport::problems {
class FindingList;
class ProblemsPanel;
} // namespace sallyport::problems
namespace sallyport::project {
class ProjectPanel;
}
namespace sallyport::request {
class RequestPanel;
struct RequestDraft;
} // namespace sallyport::request
namespace sallyport::topology {
class TopologyPanel;
}
namespace sallyport::traffic {
class TrafficPanel;
}

namespace sallyport::shell {

class CommandPalette;
class ConsolePanel;
class GuideStrip;
class NoticeBar;
class StatusStrip;
class TopBar;
class VerifyPanel;
struct PaletteEntry;

/// The console's window: owns the open project, its lab and the selection, and puts the panels together.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    explicit MainWindow(control::Programs programs, QWidget *parent = nullptr);
    ~MainWindow() override;

    session::Context &context() { return m_context; }
    Actions &actions() { return m_actions; }

    void openProject(const QString &folder);
    /// Makes a project of the guide on a worker and opens it.
    void createProject(const QString &folder, int stage, bool importClient);

    /// How long a word in the status bar stays.
    static constexpr int messageTime = 5000;

    enum class SaveChoice { Save, Discard, Cancel };
    /// What asks whether to save before something unsaved would be lost; a dialog unless a test says
    /// otherwise.
    void setSaveQuestion(std::function<SaveChoice()> question) { m_saveQuestion = std::move(question); }

protected:
    void closeEvent(QCloseEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void buildPanels();
    void buildMenus();
    void buildTabs();
    void buildDocks();
    /// Their first widths, in a window that has its own.
    void sizeDocks();
    void connectActions();
    void connectSession();
    void connectViewActions();
    void connectPanels();
    void connectDocks();
    void compose(const request::RequestDraft &draft);
    void fillRecent(QMenu &menu);
    void restoreWindow();
    void rememberWindow();
    void resetWindow();
    void showTab(QWidget *tab);

    bool mayLoseChanges();
    SaveChoice askToSave();
    bool save();
    void newProject();
    void chooseFolder();
    void changeStage(int stage);
    void importClient();
    void designRoute(const QString &from = {}, const QString &to = {});
    void openImport(const QStringList &files, const session::CredentialSelection &wanted = {});
    void openPalette();
    std::vector<PaletteEntry> paletteEntries();
    void showShortcuts();
    void showAbout();
    void forSelectedProcesses(const std::function<void(const QString &)> &command);

    void updateActions();
    void updateTitle();
    void updateProblems();
    void onLabState(session::LabState state);
    void onApplied(const QStringList &problems);
    void onDisk(const QString &file, bool conflict);
    void onUnsavedWork();
    void complain(const QString &topic, const Error &error);

    WindowSettings m_settings;
    session::ProjectSession m_project;
    session::LabSession m_lab;
    session::Selection m_selection;
    session::Context m_context;
    Actions m_actions;
    QThreadPool m_worker;
    std::function<SaveChoice()> m_saveQuestion;

    TopBar *m_topBar = nullptr;
    GuideStrip *m_guide = nullptr;
    NoticeBar *m_notices = nullptr;
    topology::TopologyPanel *m_topology = nullptr;
    QTabWidget *m_tabs = nullptr;
    traffic::TrafficPanel *m_traffic = nullptr;
    request::RequestPanel *m_request = nullptr;
    metrics::MetricsPanel *m_metrics = nullptr;
    problems::FindingList *m_findings = nullptr;
    problems::ProblemsPanel *m_problems = nullptr;
    VerifyPanel *m_verify = nullptr;
    certificates::CertificateList *m_certificateList = nullptr;
    certificates::CertificatesPanel *m_certificates = nullptr;
    designer::RoutePanel *m_route = nullptr;
    ConsolePanel *m_console = nullptr;
    QSplitter *m_splitter = nullptr;
    project::ProjectPanel *m_projectPanel = nullptr;
    QDockWidget *m_projectDock = nullptr;
    inspector::InspectorPanel *m_inspector = nullptr;
    QDockWidget *m_inspectorDock = nullptr;
    StatusStrip *m_status = nullptr;
    CommandPalette *m_palette = nullptr;
    QByteArray m_firstDocks; ///< as they were before anything was restored
};

} // namespace sallyport::shell
