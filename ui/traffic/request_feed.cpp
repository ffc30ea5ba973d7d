// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/request_feed.h"

namespace sallyport::traffic {

namespace {

/// Lines that may wait to be taken in: some seconds of the most that a lab's gateways log.
constexpr int mostWaiting = 100'000;

} // namespace

RequestFeed::RequestFeed(std::size_t limit, QObject *parent)
    : QObject(parent)
    , m_store(limit)
    , m_intake(new RequestIntake(m_store))
    , m_waiting(std::make_shared<std::atomic<int>>(0))
{
    qRegisterMetaType<TableChanges>();
    m_thread.setObjectName(QStringLiteral("traffic"));
    m_intake->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_intake, &QObject::deleteLater);
    connect(m_intake, &RequestIntake::changes, this, &RequestFeed::changes);
    m_thread.start();
}

RequestFeed::~RequestFeed()
{
    // A long filter need not come to its end.
    m_intake->announce(~quint64(0));
    m_thread.quit();
    m_thread.wait();
}

void RequestFeed::add(const QList<control::LogEntry> &entries)
{
    const int count = static_cast<int>(entries.size());
    if (*m_waiting + count > mostWaiting) {
        m_dropped += static_cast<quint64>(count);
        return;
    }
    *m_waiting += count;
    QMetaObject::invokeMethod(m_intake, [intake = m_intake, waiting = m_waiting, entries, count] {
        intake->add(entries);
        *waiting -= count;
    });
}

void RequestFeed::setNames(const LabNames &names)
{
    QMetaObject::invokeMethod(m_intake, [intake = m_intake, names] { intake->setNames(names); });
}

void RequestFeed::setView(const Filter &filter, SortOrder order)
{
    m_filter = filter;
    m_order = order;
    refresh();
}

void RequestFeed::refresh()
{
    ++m_generation;
    m_intake->announce(m_generation);
    QMetaObject::invokeMethod(m_intake,
                              [intake = m_intake, filter = m_filter, order = m_order,
                               generation = m_generation] { intake->setView(filter, order, generation); });
}

void RequestFeed::clear()
{
    m_dropped = 0;
    QMetaObject::invokeMethod(m_intake, [intake = m_intake] { intake->clear(); });
}

void RequestFeed::flush()
{
    QMetaObject::invokeMethod(m_intake, [this, intake = m_intake] {
        intake->flush();
        QMetaObject::invokeMethod(this, &RequestFeed::finished);
    });
}

} // namespace sallyport::traffic
