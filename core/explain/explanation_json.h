// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/explanation.h"

#include <QJsonObject>

namespace sallyport::explain {

/// An explanation as one JSON object:
///   request      {from, method, url, headers: [[name, value]…]}
///   outcome      {status, error?, body?, location?, decidedBy, flags, details?, summary}; status 0: no
///   answer;
///                body only of answers that a proxy makes
///   probability  of the way that was followed; 1 where nothing is left to chance
///   hops         in the order of the way: {proxy, kind: client|sidecar|gateway|application, times, steps,
///   log?}
///     steps      {kind, mark: passed|refused|answered|note|uncertain, reason? (Step::reason), decision,
///                why: [text…], object?, sources: [{resource, file, line, column}…]}
///     log        what a proxy writes: {response_code, response_flags, response_code_details,
///     upstream_cluster,
///                route_name, requested_server_name, upstream_host, upstream_transport_failure_reason}, null
///                where it has nothing
/// Files are named below the project's folder.
QJsonObject toJson(const Explanation &explanation);

/// The fields of `log` above.
QJsonObject toJson(const LogLine &log);

/// The words of `mark` and `kind` above.
const char *nameOf(Mark mark);
const char *nameOf(Hop::Kind kind);

} // namespace sallyport::explain
