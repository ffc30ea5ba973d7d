// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace sallyport::dataplane {

/// Without NUL and line ends, which no header value holds.
inline bool isOneLine(std::string_view text)
{
    return text.find_first_of(std::string_view("\0\r\n", 3)) == std::string_view::npos;
}

} // namespace sallyport::dataplane
