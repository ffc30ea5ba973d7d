// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/control/node.h"

#include "proxy/control/application_link.h"
#include "proxy/control/control_client.h"
#include "proxy/control/envoy_link.h"

#include <QCryptographicHash>
#include <QFile>
#include <QJsonDocument>
#include <algorithm>
#include <csignal>
#include <cstring>
#include <sys/prctl.h>
#include <unistd.h>
#include <utility>

namespace sallyport::control {

namespace {

constexpr int startLimit = 60'000;
constexpr int killLimit = 2000;
constexpr qint64 tailSize = 4096;

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

/// A socket's path has at most 107 bytes; names of workloads may be longer than that.
QString controlPath(const QString &runFolder, const std::string &id)
{
    const QByteArray name =
        QCryptographicHash::hash(QByteArray::fromStdString(id), QCryptographicHash::Sha256).toHex().left(12);
    return runFolder + QLatin1Char('/') + QLatin1String(lab::layout::control) + QLatin1Char('/') +
           QString::fromLatin1(name);
}

/// Runs in the child between fork and exec.
void prepareChild(pid_t parent)
{
    // The supervisor's signals may be blocked for its signalfd; its children must get theirs.
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The supervisor may have died before the line above.
    if (::getppid() != parent)
        ::_exit(1);
}

} // namespace

Node::Node(const Programs &programs, const QString &runFolder, QNetworkAccessManager *network,
           const lab::Process &process)
    : m_programs(programs)
    , m_controlPath(controlPath(runFolder, process.id))
    , m_network(network)
    , m_process(process)
    , m_format(process.accessLogFormat)
{
    m_status.process = text(process.id);
    m_status.proxy = text(process.name);
    m_patience.setSingleShot(true);
    m_patience.setInterval(startLimit);
    connect(&m_patience, &QTimer::timeout, this,
            [this] { giveUp(QStringLiteral("it was not ready after %1 s").arg(startLimit / 1000)); });
}

Node::~Node()
{
    if (!m_child)
        return;
    m_child->disconnect(this);
    m_child->kill();
    m_child->waitForFinished(killLimit);
}

QStringList Node::arguments() const
{
    QStringList arguments;
    if (m_process.kind == lab::ProcessKind::Httpbin) {
        for (const lab::ListenAddress &listen : m_process.listen)
            arguments << (listen.tls ? QStringLiteral("--listen-tls") : QStringLiteral("--listen"))
                      << text(listen.at.toString());
        if (!m_process.tlsCertificatePath.empty())
            arguments << QStringLiteral("--tls-cert") << text(m_process.tlsCertificatePath)
                      << QStringLiteral("--tls-key") << text(m_process.tlsKeyPath);
        return arguments;
    }
    arguments << QStringLiteral("-c") << text(m_process.bootstrapPath) << QStringLiteral("--concurrency")
              << QString::number(m_process.concurrency) << QStringLiteral("--file-flush-interval-msec")
              << QStringLiteral("10");
    if (m_programs.engine == Engine::Envoy)
        arguments << QStringLiteral("--disable-hot-restart") << QStringLiteral("-l")
                  << QStringLiteral("warning");
    else
        arguments << QStringLiteral("--control") << m_controlPath;
    return arguments;
}

std::unique_ptr<ProcessLink> Node::makeLink() const
{
    if (m_process.kind == lab::ProcessKind::Httpbin)
        return std::make_unique<ApplicationLink>(m_process.listen);
    if (m_programs.engine == Engine::Envoy)
        return std::make_unique<EnvoyLink>(m_process, m_network);
    return std::make_unique<ControlClient>(m_controlPath, true);
}

void Node::start()
{
    if (m_child) {
        m_startAgain = m_status.state == NodeState::Stopping;
        return;
    }
    m_killed = false;
    m_startAgain = false;
    m_whyGivenUp.clear();
    const QString program =
        m_process.kind == lab::ProcessKind::Httpbin ? m_programs.httpbin : m_programs.gateway;
    m_child = std::make_unique<QProcess>();
    m_child->setProcessChannelMode(QProcess::MergedChannels);
    m_child->setStandardInputFile(QProcess::nullDevice());
    m_child->setStandardOutputFile(text(m_process.logPath), QIODevice::Append);
    m_child->setChildProcessModifier([parent = ::getpid()] { prepareChild(parent); });
    connect(m_child.get(), &QProcess::finished, this, &Node::ended);
    connect(m_child.get(), &QProcess::errorOccurred, this, [this, program](QProcess::ProcessError error) {
        if (error != QProcess::FailedToStart)
            return;
        m_patience.stop();
        m_link.reset();
        m_child.release()->deleteLater();
        set(NodeState::Failed, QStringLiteral("%1 cannot be started").arg(program));
    });
    m_link = makeLink();
    connect(m_link.get(), &ProcessLink::ready, this, &Node::becameReady);
    connect(m_link.get(), &ProcessLink::failed, this, &Node::giveUp);
    connect(m_link.get(), &ProcessLink::lines, this, &Node::lines);
    connect(m_link.get(), &ProcessLink::stats, this, &Node::stats);
    connect(m_link.get(), &ProcessLink::applied, this, &Node::applied);
    connect(m_link.get(), &ProcessLink::problem, this, &Node::problem);
    set(NodeState::Starting);
    m_patience.start();
    m_child->start(program, arguments());
    if (m_child && m_child->state() != QProcess::NotRunning) {
        m_status.pid = m_child->processId();
        m_link->open();
    }
}

void Node::stop()
{
    m_startAgain = false;
    if (!m_child) {
        if (m_status.state != NodeState::Stopped)
            set(NodeState::Stopped);
        return;
    }
    if (m_status.state != NodeState::Stopping) {
        set(NodeState::Stopping);
        m_child->terminate();
    }
}

void Node::kill()
{
    m_startAgain = false;
    if (!m_child)
        return;
    m_killed = true;
    m_child->kill();
}

void Node::finish(int milliseconds)
{
    if (m_child && !m_child->waitForFinished(milliseconds) && m_child) {
        m_child->kill();
        m_child->waitForFinished(killLimit);
    }
}

void Node::restart()
{
    if (!m_child) {
        start();
        return;
    }
    stop();
    m_startAgain = true;
}

void Node::change(const lab::Process &process)
{
    const lab::Process before = std::exchange(m_process, process);
    m_format = application::TextLogFormat(process.accessLogFormat);
    if (!m_child || m_status.state == NodeState::Stopping) {
        // What failed may have failed for the bootstrap that is gone now.
        if (m_status.state == NodeState::Failed && !(before == process))
            start();
        return;
    }
    // What was told on the command line, or cannot be moved under a running process.
    const bool sameCommand =
        before.kind == process.kind && before.bootstrapPath == process.bootstrapPath &&
        before.tlsCertificatePath == process.tlsCertificatePath && before.tlsKeyPath == process.tlsKeyPath &&
        before.admin == process.admin && before.concurrency == process.concurrency &&
        before.accessLogPath == process.accessLogPath && before.accessLogFormat == process.accessLogFormat;
    const bool application = process.kind == lab::ProcessKind::Httpbin;
    if (!sameCommand || (application && (before.listen != process.listen || before.files != process.files))) {
        m_changed = !application;
        restart();
        return;
    }
    if (before.bootstrap == process.bootstrap || application)
        return;
    if (!m_link->apply(process.bootstrap)) {
        m_changed = true;
        restart();
    }
}

void Node::askStats()
{
    if (isReady())
        m_link->askStats();
}

QJsonObject Node::fieldsOf(const LogLine &line) const
{
    // A proxy may write two logs, one of each form, to its file.
    if (line.json || line.bytes.startsWith('{')) {
        if (const QJsonDocument document = QJsonDocument::fromJson(line.bytes); document.isObject())
            return document.object();
    }
    return m_format.fields(
        std::string_view(line.bytes.constData(), static_cast<std::size_t>(line.bytes.size())));
}

void Node::becameReady()
{
    if (m_status.state != NodeState::Starting)
        return;
    m_patience.stop();
    set(NodeState::Ready);
    if (std::exchange(m_changed, false))
        Q_EMIT applied({}, {});
}

void Node::giveUp(const QString &why)
{
    if (m_status.state != NodeState::Starting)
        return;
    m_whyGivenUp = why;
    m_child->kill();
}

void Node::ended(int exitCode, QProcess::ExitStatus how)
{
    m_patience.stop();
    m_link->finish();
    // Both may be the sender of the signal that led here.
    m_link.release()->deleteLater();
    m_child.release()->deleteLater();
    m_status.pid = 0;
    const NodeState before = m_status.state;
    if (before == NodeState::Stopping) {
        set(NodeState::Stopped);
        if (m_startAgain)
            start();
        return;
    }
    m_changed = false;
    QString why;
    if (m_killed)
        why = QStringLiteral("it was killed");
    else if (!m_whyGivenUp.isEmpty())
        why = m_whyGivenUp;
    else if (how == QProcess::CrashExit)
        why = QStringLiteral("it was ended by signal %1 (%2)")
                  .arg(exitCode)
                  .arg(QString::fromLocal8Bit(::strsignal(exitCode)));
    else
        why = QStringLiteral("it ended by itself with exit status %1").arg(exitCode);
    if (!m_killed)
        why += logTail();
    set(before == NodeState::Starting && !m_killed ? NodeState::Failed : NodeState::Exited, why);
}

QString Node::logTail() const
{
    const QString path = text(m_process.logPath);
    QString tail = QStringLiteral("; its output is in ") + path;
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return tail;
    file.seek(std::max<qint64>(0, file.size() - tailSize));
    const QString last =
        QString::fromUtf8(file.readAll()).trimmed().section(QLatin1Char('\n'), -1).trimmed().left(500);
    if (!last.isEmpty())
        tail += QStringLiteral(" and ends with: ") + last;
    return tail;
}

void Node::set(NodeState state, const QString &reason)
{
    m_status.state = state;
    m_status.reason = reason;
    Q_EMIT stateChanged();
}

} // namespace sallyport::control
