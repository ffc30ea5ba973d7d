// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/control/node.h"
#include "tests/proxy/server/bootstrap_text.h"
#include "tests/proxy/server/sockets.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <functional>
#include <sys/resource.h>

/// An HTTP connection manager named `in` that sends everything to cluster `up`; `routes` come before that.
inline QString httpManager(const QString &more = {}, const QString &routes = {})
{
    return bootstrap_text::filter(
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        QStringLiteral(
            R"("stat_prefix": "in", "route_config": {"virtual_hosts": [{"name": "v", "domains": ["*"],
            "routes": [%1%2{"match": {"prefix": "/"}, "route": {"cluster": "up"}}]}]},
            "http_filters": [%3]%4%5)")
            .arg(routes, routes.isEmpty() ? QString() : QStringLiteral(", "),
                 bootstrap_text::filter("envoy.extensions.filters.http.router.v3.Router", {}),
                 more.isEmpty() ? QString() : QStringLiteral(", "), more));
}

/// A gateway in a process of its own, ours or the Envoy that SALLYPORT_ENGINE asks for. Its statistics are
/// asked from its admin listener, its memory from the system.
class AttackedGateway
{
public:
    static bool isEnvoy() { return qEnvironmentVariable("SALLYPORT_ENGINE") == QLatin1String("envoy"); }
    static QString program()
    {
        return isEnvoy() ? sallyport::control::Programs::findEnvoy()
                         : QStringLiteral(SALLYPORT_BIN_DIR "/sallyport-gateway");
    }
    /// Memory that a sanitizer takes says nothing.
    static constexpr bool memoryCounts()
    {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        return false;
#elif defined(__has_feature)
        return !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
        return true;
#endif
    }

    /// Makes the bootstrap of a gateway whose listener is at `port`.
    using Bootstrap = std::function<QByteArray(quint16 port)>;

    explicit AttackedGateway(quint16 upstream, const QString &manager = httpManager(),
                             const QString &listenerFields = {}, const QStringList &arguments = {})
        : AttackedGateway(
              [&](quint16 at) {
                  using namespace bootstrap_text;
                  return bootstrap(listener("main", at, chain(manager), listenerFields),
                                   cluster("up", {upstream}));
              },
              arguments)
    {
    }
    explicit AttackedGateway(const Bootstrap &bootstrap, const QStringList &arguments = {})
        : port(freePort())
        , adminPort(freePort())
    {
        write(bootstrap(port));
        m_process.setProcessChannelMode(QProcess::ForwardedChannels);
        QStringList all{"-c", path(), "--concurrency", "2", "-l", "critical", "--file-flush-interval-msec",
                        "20"};
        if (isEnvoy())
            all << "--use-dynamic-base-id";
        m_process.start(program(), all + arguments);
        if (!m_process.waitForStarted())
            qFatal("the gateway does not start");
        if (!QTest::qWaitFor(
                [this] { return isRunning() && Client(port).connected && stat("server.live") == 1; }, 30000))
            qFatal("the gateway does not listen");
        m_before = memory();
    }
    ~AttackedGateway()
    {
        m_process.kill();
        m_process.waitForFinished();
    }

    QString path() const
    {
        return folder.filePath("bootstrap.json");
    }
    /// The admin listener stands beside the static resources.
    QByteArray withAdmin(const QByteArray &bootstrap) const
    {
        return "{\"admin\": {\"address\": " + bootstrap_text::address(adminPort).toUtf8() + "}, " +
               bootstrap.mid(1);
    }
    void write(const QByteArray &bootstrap) const
    {
        const QByteArray text = withAdmin(bootstrap);
        QFile file(path());
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            qFatal("cannot write the bootstrap");
    }
    bool isRunning()
    {
        return m_process.state() == QProcess::Running && !m_process.waitForFinished(0);
    }
    void signal(int number) const
    {
        ::kill(static_cast<pid_t>(m_process.processId()), number);
    }
    /// Ends as an operator ends it.
    bool terminates()
    {
        signal(SIGTERM);
        return m_process.waitForFinished(30000) && m_process.exitStatus() == QProcess::NormalExit;
    }

    /// Of one that ended.
    int exitCode() const
    {
        return m_process.exitCode();
    }

    /// No file that it writes becomes larger; -1: as large as they get.
    void limitFileSize(qint64 bytes) const
    {
        const rlim_t most = bytes < 0 ? RLIM_INFINITY : static_cast<rlim_t>(bytes);
        const rlimit limit{most, RLIM_INFINITY};
        if (::prlimit(static_cast<pid_t>(m_process.processId()), RLIMIT_FSIZE, &limit, nullptr) != 0)
            qFatal("the size of files cannot be limited");
    }

    /// -1: there is none of this name yet.
    qint64 stat(const QByteArray &name) const
    {
        Client admin(adminPort);
        admin.send("GET /stats?filter=^" + name.toStdString() +
                   "$ HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        const QByteArray answer = QByteArray::fromStdString(admin.readAll());
        const qsizetype at = answer.indexOf(name + ": ");
        return at < 0 ? -1 : answer.mid(at + name.size() + 2).split('\n')[0].trimmed().toLongLong();
    }

    /// Resident, in bytes.
    qint64 memory() const
    {
        return status("VmRSS:");
    }
    /// The most that it ever was.
    qint64 peak() const
    {
        return status("VmHWM:");
    }
    /// How much more it took at its worst than when it had just begun; says so.
    qint64 growth(const char *what) const
    {
        const qint64 most = peak() - m_before;
        qInfo("%s: %lld KiB before, %lld KiB at most, %lld KiB after", what, m_before / 1024, peak() / 1024,
              memory() / 1024);
        return memoryCounts() ? most : 0;
    }

    QTemporaryDir folder;
    const quint16 port;
    const quint16 adminPort;

private:
    qint64 status(const QByteArray &key) const
    {
        QFile file(QStringLiteral("/proc/%1/status").arg(m_process.processId()));
        if (!file.open(QIODevice::ReadOnly))
            return -1;
        for (const QByteArray &line : file.readAll().split('\n')) {
            if (line.startsWith(key))
                return line.simplified().split(' ')[1].toLongLong() * 1024;
        }
        return -1;
    }

    QProcess m_process;
    qint64 m_before = 0;
};

inline constexpr qint64 MiB = qint64(1024) * 1024;

/// To be the first line of initTestCase().
#define SALLYPORT_NEEDS_ENGINE()                                                                             \
    if (AttackedGateway::program().isEmpty())                                                                \
    QSKIP("there is no Envoy here: name it with SALLYPORT_ENVOY")
