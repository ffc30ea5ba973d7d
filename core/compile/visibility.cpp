// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/visibility.h"

#include <algorithm>

namespace sallyport::compile {

bool isVisible(const std::vector<std::string> &exportTo, const std::string &owner, const std::string &viewer)
{
    if (exportTo.empty())
        return true;
    return std::any_of(exportTo.begin(), exportTo.end(), [&](const std::string &target) {
        return target == "*" || target == viewer || (target == "." && owner == viewer);
    });
}

int exportRank(const std::vector<std::string> &exportTo, const std::string &owner)
{
    if (exportTo.empty() || std::find(exportTo.begin(), exportTo.end(), "*") != exportTo.end())
        return 2;
    const bool own = std::all_of(exportTo.begin(), exportTo.end(), [&owner](const std::string &target) {
        return target == "." || target == owner || target == "~";
    });
    return own ? 0 : 1;
}

} // namespace sallyport::compile
