// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/server/server.h"
#include "tests/proxy/server/bootstrap_text.h"
#include "tests/proxy/server/sockets.h"

#include <QFile>
#include <QTemporaryDir>

/// A gateway inside of the test's process, its workers on threads of their own.
class RunningServer
{
public:
    explicit RunningServer(const QByteArray &bootstrap, unsigned workers = 2)
        : RunningServer(bootstrap, options(workers))
    {
    }
    RunningServer(const QByteArray &bootstrap, const sallyport::server::ServerOptions &serverOptions)
        : server(*sallyport::net::EpollDispatcher::current(), serverOptions)
    {
        server.setOnExit([this] { ended = true; });
        server.setOnProblem([](const sallyport::Error &error) { qFatal("%s", error.toString().c_str()); });
        started = server.start(bootstrap, [this] { live = true; });
    }

    static sallyport::server::ServerOptions options(unsigned workers)
    {
        sallyport::server::ServerOptions options;
        options.commandLine.concurrency = workers;
        options.logFlushInterval = std::chrono::milliseconds(10);
        return options;
    }
    /// Waits until the bootstrap is in effect or refused.
    sallyport::Result<void> apply(const QByteArray &bootstrap)
    {
        std::optional<sallyport::Result<void>> result;
        server.applyBootstrap(bootstrap, [&](const sallyport::Result<void> &done) { result = done; });
        if (!QTest::qWaitFor([&] { return result.has_value(); }, 10000))
            qFatal("the bootstrap did not come into effect");
        return *result;
    }
    quint16 port(const char *listener) const
    {
        for (const auto &status : server.listeners()) {
            if (status.name == listener)
                return status.address.port();
        }
        qFatal("no listener %s", listener);
    }
    quint64 counter(const std::string &name) { return server.stats().counter(name).value(); }
    qint64 gauge(const std::string &name) { return server.stats().gauge(name).value(); }
    /// The lines of a log file so far.
    QList<QByteArray> log(const QString &path)
    {
        server.logFiles().flushAll();
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly))
            return {};
        QList<QByteArray> lines = file.readAll().split('\n');
        lines.removeLast();
        return lines;
    }

    bool live = false;
    bool ended = false;
    sallyport::Result<void> started;
    sallyport::server::Server server;
};
