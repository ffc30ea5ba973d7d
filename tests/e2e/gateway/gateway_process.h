// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/proxy/server/bootstrap_text.h"
#include "tests/proxy/server/sockets.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>

/// A running sallyport-gateway.
class GatewayProcess
{
public:
    explicit GatewayProcess(const QByteArray &bootstrap, const QStringList &more = {})
    {
        write(bootstrap);
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(SALLYPORT_BIN_DIR "/sallyport-gateway",
                      QStringList{"-c", path(), "--concurrency", "2", "--file-flush-interval-msec", "20"} +
                          more);
        if (!process.waitForStarted())
            qFatal("the gateway does not start");
    }
    ~GatewayProcess()
    {
        process.kill();
        process.waitForFinished();
    }

    QString path() const { return folder.filePath("bootstrap.json"); }
    void write(const QByteArray &bootstrap) const
    {
        QFile file(path());
        if (!file.open(QIODevice::WriteOnly) || file.write(bootstrap) != bootstrap.size())
            qFatal("cannot write %s", qPrintable(path()));
    }
    /// Waits until the port accepts.
    bool listens(quint16 port)
    {
        return QTest::qWaitFor([&] { return process.state() == QProcess::Running && Client(port).connected; },
                               20000);
    }
    void signal(int number) const { ::kill(static_cast<pid_t>(process.processId()), number); }
    /// Everything it has said so far.
    const QByteArray &output()
    {
        m_output += process.readAll();
        return m_output;
    }
    bool ends(int limitMs = 20000) { return process.waitForFinished(limitMs); }
    /// Resident memory in bytes.
    qint64 memory() const
    {
        QFile file(QStringLiteral("/proc/%1/statm").arg(process.processId()));
        if (!file.open(QIODevice::ReadOnly))
            return -1;
        return file.readAll().split(' ')[1].toLongLong() * sysconf(_SC_PAGESIZE);
    }

    QTemporaryDir folder;
    QProcess process;

private:
    QByteArray m_output;
};

struct Ran
{
    int exitCode = -1;
    QByteArray out;
    QByteArray err;
};

inline Ran run(const QString &program, const QStringList &arguments)
{
    QProcess process;
    process.start(program, arguments);
    process.waitForFinished(30000);
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            process.readAllStandardOutput(), process.readAllStandardError()};
}

inline Ran gateway(const QStringList &arguments)
{
    return run(SALLYPORT_BIN_DIR "/sallyport-gateway", arguments);
}

inline Ran curl(const QStringList &arguments)
{
    return run("curl", QStringList{"-sS", "--max-time", "20", "--noproxy", "*"} + arguments);
}
