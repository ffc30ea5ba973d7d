// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/log_line.h"

#include <vector>

namespace sallyport::traffic {

/// A later line is what an earlier one caused: `child` came over the connection that `parent` opened.
/// Holds if both ends of one connection are in the two lines.
bool isSameConnection(const LogLine &parent, const LogLine &child);

/// `child` began while `parent` was under way. Log times are cut to milliseconds, which is allowed for.
bool isWithin(const LogLine &parent, const LogLine &child);

/// Puts the lines of one request in the order in which it met the proxies: each after the line that caused
/// it, attempts of a retry in their order. Lines of which that is not known follow by time.
void orderHops(std::vector<LogLine> &lines);

} // namespace sallyport::traffic
