// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gateway/log_output.h"

#include <QDateTime>
#include <QString>
#include <atomic>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sallyport::gateway {

namespace {

std::atomic<int> g_fd{STDERR_FILENO};
std::atomic<int> g_leastLevel{2};

struct Level
{
    const char *name;
    int rank;
};

Level levelOf(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return {"debug", 1};
    case QtInfoMsg:
        return {"info", 2};
    case QtWarningMsg:
        return {"warning", 3};
    case QtCriticalMsg:
        return {"error", 4};
    case QtFatalMsg:
        break;
    }
    return {"critical", 5};
}

int rankOf(const std::string &level)
{
    if (level == "trace" || level == "debug")
        return 1;
    if (level == "warning")
        return 3;
    if (level == "error")
        return 4;
    if (level == "critical")
        return 5;
    return level == "off" ? 6 : 2;
}

void writeMessage(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    const Level level = levelOf(type);
    if (level.rank < g_leastLevel.load(std::memory_order_relaxed))
        return;
    const QString line =
        QStringLiteral("[%1][%2][%3][%4] %5\n")
            .arg(QDateTime::currentDateTime().toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz")))
            .arg(static_cast<long>(syscall(SYS_gettid)))
            .arg(QLatin1String(level.name), QLatin1String(context.category), message);
    const QByteArray bytes = line.toUtf8();
    // A message that cannot be written has nowhere else to go.
    [[maybe_unused]] const ssize_t written = ::write(g_fd.load(std::memory_order_relaxed), bytes.constData(),
                                                     static_cast<std::size_t>(bytes.size()));
}

} // namespace

bool installLogOutput(const std::string &level, const std::string &path)
{
    g_leastLevel.store(rankOf(level));
    if (!path.empty()) {
        const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (fd < 0)
            return false;
        g_fd.store(fd);
    }
    qInstallMessageHandler(writeMessage);
    return true;
}

} // namespace sallyport::gateway
