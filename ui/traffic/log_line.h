// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/control/log_entry.h"

#include <QString>

namespace sallyport::traffic {

/// An access-log line by what its fields mean. Names of fields are Istio's; what a line does not say is
/// empty, or -1 for numbers.
struct LogLine
{
    QString proxy;      ///< full name of the workload instance that wrote it
    qint64 startUs = 0; ///< since 1970, UTC; without a start_time: when the line came, less its duration
    double durationMs = 0;
    double upstreamMs = -1; ///< upstream_service_time
    QString method;
    QString authority;
    QString path;
    QString protocol;
    int status = -1;     ///< response_code; 0: no answer was sent (or no HTTP)
    QString flags;       ///< `URX,UF`; empty for `-`
    QString details;     ///< response_code_details
    QString termination; ///< connection_termination_details
    QString failure;     ///< upstream_transport_failure_reason
    QString route;       ///< route_name
    QString cluster;     ///< upstream_cluster
    QString upstreamHost;
    QString downstreamLocal;
    QString downstreamRemote;
    QString serverName; ///< requested_server_name
    QString requestId;
    QString peer;          ///< LogEntry::downstreamPeer
    QString upstreamLocal; ///< LogEntry::upstreamLocal
    qint64 bytesReceived = -1;
    qint64 bytesSent = -1;

    qint64 endUs() const { return startUs + static_cast<qint64>(durationMs * 1000); }
    /// A connection, not a request.
    bool isTcp() const { return method.isEmpty() && path.isEmpty() && status == 0; }
    bool hasFlag(QLatin1String flag) const;

    static LogLine from(const control::LogEntry &entry);
};

/// `2026-11-25T17:01:20.989Z` in microseconds since 1970; -1 if it is no such time.
qint64 parseStartTime(QStringView text);

/// `mesh:namespace/name` of `mesh:namespace/name#1` or `mesh:namespace/name:80`; empty for what is not a
/// workload's name (an address).
QString workloadOf(QStringView endpoint);

/// The last part of a workload's full name: `istio-egressgateway`, with `#1` kept.
QString shortName(QStringView proxy);

} // namespace sallyport::traffic
