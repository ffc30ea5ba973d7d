// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/planner.h"
#include "core/lab/run_folder.h"
#include "ctl/command.h"
#include "ctl/project.h"
#include "ctl/termination.h"
#include "proxy/application/verification.h"
#include "proxy/control/supervisor.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QFileInfo>
#include <QJsonArray>
#include <QTcpServer>
#include <QThread>
#include <QTimer>
#include <algorithm>

namespace sallyport::ctl {

namespace {

constexpr int lowPortShift = 20000;

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

/// What --engine, --envoy and $SALLYPORT_ENGINE ask for.
Result<control::Programs> programs(const QCommandLineParser &parser)
{
    QString engine = parser.value(QStringLiteral("engine"));
    if (engine.isEmpty())
        engine = qEnvironmentVariable("SALLYPORT_ENGINE", QStringLiteral("embedded"));
    control::Programs programs;
    programs.httpbin = programBeside("sallyport-httpbin");
    if (engine == QLatin1String("embedded")) {
        programs.gateway = programBeside("sallyport-gateway");
    } else if (engine == QLatin1String("envoy")) {
        programs.engine = control::Engine::Envoy;
        programs.gateway = control::Programs::findEnvoy(parser.value(QStringLiteral("envoy")));
        if (programs.gateway.isEmpty())
            return fail("there is no Envoy on this machine", {}, "name it with --envoy or SALLYPORT_ENVOY");
    } else {
        return fail("there is no engine `" + engine.toStdString() + '`', {}, "use embedded or envoy");
    }
    return programs;
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

/// A check's rows as a table under its name.
void printRows(const std::vector<lab::Row> &rows)
{
    if (rows.empty())
        return;
    const bool passed = std::all_of(rows.begin(), rows.end(), [](const lab::Row &row) { return row.passed; });
    print((passed ? "ok    " : "FAIL  ") + rows.front().check);
    for (const lab::Row &row : rows) {
        print(std::string(row.passed ? "        " : "      ! ") + row.where + "  " + row.what +
              ": expected " + row.expected + ", seen " + row.seen);
    }
}

QJsonObject verdict(const std::vector<lab::Row> &rows)
{
    QJsonArray list;
    int failed = 0;
    for (const lab::Row &row : rows) {
        failed += row.passed ? 0 : 1;
        list.append(QJsonObject{{QStringLiteral("check"), QString::fromStdString(row.check)},
                                {QStringLiteral("what"), QString::fromStdString(row.what)},
                                {QStringLiteral("where"), QString::fromStdString(row.where)},
                                {QStringLiteral("expected"), QString::fromStdString(row.expected)},
                                {QStringLiteral("seen"), QString::fromStdString(row.seen)},
                                {QStringLiteral("passed"), row.passed}});
    }
    return {{QStringLiteral("rows"), list},
            {QStringLiteral("passed"), static_cast<int>(rows.size()) - failed},
            {QStringLiteral("failed"), failed}};
}

/// Plays the checks on a thread of their own, since the lab's event loop carries the bytes; `done` comes back
/// on the lab's.
QThread *startChecks(const lab::LabPlan &plan, const std::vector<lab::Check> &checks,
                     const application::WireTap &tap, bool text,
                     std::function<void(std::vector<lab::Row>)> done)
{
    QThread *thread = QThread::create([&plan, &checks, &tap, text, done = std::move(done)] {
        std::vector<lab::Row> rows = application::verify(
            plan, checks, tap, text ? printRows : std::function<void(const std::vector<lab::Row> &)>());
        QMetaObject::invokeMethod(QCoreApplication::instance(),
                                  [done, rows = std::move(rows)] { done(rows); });
    });
    thread->start();
    return thread;
}

} // namespace

int labCommand(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Runs a project's proxies and applications on this machine."));
    parser.addPositionalArgument(QStringLiteral("PATH"), QStringLiteral("The project's folder."));
    parser.addOption({QStringLiteral("keep"), QStringLiteral("Run until SIGTERM.")});
    parser.addOption(
        {QStringLiteral("verify"),
         QStringLiteral("Play the project's checks, .sallyport/expectations.yaml, and judge them.")});
    parser.addOption({QStringLiteral("engine"),
                      QStringLiteral("embedded or envoy; else SALLYPORT_ENGINE, else embedded."),
                      QStringLiteral("ENGINE")});
    parser.addOption(
        {QStringLiteral("envoy"), QStringLiteral("The Envoy program."), QStringLiteral("PROGRAM")});
    parser.addOption({QStringLiteral("certificate-validity"),
                      QStringLiteral("How long a workload's certificate is good. It is renewed when half of "
                                     "that is over."),
                      QStringLiteral("SECONDS"), QStringLiteral("86400")});
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
    const bool verifies = parser.isSet(QStringLiteral("verify"));
    const auto checks = lab::loadExpectations(project->folder);
    if (!checks)
        return complain(checks.error());
    if (verifies && checks->empty()) {
        complain("there is nothing to verify: the project has no checks in .sallyport/expectations.yaml");
        return Usage;
    }
    const auto engine = programs(parser);
    if (!engine)
        return complain(engine.error());
    control::Supervisor supervisor(*engine);
    const auto block = supervisor.reserve(project->folder, project->meshes.size());
    if (!block)
        return complain(block.error(), Findings);
    const auto runFolder = lab::runFolderOf(project->folder);
    if (!runFolder)
        return complain(runFolder.error());
    bool isNumber = false;
    const int validity = parser.value(QStringLiteral("certificate-validity")).toInt(&isNumber);
    if (!isNumber || validity < 2) {
        complain("--certificate-validity is a number of seconds, 2 or more");
        return Usage;
    }
    lab::Identities identities{std::chrono::seconds(validity)};
    lab::PlanOptions options;
    options.runFolder = *runFolder;
    options.block = *block;
    options.taps = verifies;
    options.lowPortShift = lowPortsCanBeBound(*block) ? 0 : lowPortShift;
    const auto planned = lab::planLab(*project, options, identities);
    if (!planned)
        return complain(planned.error(), Findings);
    for (const Error &error : planned->errors)
        complain(error, Findings);
    for (const Error &warning : planned->warnings)
        complain("warning: " + warning.toString());
    int result = Fine;
    const Termination termination([] { QCoreApplication::quit(); });
    QObject::connect(&supervisor, &control::Supervisor::failed, &supervisor, [&](const QString &why) {
        complain(why.toStdString());
        result = Findings;
        QCoreApplication::quit();
    });
    const auto say = [](const QString &process, const QString &what) {
        complain(process.toStdString() + ": " + what.toStdString());
    };
    QObject::connect(&supervisor, &control::Supervisor::problem, &supervisor, say);
    QObject::connect(&supervisor, &control::Supervisor::nodeStateChanged, &supervisor,
                     [say](const control::NodeStatus &status) {
                         if (status.state == control::NodeState::Exited)
                             say(status.process, status.reason);
                     });
    QTimer renewal;
    renewal.setInterval(std::chrono::duration_cast<std::chrono::milliseconds>(identities.validity()) / 2);
    QObject::connect(&renewal, &QTimer::timeout, &supervisor, [&] {
        const auto files = identities.renewed();
        const Result<void> done = files ? supervisor.rewriteFiles(*files) : fail(files.error());
        if (!done)
            complain(done.error());
    });
    renewal.start();
    application::WireTap tap;
    if (const auto listening = tap.setPlan(planned->plan); !listening)
        return complain(listening.error(), Findings);
    std::unique_ptr<QThread> checking;
    const bool keeps = parser.isSet(QStringLiteral("keep"));
    const bool json = wantsJson(parser);
    QObject::connect(&supervisor, &control::Supervisor::ready, &supervisor, [&] {
        if (keeps && json)
            printJson(readyLine(planned->plan));
        else if (!json)
            print("ready");
        if (verifies) {
            checking.reset(
                startChecks(planned->plan, *checks, tap, !json, [&](const std::vector<lab::Row> &rows) {
                    const QJsonObject summary = verdict(rows);
                    const int failed = summary[QLatin1String("failed")].toInt();
                    if (json)
                        printJson(summary);
                    else
                        print(std::to_string(rows.size() - static_cast<std::size_t>(failed)) + " passed, " +
                              std::to_string(failed) + " failed");
                    if (failed > 0)
                        result = Findings;
                    if (!keeps)
                        QCoreApplication::quit();
                }));
        } else if (!keeps) {
            QCoreApplication::quit();
        }
    });
    if (const auto started = supervisor.start(planned->plan); !started)
        return complain(started.error(), Findings);
    QCoreApplication::exec();
    if (checking)
        checking->wait();
    supervisor.stop();
    return result;
}

} // namespace sallyport::ctl
