// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/request_intake.h"

#include <QDateTime>
#include <algorithm>
#include <chrono>

namespace sallyport::traffic {

namespace {

using namespace std::chrono_literals;

qint64 nowUs()
{
    return QDateTime::currentMSecsSinceEpoch() * 1'000;
}

} // namespace

RequestIntake::RequestIntake(RequestStore &store)
    : m_store(store)
    , m_wait(this)
    , m_resort(this)
{
    m_wait.setSingleShot(true);
    m_wait.setInterval(100ms);
    connect(&m_wait, &QTimer::timeout, this, [this] { take(false); });
    // An order by a column is looked at, not watched: once a second is enough for new rows to find their
    // place.
    m_resort.setSingleShot(true);
    m_resort.setInterval(1s);
    connect(&m_resort, &QTimer::timeout, this, &RequestIntake::sendWhole);
}

void RequestIntake::add(const QList<control::LogEntry> &entries)
{
    const qint64 now = nowUs();
    for (const control::LogEntry &entry : entries) {
        const LogLine line = LogLine::from(entry);
        const quint64 number = m_store.addLine(entry);
        m_joiner.add(line, number, now);
        m_lines.emplace(number, line);
    }
    take(false);
}

void RequestIntake::setNames(const LabNames &names)
{
    m_joiner.setProxies(names.proxies);
    m_way.setNames(names);
}

void RequestIntake::flush()
{
    take(true);
}

void RequestIntake::take(bool all)
{
    TableChanges changes;
    for (const RequestJoiner::Update &update : m_joiner.take(nowUs(), all)) {
        std::vector<LogLine> lines;
        for (const quint64 number : update.lines) {
            if (auto kept = m_lines.extract(number)) {
                lines.push_back(std::move(kept.mapped()));
            } else if (const auto entry = m_store.line(number)) {
                lines.push_back(LogLine::from(*entry));
            }
        }
        for (const quint64 absorbed : update.absorbedRows) {
            m_store.remove(absorbed);
            changes.removed.push_back(absorbed);
        }
        RequestRow row = summarize(lines);
        m_way.learn(row);
        m_way.extend(row, lines.back());
        if (update.row == 0 || !m_store.row(update.row)) {
            const quint64 number = m_store.add(row, update.lines);
            m_joiner.setRow(update.group, number);
            if (takes(number))
                changes.added.push_back({row.startUs, number});
        } else {
            m_store.replace(update.row, row, update.lines);
            if (takes(update.row))
                changes.changed.push_back({row.startUs, update.row});
            else
                changes.removed.push_back(update.row);
        }
    }
    std::sort(changes.added.begin(), changes.added.end());
    m_store.evict(m_joiner.firstWaitingLine(m_store.endLine()));
    if (m_joiner.isWaiting())
        m_wait.start();
    send(std::move(changes));
}

bool RequestIntake::takes(quint64 row) const
{
    bool taken = m_filter.isEmpty();
    if (!taken)
        m_store.visit(row, row + 1, [&](const FilterSubject &subject) { taken = m_filter.matches(subject); });
    return taken;
}

void RequestIntake::send(TableChanges changes)
{
    if (!m_order.isByTime()) {
        // Counts go on; the rows follow with the next order.
        if (!changes.added.empty() || !changes.changed.empty() || !changes.removed.empty()) {
            if (!m_resort.isActive())
                m_resort.start();
        }
        changes.added.clear();
        changes.changed.clear();
    }
    changes.firstNumber = m_store.firstNumber();
    changes.total = m_store.count();
    changes.generation = m_generation;
    changes.order = m_order;
    Q_EMIT this->changes(changes);
}

void RequestIntake::setView(const Filter &filter, SortOrder order, quint64 generation)
{
    m_filter = filter;
    m_order = order;
    m_generation = generation;
    sendWhole();
}

void RequestIntake::sendWhole()
{
    m_resort.stop();
    // Somebody is still typing: only the last filter is worth the work.
    if (m_wanted != m_generation && m_wanted > m_generation)
        return;
    TableChanges all;
    all.whole = true;
    m_store.visit(0, m_store.endNumber(), [&](const FilterSubject &subject) {
        if (m_filter.matches(subject))
            all.added.push_back({subject.request().startUs, subject.request().number});
    });
    if (m_order.isByTime())
        std::sort(all.added.begin(), all.added.end());
    else
        all.added = sorted(std::move(all.added));
    all.firstNumber = m_store.firstNumber();
    all.total = m_store.count();
    all.generation = m_generation;
    all.order = m_order;
    Q_EMIT changes(all);
}

std::vector<RequestPlace> RequestIntake::sorted(std::vector<RequestPlace> rows) const
{
    struct Key
    {
        RequestPlace row;
        double number;
        std::string text;
    };
    std::vector<Key> keys;
    keys.reserve(rows.size());
    std::size_t next = 0;
    m_store.visit(0, m_store.endNumber(), [&](const FilterSubject &subject) {
        const RequestView &view = subject.request();
        while (next < rows.size() && rows[next].number < view.number)
            ++next;
        if (next >= rows.size() || rows[next].number != view.number)
            return;
        Key key{rows[next], 0, {}};
        switch (m_order.column) {
        case Column::Time:
            break;
        case Column::Hops:
            key.number = static_cast<double>(view.hopCount);
            break;
        case Column::Status:
            key.number = view.status;
            break;
        case Column::Duration:
            key.number = view.durationMs;
            break;
        case Column::Method:
            key.text = view.method;
            break;
        case Column::Host:
            key.text = view.host;
            break;
        case Column::Path:
            key.text = view.path;
            break;
        case Column::Flags:
            key.text = view.flags;
            break;
        case Column::Decision:
            key.text = view.decidedBy;
            break;
        case Column::Cluster:
            key.text = view.cluster;
            break;
        case Column::Source:
            key.text = view.source;
            break;
        case Column::Protocol:
            key.text = view.protocol;
            break;
        case Column::Details:
            key.text = view.details;
            break;
        case Column::RequestId:
            key.text = view.requestId;
            break;
        }
        keys.push_back(std::move(key));
    });
    const bool descending = m_order.descending;
    std::sort(keys.begin(), keys.end(), [descending](const Key &a, const Key &b) {
        if (a.number != b.number)
            return (a.number < b.number) != descending;
        if (const int order = a.text.compare(b.text); order != 0)
            return (order < 0) != descending;
        // Of equals the newest first, as in the order by time.
        return a.row > b.row;
    });
    rows.clear();
    for (const Key &key : keys)
        rows.push_back(key.row);
    return rows;
}

void RequestIntake::clear()
{
    m_joiner.clear();
    m_lines.clear();
    m_store.clear();
    sendWhole();
}

} // namespace sallyport::traffic
