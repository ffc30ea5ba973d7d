// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/network_view.h"
#include "core/lab/run_folder.h"

#include <QDeadlineTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

/// sallyportctl as a person or a script runs it.
namespace e2e {

inline constexpr int patience = 90'000;

struct Ran
{
    int exitCode = -1;
    QByteArray out;
    QByteArray err;

    QJsonObject json() const { return QJsonDocument::fromJson(out).object(); }
};

/// Runs a program to its end. `input` goes to its standard input.
inline Ran run(const QString &program, const QStringList &arguments, const QByteArray &input = {})
{
    QProcess process;
    process.start(program, arguments);
    process.write(input);
    process.closeWriteChannel();
    process.waitForFinished(patience);
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            process.readAllStandardOutput(), process.readAllStandardError()};
}

inline Ran ctl(const QStringList &arguments)
{
    return run(QStringLiteral(SALLYPORT_BIN_DIR "/sallyportctl"), arguments);
}

/// A stage of the guide in a folder, and all that belongs to a user who has nothing else.
class GuideProject
{
public:
    explicit GuideProject(int stage, const QStringList &more = {})
        : m_folder(m_place.filePath(QStringLiteral("project")))
    {
        qputenv("XDG_DATA_HOME", m_place.filePath(QStringLiteral("data")).toUtf8());
        qputenv("XDG_RUNTIME_DIR", m_place.path().toUtf8());
        const Ran made = ctl(QStringList{QStringLiteral("template"), QStringLiteral("egress-mtls"),
                                         QStringLiteral("--stage"), QString::number(stage),
                                         QStringLiteral("--out"), m_folder} +
                             more);
        if (made.exitCode != 0)
            qFatal("%s", made.err.constData());
    }
    const QString &folder() const { return m_folder; }
    QString place() const { return m_place.path(); }

private:
    QTemporaryDir m_place;
    QString m_folder;
};

/// `sallyportctl lab PROJECT --keep --format json`, until the end of the object.
class KeptLab
{
public:
    explicit KeptLab(const QString &folder, const QStringList &more = {})
        : m_folder(folder)
    {
        m_process.start(QStringLiteral(SALLYPORT_BIN_DIR "/sallyportctl"),
                        QStringList{QStringLiteral("lab"), folder, QStringLiteral("--keep"),
                                    QStringLiteral("--format"), QStringLiteral("json")} +
                            more);
        const QDeadlineTimer deadline(patience);
        while (!m_process.canReadLine() && !deadline.hasExpired()) {
            if (!m_process.waitForReadyRead(static_cast<int>(deadline.remainingTime())))
                break;
        }
        m_ready = QJsonDocument::fromJson(m_process.readLine()).object();
        if (!isReady())
            qWarning("%s", m_process.readAllStandardError().constData());
        if (const auto plan = sallyport::lab::readState(folder.toStdString()))
            m_plan = *plan;
    }
    ~KeptLab() { end(); }

    bool isReady() const { return m_ready["ready"].toBool(); }
    const QJsonObject &ready() const { return m_ready; }
    const sallyport::lab::LabPlan &plan() const { return m_plan; }

    /// SIGTERM; its exit code.
    int end()
    {
        if (m_process.state() != QProcess::NotRunning) {
            m_process.terminate();
            if (!m_process.waitForFinished(patience))
                m_process.kill();
        }
        return m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -1;
    }
    QByteArray errors() { return m_process.readAllStandardError(); }

    const sallyport::lab::Instance &instance(const char *name) const
    {
        return **sallyport::lab::NetworkView(m_plan).find(name);
    }
    const sallyport::lab::Process &gateway(const char *name) const
    {
        const std::string id = instance(name).gatewayId;
        return *std::find_if(m_plan.processes.begin(), m_plan.processes.end(),
                             [&id](const auto &process) { return process.id == id; });
    }

    Ran send(const QStringList &arguments) const
    {
        return ctl(QStringList{QStringLiteral("send"), m_folder, QStringLiteral("--format"),
                               QStringLiteral("json")} +
                   arguments);
    }

private:
    QString m_folder;
    QProcess m_process;
    QJsonObject m_ready;
    sallyport::lab::LabPlan m_plan;
};

/// True if the engine that SALLYPORT_ENGINE names is on this machine.
inline bool hasEngine()
{
    return qEnvironmentVariable("SALLYPORT_ENGINE") != QLatin1String("envoy") ||
           !qEnvironmentVariable("SALLYPORT_ENVOY").isEmpty();
}

} // namespace e2e
