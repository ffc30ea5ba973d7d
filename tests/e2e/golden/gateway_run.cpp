// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/golden/gateway_run.h"

#include "tests/e2e/golden/http1_message.h"

#include <QFile>
#include <QHash>
#include <QRegularExpression>
#include <arpa/inet.h>
#include <chrono>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace golden {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds StartTime{20};
constexpr int StopTime = 10'000;
constexpr int ValidateTime = 30'000;

/// The ports that somebody listens on, as the system tells it.
QSet<int> listened()
{
    constexpr auto Listening = "0A";
    QSet<int> ports;
    QFile table("/proc/net/tcp");
    if (!table.open(QIODevice::ReadOnly))
        return ports;
    for (const QByteArray &line : table.readAll().split('\n')) {
        const QList<QByteArray> fields = line.simplified().split(' ');
        if (fields.size() > 3 && fields[3] == Listening)
            ports.insert(fields[1].mid(fields[1].lastIndexOf(':') + 1).toInt(nullptr, 16));
    }
    return ports;
}

QString shortened(const QByteArray &bytes)
{
    const QString text = QString::fromUtf8(bytes).trimmed();
    return text.size() > 600 ? text.left(300) + " … " + text.right(300) : text;
}

} // namespace

GatewayRun::GatewayRun(const GatewayCommand &command, const QString &configuration, const QString &folder)
{
    m_process.setWorkingDirectory(folder);
    m_process.setStandardInputFile(QProcess::nullDevice());
    m_process.setStandardOutputFile(QProcess::nullDevice());
    m_process.start(command.program, command.arguments + QStringList{"-c", configuration});
    m_process.waitForStarted();
}

GatewayRun::~GatewayRun()
{
    if (isRunning()) {
        m_process.kill();
        m_process.waitForFinished();
    }
}

bool GatewayRun::isRunning()
{
    return m_process.state() != QProcess::NotRunning && !m_process.waitForFinished(1);
}

QString GatewayRun::waitListening(const QSet<int> &ports)
{
    const auto deadline = Clock::now() + StartTime;
    while (Clock::now() < deadline) {
        if (!isRunning())
            return "before it listened " + ending();
        if (listened().contains(ports))
            return {};
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    m_process.kill();
    m_process.waitForFinished();
    return "the gateway did not listen in time; " + ending();
}

QString GatewayRun::stop()
{
    if (isRunning()) {
        m_process.terminate();
        if (!m_process.waitForFinished(StopTime)) {
            m_process.kill();
            m_process.waitForFinished();
            return {};
        }
    }
    const bool isGood = m_process.exitStatus() == QProcess::NormalExit && m_process.exitCode() == 0;
    return isGood ? QString() : ending();
}

QString GatewayRun::ending() const
{
    return QString("the gateway ended with status %1%2; it said: %3")
        .arg(m_process.exitCode())
        .arg(m_process.exitStatus() == QProcess::CrashExit ? " (a signal)" : "",
             shortened(const_cast<QProcess &>(m_process).readAllStandardError()));
}

std::pair<int, QString> validate(const GatewayCommand &command, const QString &configuration)
{
    QProcess process;
    process.setStandardInputFile(QProcess::nullDevice());
    process.setStandardOutputFile(QProcess::nullDevice());
    process.start(command.program,
                  command.arguments + QStringList{"--mode", "validate", "-c", configuration});
    const bool ended = process.waitForFinished(ValidateTime);
    const bool ordinary = ended && process.exitStatus() == QProcess::NormalExit;
    if (!ended) {
        process.kill();
        process.waitForFinished();
    }
    return {!ordinary ? 2 : process.exitCode() == 0 ? 0 : 1, shortened(process.readAllStandardError())};
}

QJsonObject readStats(int adminPort, const QStringList &names)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(adminPort));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0) {
        ::close(fd);
        return {{"admin", "not reachable"}};
    }
    ByteStream stream(fd);
    std::optional<Response> answer;
    try {
        stream.send("GET /stats HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n");
        answer = readResponse(stream, "GET");
    } catch (const Late &) {
        return {{"admin", "does not answer"}};
    }
    QHash<QString, QString> values;
    if (answer) {
        for (const QByteArray &line : answer->body.split('\n')) {
            const qsizetype colon = line.lastIndexOf(": ");
            if (colon > 0)
                values.insert(QString::fromUtf8(line.left(colon)), QString::fromUtf8(line.mid(colon + 2)));
        }
    }
    QJsonObject stats;
    for (const QString &name : names) {
        bool isNumber = false;
        const qlonglong number = values.value(name).toLongLong(&isNumber);
        stats.insert(name, !values.contains(name) ? QJsonValue()
                           : isNumber             ? QJsonValue(number)
                                                  : QJsonValue(values[name]));
    }
    return stats;
}

} // namespace golden
