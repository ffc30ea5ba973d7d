// SPDX-License-Identifier: GPL-3.0-or-later
// source/common/stats/stats_matcher_impl.cc
#include "proxy/telemetry/kept_names.h"

#include "core/dataplane/value_matchers.h"

#include <algorithm>

namespace sallyport::telemetry {

StatsStore::Keeps keptNames(const dataplane::StatsConfig &configuration)
{
    using Kept = dataplane::StatsConfig::Kept;
    if (configuration.kept == Kept::All)
        return {};
    if (configuration.kept == Kept::None)
        return [](const std::string &) { return false; };
    std::vector<dataplane::CompiledString> patterns(configuration.patterns.begin(),
                                                    configuration.patterns.end());
    return
        [patterns = std::move(patterns), only = configuration.kept == Kept::Only](const std::string &name) {
            return only == std::any_of(patterns.begin(), patterns.end(),
                                       [&](const auto &pattern) { return pattern.matches(name); });
        };
}

} // namespace sallyport::telemetry
