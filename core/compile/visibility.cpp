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

bool isPublic(const std::vector<std::string> &exportTo)
{
    return exportTo.empty() || std::find(exportTo.begin(), exportTo.end(), "*") != exportTo.end();
}

int exportRank(const std::vector<std::string> &exportTo, const std::string &owner, const std::string &viewer)
{
    return isPublic(exportTo) ? 2 : owner == viewer ? 0 : 1;
}

} // namespace sallyport::compile
