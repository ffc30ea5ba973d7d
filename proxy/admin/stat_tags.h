// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/stats_config.h"
#include "core/result/result.h"

#include <memory>
#include <string>
#include <vector>

namespace sallyport::admin {

/// A variable part of a statistic's name.
struct StatTag
{
    std::string name; ///< `envoy.cluster_name`
    std::string value;
};

/// A statistic's name with its variable parts taken out as tags.
struct TaggedStat
{
    std::string name;
    std::vector<StatTag> tags;
};

/// Takes tags out of the names of statistics: Envoy's standard ones and those of `stats_tags`, in Envoy's
/// order (source/common/stats/tag_producer_impl.cc, source/common/config/well_known_names.cc).
class TagProducer
{
public:
    /// The standard tags. A cluster's name ends at its first dot.
    TagProducer();
    /// An error's place is in the bootstrap.
    static Result<TagProducer> create(const dataplane::StatsConfig &configuration);

    TaggedStat extract(const std::string &name) const;

private:
    struct Extractor;
    using Extractors = std::vector<std::shared_ptr<const Extractor>>;
    Result<void> addOwn(const dataplane::StatsConfig::Tag &tag);
    void addStandard(const std::string *tag);
    bool hasTag(const std::string &tag) const;

    Extractors m_forAnyName;
    Extractors m_byFirstPart; ///< of a name, with which their expressions begin
};

} // namespace sallyport::admin
