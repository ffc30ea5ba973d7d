// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/actions.h"

#include "ui/theme/theme.h"

#include <QActionGroup>
#include <QKeySequence>
#include <iterator>

namespace sallyport::shell {

namespace {

struct Spec
{
    Command command;
    const char *name; ///< objectName; what stands before the capital names the menu
    const char *text;
    const char *keys;
    const char *icon;
    const char *tip;
};

// clang-format off
constexpr Spec specs[] = {
    {Command::FileNew, "fileNew", QT_TRANSLATE_NOOP("Actions", "&New from the guide…"), "Ctrl+N", "new", QT_TRANSLATE_NOOP("Actions", "Make a project of one of the guide's five stages in a new folder")},
    {Command::FileOpen, "fileOpen", QT_TRANSLATE_NOOP("Actions", "&Open folder…"), "Ctrl+O", "folder", QT_TRANSLATE_NOOP("Actions", "Open a folder of Istio YAML")},
    {Command::FileSave, "fileSave", QT_TRANSLATE_NOOP("Actions", "&Save"), "Ctrl+S", "save", QT_TRANSLATE_NOOP("Actions", "Write every changed file")},
    {Command::FileClose, "fileClose", QT_TRANSLATE_NOOP("Actions", "&Close project"), "Ctrl+W", "", QT_TRANSLATE_NOOP("Actions", "Stop the lab and close the project")},
    {Command::FileQuit, "fileQuit", QT_TRANSLATE_NOOP("Actions", "&Quit"), "Ctrl+Q", "", QT_TRANSLATE_NOOP("Actions", "Stop the lab and leave Sallyport")},
    {Command::EditUndo, "editUndo", QT_TRANSLATE_NOOP("Actions", "&Undo"), "Ctrl+Z", "undo", QT_TRANSLATE_NOOP("Actions", "Take the last change back")},
    {Command::EditRedo, "editRedo", QT_TRANSLATE_NOOP("Actions", "&Redo"), "Ctrl+Shift+Z", "redo", QT_TRANSLATE_NOOP("Actions", "Make the change again")},
    {Command::EditPalette, "editPalette", QT_TRANSLATE_NOOP("Actions", "Search or run a &command…"), "Ctrl+K", "search", QT_TRANSLATE_NOOP("Actions", "Find a command, a resource or a workload by name")},
    {Command::EditFind, "editFind", QT_TRANSLATE_NOOP("Actions", "&Find or filter"), "Ctrl+F", "filter", QT_TRANSLATE_NOOP("Actions", "Search the YAML while the keyboard is in it; otherwise type an expression that the shown requests must match")},
    {Command::EditReplace, "editReplace", QT_TRANSLATE_NOOP("Actions", "Re&place in the YAML…"), "Ctrl+H", "", QT_TRANSLATE_NOOP("Actions", "Put another text in place of one, match by match or everywhere in the shown file")},
    {Command::ViewPicture, "viewPicture", QT_TRANSLATE_NOOP("Actions", "Chain as &picture"), "Ctrl+Shift+G", "picture", QT_TRANSLATE_NOOP("Actions", "Draw the chain")},
    {Command::ViewTable, "viewTable", QT_TRANSLATE_NOOP("Actions", "Chain as &table"), "Ctrl+Shift+T", "table", QT_TRANSLATE_NOOP("Actions", "The same facts as rows, also for screen readers")},
    {Command::ViewZoomIn, "viewZoomIn", QT_TRANSLATE_NOOP("Actions", "Zoom &in"), "Ctrl++", "plus", QT_TRANSLATE_NOOP("Actions", "Make the picture larger")},
    {Command::ViewZoomOut, "viewZoomOut", QT_TRANSLATE_NOOP("Actions", "Zoom &out"), "Ctrl+-", "minus", QT_TRANSLATE_NOOP("Actions", "Make the picture smaller")},
    {Command::ViewFit, "viewFit", QT_TRANSLATE_NOOP("Actions", "&Fit the chain"), "Ctrl+0", "fit", QT_TRANSLATE_NOOP("Actions", "Show the whole chain")},
    {Command::ViewArrange, "viewArrange", QT_TRANSLATE_NOOP("Actions", "&Arrange all cards"), "Ctrl+Shift+A", "", QT_TRANSLATE_NOOP("Actions", "Put every card back to where the layout has it")},
    {Command::ViewProject, "viewProject", QT_TRANSLATE_NOOP("Actions", "Pro&ject"), "Ctrl+Shift+E", "", QT_TRANSLATE_NOOP("Actions", "Show or hide the left side")},
    {Command::ViewInspector, "viewInspector", QT_TRANSLATE_NOOP("Actions", "I&nspector"), "Ctrl+I", "", QT_TRANSLATE_NOOP("Actions", "Show or hide the right side")},
    {Command::ViewTraffic, "viewTraffic", QT_TRANSLATE_NOOP("Actions", "&Traffic"), "Ctrl+1", "traffic", QT_TRANSLATE_NOOP("Actions", "The requests that passed")},
    {Command::ViewMetrics, "viewMetrics", QT_TRANSLATE_NOOP("Actions", "&Metrics"), "Ctrl+2", "metrics", QT_TRANSLATE_NOOP("Actions", "Rates, errors and latencies over time")},
    {Command::ViewProblems, "viewProblems", QT_TRANSLATE_NOOP("Actions", "P&roblems"), "Ctrl+3", "warning", QT_TRANSLATE_NOOP("Actions", "What is wrong with the YAML, and how to mend it")},
    {Command::ViewVerify, "viewVerify", QT_TRANSLATE_NOOP("Actions", "&Verify"), "Ctrl+4", "verify", QT_TRANSLATE_NOOP("Actions", "The project's own checks and their verdicts")},
    {Command::ViewCertificates, "viewCertificates", QT_TRANSLATE_NOOP("Actions", "C&ertificates"), "Ctrl+6", "certificate", QT_TRANSLATE_NOOP("Actions", "Credentials and certificates, how long they are good and who uses them")},
    {Command::ViewRoute, "viewRoute", QT_TRANSLATE_NOOP("Actions", "R&oute"), "Ctrl+7", "route", QT_TRANSLATE_NOOP("Actions", "The designer of a way out of the mesh")},
    {Command::ViewConsole, "viewConsole", QT_TRANSLATE_NOOP("Actions", "&Console"), "Ctrl+5", "console", QT_TRANSLATE_NOOP("Actions", "What the lab's processes print")},
    {Command::ViewSchemeSystem, "viewSchemeSystem", QT_TRANSLATE_NOOP("Actions", "Colours of the &system"), "", "", QT_TRANSLATE_NOOP("Actions", "Light or dark as the desktop wishes")},
    {Command::ViewSchemeLight, "viewSchemeLight", QT_TRANSLATE_NOOP("Actions", "&Light colours"), "", "sun", QT_TRANSLATE_NOOP("Actions", "Dark text on a light ground")},
    {Command::ViewSchemeDark, "viewSchemeDark", QT_TRANSLATE_NOOP("Actions", "&Dark colours"), "", "moon", QT_TRANSLATE_NOOP("Actions", "Light text on a dark ground")},
    {Command::ViewFullScreen, "viewFullScreen", QT_TRANSLATE_NOOP("Actions", "F&ull screen"), "F11", "", QT_TRANSLATE_NOOP("Actions", "The window takes the whole screen")},
    {Command::ViewResetLayout, "viewResetLayout", QT_TRANSLATE_NOOP("Actions", "&Reset the window"), "", "", QT_TRANSLATE_NOOP("Actions", "Every part of the window back to its first place and size")},
    {Command::Stage1, "stage1", QT_TRANSLATE_NOOP("Actions", "Stage &1: Direct"), "Alt+1", "", ""},
    {Command::Stage2, "stage2", QT_TRANSLATE_NOOP("Actions", "Stage &2: Registry"), "Alt+2", "", ""},
    {Command::Stage3, "stage3", QT_TRANSLATE_NOOP("Actions", "Stage &3: Egress"), "Alt+3", "", ""},
    {Command::Stage4, "stage4", QT_TRANSLATE_NOOP("Actions", "Stage &4: mTLS"), "Alt+4", "", ""},
    {Command::Stage5, "stage5", QT_TRANSLATE_NOOP("Actions", "Stage &5: Policy"), "Alt+5", "", ""},
    {Command::LabStart, "labStart", QT_TRANSLATE_NOOP("Actions", "&Start the lab"), "F5", "play", QT_TRANSLATE_NOOP("Actions", "Run every workload of the project on this machine")},
    {Command::LabStop, "labStop", QT_TRANSLATE_NOOP("Actions", "S&top the lab"), "Shift+F5", "stop", QT_TRANSLATE_NOOP("Actions", "End every process of the lab")},
    {Command::LabVerify, "labVerify", QT_TRANSLATE_NOOP("Actions", "&Verify"), "F6", "verify", QT_TRANSLATE_NOOP("Actions", "Play the project's checks through the running lab")},
    {Command::LabSend, "labSend", QT_TRANSLATE_NOOP("Actions", "Send a &request…"), "Ctrl+R", "send", QT_TRANSLATE_NOOP("Actions", "Compose a request of an application of the lab")},
    {Command::LabNodeStart, "labNodeStart", QT_TRANSLATE_NOOP("Actions", "Start the selected &workload"), "", "play", QT_TRANSLATE_NOOP("Actions", "Start the processes of the selected workload again")},
    {Command::LabNodeStop, "labNodeStop", QT_TRANSLATE_NOOP("Actions", "Stop the selected w&orkload"), "", "stop", QT_TRANSLATE_NOOP("Actions", "Let the proxy of the selected workload drain and end")},
    {Command::LabNodeKill, "labNodeKill", QT_TRANSLATE_NOOP("Actions", "&Kill the selected workload"), "Ctrl+Shift+K", "kill", QT_TRANSLATE_NOOP("Actions", "End the proxy of the selected workload as a crash would")},
    {Command::LabEngineEmbedded, "labEngineEmbedded", QT_TRANSLATE_NOOP("Actions", "Engine: &embedded"), "", "", QT_TRANSLATE_NOOP("Actions", "The proxies are Sallyport's own gateway, from the next start on")},
    {Command::LabEngineEnvoy, "labEngineEnvoy", QT_TRANSLATE_NOOP("Actions", "Engine: En&voy"), "", "", QT_TRANSLATE_NOOP("Actions", "The proxies are real Envoys, from the next start on")},
    {Command::RouteDesign, "routeDesign", QT_TRANSLATE_NOOP("Actions", "&Design a route…"), "Ctrl+D", "route", QT_TRANSLATE_NOOP("Actions", "Make the resources of a way out of the mesh, step by step")},
    {Command::CertificateImport, "certificateImport", QT_TRANSLATE_NOOP("Actions", "&Import a certificate…"), "Ctrl+Shift+I", "certificate", QT_TRANSLATE_NOOP("Actions", "Import a key, its certificate and a CA as a credential of a mesh")},
    {Command::HelpGuide, "helpGuide", QT_TRANSLATE_NOOP("Actions", "&Guide"), "F1", "guide", QT_TRANSLATE_NOOP("Actions", "What the project's stage is about")},
    {Command::HelpShortcuts, "helpShortcuts", QT_TRANSLATE_NOOP("Actions", "&Keyboard shortcuts"), "Ctrl+F1", "", QT_TRANSLATE_NOOP("Actions", "Every key of the window")},
    {Command::HelpAbout, "helpAbout", QT_TRANSLATE_NOOP("Actions", "&About Sallyport"), "", "", QT_TRANSLATE_NOOP("Actions", "Version, licence and what it is made of")},
    {Command::HelpAboutQt, "helpAboutQt", QT_TRANSLATE_NOOP("Actions", "About &Qt"), "", "", QT_TRANSLATE_NOOP("Actions", "The toolkit that draws this window")},
};
// clang-format on

/// A text without mnemonic marks and the dots of a dialog.
QString plain(QString text)
{
    return text.remove(QLatin1Char('&')).remove(QStringLiteral("…"));
}

} // namespace

Actions::Actions(QObject *parent)
    : QObject(parent)
{
    for (const Spec &spec : specs) {
        auto *action = new QAction(tr(spec.text), this);
        action->setObjectName(QString::fromLatin1(spec.name));
        QString tip = *spec.tip ? tr(spec.tip) : plain(action->text());
        action->setStatusTip(tip);
        if (*spec.keys) {
            action->setShortcut(
                QKeySequence::fromString(QString::fromLatin1(spec.keys), QKeySequence::PortableText));
            tip += QStringLiteral(" (") + action->shortcut().toString(QKeySequence::NativeText) +
                   QLatin1Char(')');
        }
        action->setToolTip(tip);
        if (*spec.icon)
            action->setIcon(
                theme::Theme::instance().icon(QString::fromLatin1(spec.icon), theme::Role::TextMuted));
        m_actions.insert(static_cast<int>(spec.command), action);
    }
    for (const Command command :
         {Command::ViewProject, Command::ViewInspector, Command::HelpGuide, Command::ViewFullScreen})
        (*this)[command]->setCheckable(true);
    makeExclusive({Command::ViewPicture, Command::ViewTable});
    makeExclusive({Command::ViewSchemeSystem, Command::ViewSchemeLight, Command::ViewSchemeDark});
    makeExclusive({Command::Stage1, Command::Stage2, Command::Stage3, Command::Stage4, Command::Stage5});
    makeExclusive({Command::LabEngineEmbedded, Command::LabEngineEnvoy});
    (*this)[Command::FileQuit]->setMenuRole(QAction::QuitRole);
    (*this)[Command::HelpAbout]->setMenuRole(QAction::AboutRole);
    (*this)[Command::HelpAboutQt]->setMenuRole(QAction::AboutQtRole);
}

void Actions::makeExclusive(std::initializer_list<Command> commands)
{
    auto *group = new QActionGroup(this);
    for (const Command command : commands) {
        (*this)[command]->setCheckable(true);
        group->addAction((*this)[command]);
    }
}

QAction *Actions::stage(int stage) const
{
    return m_actions.value(static_cast<int>(Command::Stage1) + stage - 1);
}

QList<QAction *> Actions::all() const
{
    QList<QAction *> list;
    for (const Spec &spec : specs)
        list.append((*this)[spec.command]);
    return list;
}

QString Actions::menuOf(const QAction *action)
{
    QString name = action->objectName();
    qsizetype end = 0;
    while (end < name.size() && name[end].isLower())
        ++end;
    name.truncate(end);
    if (!name.isEmpty())
        name[0] = name[0].toUpper();
    return name;
}

} // namespace sallyport::shell
