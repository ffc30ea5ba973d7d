// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/request_intake.h"

#include <QThread>

namespace sallyport::traffic {

/// The requests of a lab, fed by its log entries, as one thread sees them: the work is done on another, what
/// comes of it is told by changes(). Entries that come faster than they can be taken in are dropped by whole
/// batches and counted. Belongs to the GUI thread.
class RequestFeed : public QObject
{
    Q_OBJECT

public:
    explicit RequestFeed(std::size_t limit = 200'000, QObject *parent = nullptr);
    ~RequestFeed() override;

    const RequestStore &store() const { return m_store; }

    void add(const QList<control::LogEntry> &entries);
    /// Entries that were dropped here, since the last clear().
    quint64 dropped() const { return m_dropped; }
    void setNames(const LabNames &names);
    /// Which requests to tell of, and in which order; changes() with all of them follows.
    void setView(const Filter &filter, SortOrder order);
    /// changes() with all of them, once more.
    void refresh();
    void clear();
    /// Publishes requests that still wait for lines. What was added before is told before finished().
    void flush();

Q_SIGNALS:
    void changes(const sallyport::traffic::TableChanges &changes);
    /// Everything that was added before flush() has been told.
    void finished();

private:
    RequestStore m_store;
    QThread m_thread;
    RequestIntake *m_intake; ///< lives on m_thread
    std::shared_ptr<std::atomic<int>> m_waiting;
    Filter m_filter;
    SortOrder m_order;
    quint64 m_generation = 0;
    quint64 m_dropped = 0;
};

} // namespace sallyport::traffic
