// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sallyport::model {

/// RFC 4648 §4 with line breaks and blanks left out; nothing if the text is something else.
std::optional<std::string> fromBase64(std::string_view text);

} // namespace sallyport::model
