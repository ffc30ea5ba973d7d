// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/filter.h"
#include "ui/traffic/request_joiner.h"
#include "ui/traffic/request_store.h"
#include "ui/traffic/table_changes.h"
#include "ui/traffic/usual_way.h"

#include <QObject>
#include <QTimer>
#include <atomic>
#include <unordered_map>

namespace sallyport::traffic {

/// Takes log entries into a store as requests, and says which of them a filter takes. Everything that costs
/// time with many requests happens here. Lives on a thread of its own.
class RequestIntake : public QObject
{
    Q_OBJECT

public:
    explicit RequestIntake(RequestStore &store);

    void add(const QList<control::LogEntry> &entries);
    void setNames(const LabNames &names);
    /// changes() with everything follows.
    void setView(const Filter &filter, SortOrder order, quint64 generation);
    void clear();
    /// Publishes what still waits for other lines of its request.
    void flush();
    /// Any thread: a view of this generation is asked for, work on older ones is in vain.
    void announce(quint64 generation) { m_wanted = generation; }

Q_SIGNALS:
    void changes(const sallyport::traffic::TableChanges &changes);

private:
    void take(bool all);
    void sendWhole();
    void send(TableChanges changes);
    bool takes(quint64 row) const;
    std::vector<RequestPlace> sorted(std::vector<RequestPlace> rows) const;

    RequestStore &m_store;
    RequestJoiner m_joiner;
    UsualWay m_way;
    std::unordered_map<quint64, LogLine> m_lines; ///< of requests that have no row yet
    Filter m_filter;
    SortOrder m_order;
    quint64 m_generation = 0;
    std::atomic<quint64> m_wanted = 0;
    QTimer m_wait;   ///< until waiting lines are looked at again
    QTimer m_resort; ///< until the order by a column is made anew
};

} // namespace sallyport::traffic
