// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gateway/command_line.h"
#include "app/gateway/field_table.h"
#include "app/gateway/log_output.h"
#include "app/gateway/signals.h"
#include "core/dataplane/configuration_text.h"
#include "core/dataplane/json_text.h"
#include "proxy/control/control_server.h"
#include "proxy/server/server.h"

#include <QCoreApplication>
#include <QFile>
#include <QJsonDocument>
#include <QLoggingCategory>

#include <cstdio>
#include <sys/resource.h>

using namespace sallyport;

namespace {

Q_LOGGING_CATEGORY(logMain, "main")

void say(std::FILE *stream, const std::string &text)
{
    std::fputs(text.c_str(), stream);
    std::fflush(stream);
}

int refuse(const std::string &why)
{
    say(stderr, "sallyport-gateway: " + why + '\n');
    return 1;
}

/// As many descriptors as the system allows: each connection takes two.
void raiseDescriptorLimit()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

Result<QByteArray> readFile(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail("cannot read '" + path.toStdString() + "': " + file.errorString().toStdString());
    const std::string name = path.toStdString();
    return dataplane::jsonText(file.readAll(), dataplane::formOf(name), name);
}

/// What the command line says is laid over what the file says.
Result<QByteArray> readConfiguration(const gateway::CommandLineOptions &options)
{
    if (options.configText.isEmpty())
        return readFile(options.configPath);
    Result<QByteArray> text =
        dataplane::jsonText(options.configText.toUtf8(), dataplane::TextForm::Yaml, "--config-yaml");
    if (!text || options.configPath.isEmpty())
        return text;
    const auto over = dataplane::readJsonText(*text);
    const auto under = readFile(options.configPath).and_then(dataplane::readJsonText);
    if (!over || !under)
        return fail(over ? under.error() : over.error());
    return QJsonDocument(dataplane::merged(under->object, over->object).toObject())
        .toJson(QJsonDocument::Compact);
}

int validate(const gateway::CommandLineOptions &options, const QByteArray &bootstrap)
{
    const std::string name =
        options.configPath.isEmpty() ? std::string("--config-yaml") : options.configPath.toStdString();
    if (Result<void> valid = server::Server::validate(bootstrap, options.server); !valid)
        return refuse("error in configuration '" + name + "': " + valid.error().toString());
    say(stdout, "configuration '" + name + "' OK\n");
    return 0;
}

/// Tells supervisors what the server listens on and which certificates it shows.
void report(control::ControlServer &control, const server::Server &server)
{
    std::vector<control::BoundListener> listeners;
    for (const admin::ListenerStatus &listener : server.listeners())
        listeners.push_back({listener.name, listener.address.toString()});
    std::vector<control::CertificateNote> certificates;
    for (const auto &context : server.listenerCertificates()) {
        for (const net::CertificateInUse &certificate : context)
            certificates.push_back({certificate.path, certificate.facts.subject, certificate.facts.serial,
                                    std::chrono::system_clock::to_time_t(certificate.facts.notAfter)});
    }
    control.sendCertificates(certificates);
    control.sendReady(listeners);
}

/// Takes over the configuration file as it is now.
void reload(server::Server &server, control::ControlServer &control,
            const gateway::CommandLineOptions &options)
{
    const auto onApplied = [&control](const Result<void> &applied) {
        if (applied) {
            qCInfo(logMain, "the configuration was read again and is in effect");
            return;
        }
        qCCritical(logMain, "the configuration was refused, the old one stays: %s",
                   applied.error().toString().c_str());
        control.sendError(applied.error());
    };
    if (Result<QByteArray> bootstrap = readConfiguration(options); bootstrap)
        server.applyBootstrap(*bootstrap, onApplied);
    else
        onApplied(fail(bootstrap.error()));
}

int serve(gateway::CommandLineOptions options, const QByteArray &bootstrap)
{
    control::ControlServer control;
    if (!options.controlPath.isEmpty()) {
        if (Result<void> listening = control.listen(options.controlPath); !listening)
            return refuse(listening.error().toString());
        options.server.logListener = &control;
    }
    server::Server server(*net::EpollDispatcher::current(), options.server);
    control.setHandler(&server);
    control.setStats(&server.stats());
    QObject::connect(&control, &control::ControlServer::ownerGone, &control, [&server] {
        qCInfo(logMain, "the supervisor is gone: ending");
        server.stop(server.grace());
    });
    server.setOnExit([] { QCoreApplication::exit(0); });
    server.setOnProblem([&control](const Error &error) {
        qCCritical(logMain, "%s", error.toString().c_str());
        control.sendError(error);
    });
    server.setOnChanged([&control, &server] { report(control, server); });
    const gateway::Signals signals({[&server] { server.stop(server.grace()); },
                                    [&server, &control, &options] { reload(server, control, options); },
                                    [&server] { server.reopenLogs(); }});
    const auto onLive = [&server, &options] {
        for (const admin::ListenerStatus &listener : server.listeners())
            qCInfo(logMain, "listening on %s for '%s'", listener.address.toString().c_str(),
                   listener.name.c_str());
        const net::Address admin = server.adminAddress();
        if (!options.adminAddressPath.isEmpty() && admin.isValid()) {
            QFile file(options.adminAddressPath);
            if (!file.open(QIODevice::WriteOnly) ||
                file.write(QByteArray::fromStdString(admin.toString())) < 0)
                qCWarning(logMain, "cannot write the admin address to '%s'",
                          qPrintable(options.adminAddressPath));
        }
        qCInfo(logMain, "all clusters have their hosts: ready");
    };
    if (Result<void> started = server.start(bootstrap, onLive); !started) {
        control.sendError(started.error());
        return refuse("error in configuration '" + options.configPath.toStdString() +
                      "': " + started.error().toString());
    }
    return QCoreApplication::exec();
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication::setEventDispatcher(new net::EpollDispatcher);
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("sallyport-gateway"));
    QCoreApplication::setApplicationVersion(QStringLiteral(SALLYPORT_VERSION));
    Result<gateway::CommandLineOptions> options =
        gateway::parseCommandLine(QCoreApplication::arguments().mid(1));
    if (!options)
        return refuse(options.error().toString());
    if (options->mode == gateway::Mode::Help || options->mode == gateway::Mode::Version) {
        say(stdout, (options->mode == gateway::Mode::Help ? gateway::helpText()
                                                          : gateway::versionText() + QLatin1Char('\n'))
                        .toStdString());
        return 0;
    }
    if (options->mode == gateway::Mode::Fields) {
        say(stdout, gateway::fieldTable());
        return 0;
    }
    if (!gateway::installLogOutput(options->server.commandLine.logLevel, options->server.logPath))
        return refuse("cannot write to '" + options->server.logPath + '\'');
    raiseDescriptorLimit();
    Result<QByteArray> bootstrap = readConfiguration(*options);
    if (!bootstrap)
        return refuse(bootstrap.error().toString());
    return options->mode == gateway::Mode::Validate ? validate(*options, *bootstrap)
                                                    : serve(*options, *bootstrap);
}
