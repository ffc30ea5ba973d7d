// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/base.h"

#include <chrono>

namespace sallyport::upstream {

/// Timers count milliseconds: what is configured finer is cut.
inline std::chrono::milliseconds wholeMilliseconds(dataplane::Duration duration)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration);
}

} // namespace sallyport::upstream
