// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/lab_runner.h"

#include "core/lab/run_folder.h"

#include <QDir>
#include <QHostAddress>
#include <QSaveFile>
#include <QTcpSocket>
#include <QTimer>
#include <csignal>
#include <sys/prctl.h>

namespace sallyport::ctl {

namespace {

constexpr int pollInterval = 20;
constexpr int startLimit = 60'000;

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

Result<void> writeFile(const lab::PlannedFile &planned)
{
    const QString path = text(planned.path);
    const QString folder = QFileInfo(path).path();
    if (!QDir().exists(folder)) {
        QDir().mkpath(folder);
        QFile::setPermissions(folder,
                              QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner);
    }
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return fail("cannot be written: " + file.errorString().toStdString(), {planned.path});
    if (planned.mode == 0600)
        file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    file.write(planned.content);
    if (!file.commit())
        return fail("cannot be written: " + file.errorString().toStdString(), {planned.path});
    return {};
}

bool accepts(const lab::SocketAddress &address)
{
    QTcpSocket socket;
    socket.connectToHost(QHostAddress(text(address.address)), static_cast<quint16>(address.port));
    return socket.waitForConnected(100);
}

/// Asks Envoy's admin listener whether it is LIVE.
bool isLive(const lab::SocketAddress &admin)
{
    QTcpSocket socket;
    socket.connectToHost(QHostAddress(text(admin.address)), static_cast<quint16>(admin.port));
    if (!socket.waitForConnected(100))
        return false;
    socket.write("GET /ready HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n");
    QByteArray answer;
    while (socket.waitForReadyRead(200))
        answer += socket.readAll();
    return answer.startsWith("HTTP/1.1 200");
}

} // namespace

LabRunner::LabRunner(Programs programs)
    : m_programs(std::move(programs))
{
}

LabRunner::~LabRunner()
{
    stop();
}

Result<lab::AddressBlock> LabRunner::reserve(const std::string &project, std::size_t meshes)
{
    for (const lab::AddressBlock &block : lab::candidateBlocks(project, meshes)) {
        m_reserved.clear();
        bool free = true;
        for (const lab::SocketAddress &address : lab::reservations(block, meshes)) {
            m_reserved.push_back(std::make_unique<QTcpServer>());
            free = free && m_reserved.back()->listen(QHostAddress(text(address.address)),
                                                     static_cast<quint16>(address.port));
        }
        if (free)
            return block;
    }
    return fail("no block of loopback addresses is free", {}, "stop other labs first");
}

Result<void> LabRunner::writeFiles() const
{
    if (const auto made = lab::makeRunFolder(m_plan.runFolder); !made)
        return made;
    for (const lab::Process &process : m_plan.processes) {
        for (const lab::PlannedFile &file : process.files) {
            if (const auto written = writeFile(file); !written)
                return written;
        }
        if (!process.bootstrapPath.empty()) {
            if (const auto written = writeFile({process.bootstrapPath, process.bootstrap, 0644}); !written)
                return written;
        }
        if (!process.accessLogPath.empty()) {
            if (const auto written = writeFile({process.accessLogPath, {}, 0644}); !written)
                return written;
        }
    }
    return {};
}

void LabRunner::startProcess(const lab::Process &process)
{
    auto child = std::make_unique<QProcess>();
    QStringList arguments;
    QString program;
    if (process.kind == lab::ProcessKind::Httpbin) {
        program = m_programs.httpbin;
        for (const lab::ListenAddress &listen : process.listen)
            arguments << (listen.tls ? QStringLiteral("--listen-tls") : QStringLiteral("--listen"))
                      << text(listen.at.toString());
        if (!process.tlsCertificatePath.empty())
            arguments << QStringLiteral("--tls-cert") << text(process.tlsCertificatePath)
                      << QStringLiteral("--tls-key") << text(process.tlsKeyPath);
    } else {
        program = m_programs.gateway;
        arguments << QStringLiteral("-c") << text(process.bootstrapPath) << QStringLiteral("--concurrency")
                  << QStringLiteral("1");
        if (m_programs.engine == Engine::Envoy)
            arguments << QStringLiteral("--disable-hot-restart") << QStringLiteral("-l")
                      << QStringLiteral("warning") << QStringLiteral("--file-flush-interval-msec")
                      << QStringLiteral("10");
    }
    child->setStandardOutputFile(text(process.logPath));
    child->setStandardErrorFile(text(process.logPath), QIODevice::Append);
    child->setChildProcessModifier([] {
        // The lab's own signals are blocked for its signalfd; its children must get theirs.
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    });
    const QString name = text(process.id);
    connect(child.get(), &QProcess::finished, this, [this, name, log = text(process.logPath)] {
        if (!m_stopping)
            Q_EMIT failed(name + QStringLiteral(" ended; see ") + log);
    });
    connect(child.get(), &QProcess::errorOccurred, this, [this, name, program](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            Q_EMIT failed(name + QStringLiteral(": ") + program + QStringLiteral(" cannot be started"));
    });
    child->start(program, arguments);
    m_processes.push_back(std::move(child));
}

Result<void> LabRunner::start(const lab::LabPlan &plan)
{
    m_plan = plan;
    if (const auto written = writeFiles(); !written)
        return written;
    if (const auto listening = m_services.setRoutes(m_plan.routes); !listening)
        return listening;
    if (const auto listening = m_forward.setPlan(m_plan); !listening)
        return listening;
    for (const lab::Process &process : m_plan.processes)
        startProcess(process);
    m_since.start();
    QTimer::singleShot(pollInterval, this, &LabRunner::poll);
    return {};
}

bool LabRunner::isReady(const lab::Process &process) const
{
    if (process.admin.isSet() && !isLive(process.admin))
        return false;
    return std::all_of(process.listen.begin(), process.listen.end(),
                       [](const lab::ListenAddress &listen) { return accepts(listen.at); });
}

void LabRunner::poll()
{
    if (m_stopping)
        return;
    for (const lab::Process &process : m_plan.processes) {
        if (isReady(process))
            continue;
        if (m_since.elapsed() > startLimit)
            Q_EMIT failed(text(process.id) + QStringLiteral(" is not ready; see ") + text(process.logPath));
        else
            QTimer::singleShot(pollInterval, this, &LabRunner::poll);
        return;
    }
    if (const auto written =
            writeFile({m_plan.runFolder + '/' + lab::layout::state, lab::encodeState(m_plan), 0600});
        !written) {
        Q_EMIT failed(text(written.error().toString()));
        return;
    }
    Q_EMIT ready();
}

void LabRunner::stop()
{
    m_stopping = true;
    for (const auto &process : m_processes)
        process->terminate();
    for (const auto &process : m_processes) {
        if (process->state() != QProcess::NotRunning && !process->waitForFinished(3000)) {
            process->kill();
            process->waitForFinished(1000);
        }
    }
    m_processes.clear();
    if (!m_plan.runFolder.empty())
        QDir(text(m_plan.runFolder)).removeRecursively();
    m_reserved.clear();
}

} // namespace sallyport::ctl
