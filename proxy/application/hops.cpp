// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/application/hops.h"

#include "proxy/application/log_line.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QThread>
#include <algorithm>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace sallyport::application {

namespace {

QJsonValue readable(const QJsonValue &value, const lab::NetworkView &network)
{
    if (value.isString()) {
        const QString text = value.toString();
        // Only what has a dot can hold an address; most values have none.
        return text.contains(QLatin1Char('.'))
                   ? QJsonValue(QString::fromStdString(network.readableLog(text.toStdString())))
                   : value;
    }
    if (value.isObject())
        return readableFields(value.toObject(), network);
    if (value.isArray()) {
        QJsonArray array;
        for (const QJsonValue &item : value.toArray())
            array.append(readable(item, network));
        return array;
    }
    return value;
}

/// 0 the client's own proxy, 1 gateways of its mesh, 2 gateways of other meshes, 3 the rest.
int rank(const lab::Process &process, const lab::Instance &client)
{
    if (process.name == client.name)
        return 0;
    if (process.sidecar)
        return 3;
    return process.name.compare(0, client.mesh.size() + 1, client.mesh + ':') == 0 ? 1 : 2;
}

} // namespace

QJsonObject readableFields(const QJsonObject &fields, const lab::NetworkView &network)
{
    QJsonObject object = fields;
    for (auto it = object.begin(); it != object.end(); ++it) {
        if (const QJsonValue named = readable(it.value(), network); named != it.value())
            it.value() = named;
    }
    return object;
}

HopRecorder::HopRecorder(const lab::LabPlan &plan)
    : m_plan(plan)
{
    for (const lab::Process &process : plan.processes) {
        if (!process.accessLogPath.empty())
            m_logs.push_back({&process, QFileInfo(QString::fromStdString(process.accessLogPath)).size()});
    }
}

std::vector<Hop> HopRecorder::collect(const lab::Instance &client, std::chrono::milliseconds quiet,
                                      std::chrono::milliseconds limit)
{
    const auto total = [this] {
        qint64 sum = 0;
        for (const Log &log : m_logs)
            sum += QFileInfo(QString::fromStdString(log.process->accessLogPath)).size();
        return sum;
    };
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + limit;
    qint64 seen = total();
    auto since = Clock::now();
    while (Clock::now() < end && Clock::now() - since < quiet) {
        QThread::msleep(5);
        if (const qint64 now = total(); now != seen) {
            seen = now;
            since = Clock::now();
        }
    }
    std::vector<const Log *> order;
    for (const Log &log : m_logs)
        order.push_back(&log);
    std::stable_sort(order.begin(), order.end(), [&client](const Log *a, const Log *b) {
        const int left = rank(*a->process, client);
        const int right = rank(*b->process, client);
        return left != right ? left < right : a->process->name < b->process->name;
    });
    std::vector<Hop> hops;
    for (const Log *log : order) {
        for (Hop &hop : read(*log))
            hops.push_back(std::move(hop));
    }
    return hops;
}

std::vector<Hop> HopRecorder::read(const Log &log) const
{
    QFile file(QString::fromStdString(log.process->accessLogPath));
    if (!file.open(QIODevice::ReadOnly) || !file.seek(log.begin))
        return {};
    const lab::NetworkView network(m_plan);
    const TextLogFormat format(log.process->accessLogFormat);
    std::vector<Hop> hops;
    for (const QByteArray &line : file.readAll().split('\n')) {
        if (line.isEmpty())
            continue;
        Hop hop;
        hop.proxy = log.process->name;
        const QJsonDocument document =
            log.process->accessLogFormat.empty() ? QJsonDocument::fromJson(line) : QJsonDocument();
        if (document.isObject()) {
            hop.fields = readableFields(document.object(), network);
        } else {
            const std::string text = format.withoutVolatileParts(line.toStdString());
            hop.fields.insert(QStringLiteral("line"), QString::fromStdString(network.readableLog(text)));
        }
        hops.push_back(std::move(hop));
    }
    return hops;
}

RequestTurn::RequestTurn(const std::string &runFolder)
    : m_fd(::open((runFolder + "/send.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600))
{
    if (m_fd >= 0)
        ::flock(m_fd, LOCK_EX);
}

RequestTurn::~RequestTurn()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

} // namespace sallyport::application
