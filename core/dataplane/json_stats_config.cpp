// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

#include <algorithm>

namespace sallyport::dataplane {

namespace {

/// A ListStringMatcher of the StatsMatcher's oneof.
template<typename A>
void describePatterns(A &a, const char *name, StatsConfig &m, StatsConfig::Kept kept)
{
    if (takesCase(a, name, kept, m.kept))
        a.group(
            name, [&](A &list) { list.field("patterns", m.patterns); }, true);
}

template<typename A>
void describeMatcher(A &a, StatsConfig &m)
{
    using Kept = StatsConfig::Kept;
    a.message("envoy.config.metrics.v3.StatsMatcher");
    if constexpr (A::reading) {
        bool none = false;
        a.field("reject_all", none);
        if (none)
            m.kept = Kept::None;
    } else if (m.kept == Kept::None) {
        a.set("reject_all", true);
    }
    describePatterns(a, "exclusion_list", m, Kept::AllBut);
    describePatterns(a, "inclusion_list", m, Kept::Only);
}

} // namespace

template<typename A>
void describe(A &a, StatsConfig::Tag &m)
{
    a.message("envoy.config.metrics.v3.TagSpecifier");
    a.field("tag_name", m.name);
    a.field("regex", m.regex);
    a.field("fixed_value", m.fixedValue);
    a.check(!m.name.empty() || m.fixedValue, "tag_name", "a tag's name is required");
}
SALLYPORT_DESCRIBED(StatsConfig::Tag)

template<typename A>
void describe(A &a, StatsConfig::HistogramBounds &m)
{
    a.message("envoy.config.metrics.v3.HistogramBucketSettings");
    a.field("match", m.match);
    a.field("buckets", m.bounds);
    a.field("bins", m.bins);
    if constexpr (A::reading)
        std::sort(m.bounds.begin(), m.bounds.end());
}
SALLYPORT_DESCRIBED(StatsConfig::HistogramBounds)

template<typename A>
void describe(A &a, StatsConfig &m)
{
    a.message("envoy.config.metrics.v3.StatsConfig");
    a.field("stats_tags", m.tags);
    a.field("use_all_default_tags", m.useAllDefaultTags);
    if (A::reading || m.kept != StatsConfig::Kept::All)
        a.group("stats_matcher", [&](A &matcher) { describeMatcher(matcher, m); });
    a.field("histogram_bucket_settings", m.histogramBounds);
}
SALLYPORT_DESCRIBED(StatsConfig)

} // namespace sallyport::dataplane
