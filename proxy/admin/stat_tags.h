// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace sallyport::admin {

struct StatTag
{
    std::string name; ///< `envoy_cluster_name`
    std::string value;
};

/// A statistic's name with its variable parts taken out as tags.
struct TaggedStat
{
    std::string name;
    std::vector<StatTag> tags;
};

/// Envoy's standard extraction, in its order (source/common/config/well_known_names.cc). A cluster's name
/// ends at its first dot.
TaggedStat extractTags(const std::string &name);

} // namespace sallyport::admin
