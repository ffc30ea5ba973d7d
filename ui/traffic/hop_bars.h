// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/request_row.h"

#include <vector>

namespace sallyport::traffic {

/// One proxy's time in a request, as its log gives it.
struct HopBar
{
    QString proxy; ///< full name
    QString note;  ///< response code details, flags
    Outcome outcome = Outcome::Passed;
    bool decided = false; ///< the answer was decided here
    double startMs = 0;   ///< since the outermost proxy began
    double durationMs = 0;
    double upstreamMs = -1; ///< of it, waiting for the next hop; -1: not logged
    int attempt = 0;        ///< of a retried hop, from 1; 0: the only one
};

/// A bar for each line, in the order of summarize(), and one for each hop that was not reached.
std::vector<HopBar> hopBars(const RequestRow &row, const std::vector<LogLine> &lines);
/// The length of the time axis: from the first start to the last end, never 0.
double spanMs(const std::vector<HopBar> &bars);

} // namespace sallyport::traffic
