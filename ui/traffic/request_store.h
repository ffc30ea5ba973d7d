// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/filter_subject.h"
#include "ui/traffic/line_block.h"
#include "ui/traffic/request_block.h"

#include <QList>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>

namespace sallyport::traffic {

/// The requests that were seen, newest up to a limit, with all fields of their log lines. One thread writes;
/// reading is allowed from any and waits for one row at most. The oldest go in blocks of 4,096.
class RequestStore
{
public:
    explicit RequestStore(std::size_t limit = 200'000);

    // By the writing thread.
    quint64 addLine(const control::LogEntry &entry);
    quint64 add(const RequestRow &row, std::span<const quint64> lines);
    void replace(quint64 number, const RequestRow &row, std::span<const quint64> lines);
    void remove(quint64 number);
    /// Drops what is above the limit. Lines from `firstWaitingLine` on stay, also if no request has them yet.
    void evict(quint64 firstWaitingLine);
    void clear();

    // By any thread.
    /// Requests from here on may still be there.
    quint64 firstNumber() const;
    quint64 endNumber() const;
    quint64 endLine() const;
    std::size_t count() const;
    std::size_t limit() const { return m_limit; }
    std::optional<RequestRow> row(quint64 number) const;
    std::optional<control::LogEntry> line(quint64 number) const;
    /// The lines of a request, as they came.
    QList<control::LogEntry> entries(quint64 number) const;
    /// The newest request with a line of this x-request-id, or `row-N`; 0 if there is none.
    quint64 find(const QString &requestId) const;
    /// Calls `visitor` for every request from `from` to before `end`. Keeps writers out for a block at a
    /// time.
    void visit(quint64 from, quint64 end, const std::function<void(const FilterSubject &)> &visitor) const;
    std::size_t bytes() const;

private:
    class Subject;
    RequestBlock *blockOf(quint64 number) const;
    std::string_view lineField(quint64 line, std::string_view name, std::string &scratch) const;

    const std::size_t m_limit;
    mutable std::shared_mutex m_mutex;
    std::deque<std::unique_ptr<RequestBlock>> m_blocks;
    std::deque<std::unique_ptr<LineBlock>> m_lines;
    quint64 m_firstLine = 0; ///< number of the first line of m_lines
    quint64 m_nextNumber = 1;
    std::size_t m_count = 0;
};

} // namespace sallyport::traffic
