// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/resource.h"

#include <optional>
#include <string_view>

namespace sallyport::model {

/// Go's duration texts, `1.5s`, `1h30m`, `250ms`; nothing if it is none or does not fit 64 bits of
/// nanoseconds.
std::optional<Duration> parseDuration(std::string_view text);

} // namespace sallyport::model
