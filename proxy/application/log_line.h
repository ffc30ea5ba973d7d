// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace sallyport::application {

/// A line of a text access log with what differs from run to run (times, durations, request ids, user agents)
/// written `*`. `format` is the Envoy format string the line was written by. A line that does not fit the
/// format comes back as it is.
std::string withoutVolatileParts(std::string_view line, std::string_view format);

/// The same for one operator, without its percent signs: `DURATION`, `REQ(X-REQUEST-ID)`.
bool isVolatileOperator(std::string_view command);

} // namespace sallyport::application
