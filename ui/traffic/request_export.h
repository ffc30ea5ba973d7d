// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"
#include "ui/traffic/request_store.h"

#include <QIODevice>
#include <QJsonObject>
#include <functional>

namespace sallyport::traffic {

/// The form of an exported file.
enum class ExportFormat {
    JsonLines, ///< an object a line: the request, what decided it, the log line of every hop
    Har,       ///< HTTP Archive 1.2 with the hops as `_hops`; no headers or bodies, which logs do not have
};

/// A request as JSON: what the table shows, and its hops in order with all of their fields.
QJsonObject requestJson(const RequestRow &row, QList<control::LogEntry> entries);

/// Writes requests in the order given; those that the store no longer has are left out. `goOn` is told how
/// many are done and ends the work by returning false, which is no error. Any thread.
Result<quint64> exportRequests(const RequestStore &store, const std::vector<quint64> &numbers,
                               ExportFormat format, QIODevice &to,
                               const std::function<bool(quint64 done)> &goOn);

/// The entries in the order in which the request met the proxies.
QList<control::LogEntry> orderedEntries(QList<control::LogEntry> entries);

} // namespace sallyport::traffic
