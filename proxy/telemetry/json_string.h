// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/line_buffer.h"

#include <string>
#include <string_view>

namespace sallyport::telemetry {

/// `text` as a JSON string, quotes included; bytes that are no UTF-8 become `\u00XX`.
void appendJsonString(std::string &out, std::string_view text);
void putJsonString(LineBuffer &out, std::string_view text);

} // namespace sallyport::telemetry
