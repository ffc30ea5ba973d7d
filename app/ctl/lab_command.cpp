// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/run_folder.h"
#include "ctl/command.h"
#include "ctl/lab_runner.h"
#include "ctl/project.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QFileInfo>
#include <QJsonArray>
#include <QSocketNotifier>
#include <QStandardPaths>
#include <QTcpServer>
#include <csignal>
#include <sys/signalfd.h>
#include <unistd.h>

namespace sallyport::ctl {

namespace {

constexpr int lowPortShift = 20000;

/// SIGTERM and SIGINT as events.
class Signals : public QObject
{
public:
    explicit Signals(std::function<void()> end)
    {
        sigset_t set;
        ::sigemptyset(&set);
        ::sigaddset(&set, SIGTERM);
        ::sigaddset(&set, SIGINT);
        ::sigprocmask(SIG_BLOCK, &set, nullptr);
        m_fd = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
        m_notifier = std::make_unique<QSocketNotifier>(m_fd, QSocketNotifier::Read);
        connect(m_notifier.get(), &QSocketNotifier::activated, this, [this, end = std::move(end)] {
            signalfd_siginfo info;
            while (::read(m_fd, &info, sizeof info) > 0)
                end();
        });
    }
    ~Signals() override
    {
        m_notifier.reset();
        ::close(m_fd);
    }

private:
    int m_fd = -1;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

bool lowPortsCanBeBound(const lab::AddressBlock &block)
{
    QTcpServer server;
    const std::string address = lab::reservations(block, 1).front().address;
    return server.listen(QHostAddress(QString::fromStdString(address)), 80);
}

QString programBeside(const char *name)
{
    return QCoreApplication::applicationDirPath() + QLatin1Char('/') + QLatin1String(name);
}

/// The Envoy to run: --envoy, SALLYPORT_ENVOY, or the PATH's.
QString envoyProgram(const QCommandLineParser &parser)
{
    if (parser.isSet(QStringLiteral("envoy")))
        return parser.value(QStringLiteral("envoy"));
    const QString byEnvironment = qEnvironmentVariable("SALLYPORT_ENVOY");
    return byEnvironment.isEmpty() ? QStandardPaths::findExecutable(QStringLiteral("envoy")) : byEnvironment;
}

QJsonObject readyLine(const lab::LabPlan &plan)
{
    QJsonObject addresses;
    for (const auto &[address, name] : plan.addresses)
        addresses.insert(QString::fromStdString(address), QString::fromStdString(name));
    QJsonObject line{{QStringLiteral("ready"), true}, {QStringLiteral("addresses"), addresses}};
    if (!plan.notes.empty()) {
        QJsonArray notes;
        for (const std::string &note : plan.notes)
            notes.append(QString::fromStdString(note));
        line.insert(QStringLiteral("notes"), notes);
    }
    return line;
}

} // namespace

int labCommand(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Runs a project's proxies and applications on this machine."));
    parser.addPositionalArgument(QStringLiteral("PATH"), QStringLiteral("The project's folder."));
    parser.addOption({QStringLiteral("keep"), QStringLiteral("Run until SIGTERM.")});
    parser.addOption({QStringLiteral("engine"), QStringLiteral("embedded or envoy."),
                      QStringLiteral("ENGINE"), QStringLiteral("embedded")});
    parser.addOption(
        {QStringLiteral("envoy"), QStringLiteral("The Envoy program."), QStringLiteral("PROGRAM")});
    addFormat(parser);
    int exitCode = Fine;
    if (!parse(parser, "lab", arguments, exitCode))
        return exitCode;
    if (parser.positionalArguments().size() != 1) {
        complain("give one project folder");
        return Usage;
    }
    const auto project = loadForRunning(parser.positionalArguments().front().toStdString());
    if (!project)
        return complain(project.error());
    Programs programs;
    programs.engine =
        parser.value(QStringLiteral("engine")) == QLatin1String("envoy") ? Engine::Envoy : Engine::Embedded;
    programs.gateway =
        programs.engine == Engine::Envoy ? envoyProgram(parser) : programBeside("sallyport-gateway");
    programs.httpbin = programBeside("sallyport-httpbin");
    if (programs.gateway.isEmpty()) {
        complain("there is no Envoy: name it with --envoy or SALLYPORT_ENVOY");
        return Usage;
    }
    LabRunner runner(programs);
    const auto block = runner.reserve(project->folder, project->meshes.size());
    if (!block)
        return complain(block.error(), Findings);
    const auto runFolder = lab::runFolderOf(project->folder);
    if (!runFolder)
        return complain(runFolder.error());
    lab::Identities identities;
    lab::PlanOptions options;
    options.runFolder = *runFolder;
    options.block = *block;
    options.lowPortShift = lowPortsCanBeBound(*block) ? 0 : lowPortShift;
    const auto planned = lab::planLab(*project, options, identities);
    if (!planned)
        return complain(planned.error(), Findings);
    for (const Error &error : planned->errors)
        complain(error, Findings);
    for (const Error &warning : planned->warnings)
        complain("warning: " + warning.toString());
    int result = Fine;
    const Signals signals([] { QCoreApplication::quit(); });
    QObject::connect(&runner, &LabRunner::failed, &runner, [&](const QString &why) {
        complain(why.toStdString());
        result = Findings;
        QCoreApplication::quit();
    });
    QObject::connect(&runner, &LabRunner::ready, &runner, [&] {
        if (wantsJson(parser))
            printJson(readyLine(planned->plan));
        else
            print("ready");
        if (!parser.isSet(QStringLiteral("keep")))
            QCoreApplication::quit();
    });
    if (const auto started = runner.start(planned->plan); !started)
        return complain(started.error(), Findings);
    QCoreApplication::exec();
    runner.stop();
    return result;
}

} // namespace sallyport::ctl
