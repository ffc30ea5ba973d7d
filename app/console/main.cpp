// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/project_template.h"
#include "ui/shell/main_window.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QFileInfo>
#include <QNetworkProxy>
#include <cstdio>

using namespace sallyport;

namespace {

constexpr int usageError = 2;
constexpr int usualStage = 4;
const QString guide = QStringLiteral("egress-mtls");
const QString demo = QStringLiteral("/egress-mtls-demo");

int complain(const QString &what)
{
    std::fprintf(stderr, "sallyport: %s\n", qUtf8Printable(what));
    return usageError;
}

} // namespace

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("sallyport"));
    QApplication::setApplicationDisplayName(QStringLiteral("Sallyport"));
    QApplication::setApplicationVersion(QStringLiteral(SALLYPORT_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("io.github.sallyport.Sallyport"));
    // What the lab sends stays on this machine, whatever the desktop's proxy settings say.
    QNetworkProxy::setApplicationProxy(QNetworkProxy::NoProxy);

    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("A desktop console for mesh egress."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(QStringLiteral("FOLDER"), QStringLiteral("The project to open."),
                                 QStringLiteral("[FOLDER]"));
    const QCommandLineOption templateOption(
        QStringLiteral("template"),
        QStringLiteral(
            "Make a project of this template (egress-mtls) in FOLDER. Without FOLDER it is the demo "
            "project: made once, opened as it was left afterwards."),
        QStringLiteral("NAME"));
    const QCommandLineOption stageOption(QStringLiteral("stage"),
                                         QStringLiteral("Which of the template's stages, 1 to 5."),
                                         QStringLiteral("N"), QString::number(usualStage));
    parser.addOptions({templateOption, stageOption});
    parser.process(application);

    const QStringList folders = parser.positionalArguments();
    if (folders.size() > 1)
        return complain(QStringLiteral("give one folder"));
    const int stage = parser.value(stageOption).toInt();
    if (stage < lab::firstStage || stage > lab::lastStage)
        return complain(QStringLiteral("--stage is a number from 1 to 5"));
    if (parser.isSet(templateOption) && parser.value(templateOption) != guide)
        return complain(
            QStringLiteral("there is no template %1; there is %2").arg(parser.value(templateOption), guide));

    const QDir beside(QApplication::applicationDirPath());
    control::Programs programs;
    programs.gateway = beside.filePath(QStringLiteral("sallyport-gateway"));
    programs.httpbin = beside.filePath(QStringLiteral("sallyport-httpbin"));

    theme::Theme theme(application);
    shell::MainWindow window(programs);
    window.show();
    if (parser.isSet(templateOption)) {
        const QString folder = folders.isEmpty() ? shell::WindowSettings::projectsFolder() + demo
                                                 : QDir(folders.front()).absolutePath();
        if (folders.isEmpty() && QFileInfo::exists(folder))
            window.openProject(folder);
        else
            window.createProject(folder, stage, true);
    } else if (!folders.isEmpty()) {
        window.openProject(QDir(folders.front()).absolutePath());
    }
    return QApplication::exec();
}
