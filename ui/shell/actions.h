// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAction>
#include <QHash>
#include <QObject>

class QActionGroup;

namespace sallyport::shell {

/// Everything that the window can be told to do. Menus, bars, context menus and the command palette share one
/// QAction each.
enum class Command {
    FileNew,
    FileOpen,
    FileSave,
    FileClose,
    FileQuit,
    EditUndo,
    EditRedo,
    EditPalette,
    EditFind,
    EditReplace,
    ViewPicture,
    ViewTable,
    ViewZoomIn,
    ViewZoomOut,
    ViewFit,
    ViewArrange,
    ViewProject,
    ViewInspector,
    ViewTraffic,
    ViewMetrics,
    ViewProblems,
    ViewVerify,
    ViewCertificates,
    ViewRoute,
    ViewConsole,
    ViewSchemeSystem,
    ViewSchemeLight,
    ViewSchemeDark,
    ViewFullScreen,
    ViewResetLayout,
    Stage1,
    Stage2,
    Stage3,
    Stage4,
    Stage5,
    LabStart,
    LabStop,
    LabVerify,
    LabSend,
    LabNodeStart,
    LabNodeStop,
    LabNodeKill,
    LabEngineEmbedded,
    LabEngineEnvoy,
    RouteDesign,
    CertificateImport,
    HelpGuide,
    HelpShortcuts,
    HelpAbout,
    HelpAboutQt,
};

/// Owns the actions; the one table of names, texts, shortcuts and tips.
class Actions : public QObject
{
    Q_OBJECT

public:
    explicit Actions(QObject *parent = nullptr);

    QAction *operator[](Command command) const { return m_actions.value(static_cast<int>(command)); }
    QAction *stage(int stage) const;
    QList<QAction *> all() const;
    /// `File`, where the menu bar has it.
    static QString menuOf(const QAction *action);

private:
    void makeExclusive(std::initializer_list<Command> commands);

    QHash<int, QAction *> m_actions;
};

} // namespace sallyport::shell
