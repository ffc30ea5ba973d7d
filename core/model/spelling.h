// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace sallyport::model {

/// The word of `known` that `written` is most likely a slip of: few letters differ, or only case and
/// underscores do. Empty if nothing is near.
std::string closestSpelling(std::string_view written, const std::set<std::string, std::less<>> &known);

} // namespace sallyport::model
