// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace sallyport::telemetry {

/// Envoy's START_TIME formats: strftime with `%1f`…`%9f` and `%s`; empty: `2026-11-24T12:00:00.000Z`.
void appendTime(std::string &out, std::chrono::system_clock::time_point time, std::string_view format,
                bool local);

} // namespace sallyport::telemetry
