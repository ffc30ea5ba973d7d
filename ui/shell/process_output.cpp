// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/process_output.h"

#include <QFile>

namespace sallyport::shell {

namespace {

constexpr auto interval = std::chrono::milliseconds(500);
constexpr qint64 mostAtOnce = qint64(256) * 1024; ///< of a process that prints faster, the latest

struct Chunk
{
    QString process;
    QString path;
    QString lines;
    qint64 readTo = 0;
};

Chunk readFrom(const lab::Process &process, qint64 begin)
{
    Chunk chunk;
    chunk.process = QString::fromStdString(process.name);
    chunk.path = QString::fromStdString(process.logPath);
    chunk.readTo = begin;
    QFile file(chunk.path);
    if (!file.open(QIODevice::ReadOnly))
        return chunk;
    const qint64 size = file.size();
    if (size < begin)
        begin = 0; // the process was started again
    if (size - begin > mostAtOnce)
        begin = size - mostAtOnce;
    if (!file.seek(begin))
        return chunk;
    const QByteArray bytes = file.read(size - begin);
    const qsizetype end = bytes.lastIndexOf('\n');
    chunk.readTo = begin + end + 1;
    if (end >= 0)
        chunk.lines = QString::fromUtf8(bytes.left(end));
    return chunk;
}

} // namespace

ProcessOutput::ProcessOutput(QObject *parent)
    : QObject(parent)
{
    m_worker.setMaxThreadCount(1);
    m_timer.setInterval(interval);
    connect(&m_timer, &QTimer::timeout, this, &ProcessOutput::look);
}

ProcessOutput::~ProcessOutput()
{
    m_worker.waitForDone();
}

void ProcessOutput::setPlan(std::shared_ptr<const lab::LabPlan> plan)
{
    m_plan = std::move(plan);
    if (m_plan) {
        m_timer.start();
    } else {
        m_timer.stop();
        m_read.clear();
    }
}

void ProcessOutput::look()
{
    if (m_looking || !m_plan)
        return;
    m_looking = true;
    m_worker.start([this, plan = m_plan, read = m_read] {
        QList<Chunk> chunks;
        for (const lab::Process &process : plan->processes) {
            if (!process.logPath.empty())
                chunks.append(readFrom(process, read.value(QString::fromStdString(process.logPath))));
        }
        QMetaObject::invokeMethod(
            this,
            [this, plan, chunks] {
                m_looking = false;
                if (!m_plan)
                    return;
                for (const Chunk &chunk : chunks) {
                    m_read[chunk.path] = chunk.readTo;
                    if (!chunk.lines.isEmpty())
                        Q_EMIT printed(chunk.process, chunk.lines);
                }
            },
            Qt::QueuedConnection);
    });
}

} // namespace sallyport::shell
