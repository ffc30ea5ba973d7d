// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

#include <algorithm>

namespace sallyport::dataplane {

namespace {

/// A ListStringMatcher of the StatsMatcher's oneof.
template<typename A>
void describePatterns(A &a, const char *name, StatsConfig &m, StatsConfig::Kept kept)
{
    if constexpr (A::reading) {
        if (a.has(name))
            m.kept = kept;
    } else if (m.kept != kept) {
        return;
    }
    a.group(
        name,
        [&](A &list) {
            list.field("patterns", m.patterns);
            list.check(!m.patterns.empty(), "patterns", "at least one pattern is required");
        },
        true);
}

template<typename A>
void describeMatcher(A &a, StatsConfig &m)
{
    using Kept = StatsConfig::Kept;
    a.message("envoy.config.metrics.v3.StatsMatcher");
    if constexpr (A::reading) {
        bool none = false;
        const auto given = static_cast<int>(a.has("reject_all")) + static_cast<int>(a.has("exclusion_list")) +
                           static_cast<int>(a.has("inclusion_list"));
        a.check(given == 1, "", "exactly one of reject_all, exclusion_list and inclusion_list is required");
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
    a.check(m.regex.size() <= 1024, "regex", "a tag's expression has at most 1024 bytes");
    a.check(m.regex.empty() || !m.fixedValue, "", "one of regex and fixed_value, not both");
}
SALLYPORT_DESCRIBED(StatsConfig::Tag)

template<typename A>
void describe(A &a, StatsConfig::HistogramBounds &m)
{
    a.message("envoy.config.metrics.v3.HistogramBucketSettings");
    a.field("match", m.match);
    a.field("buckets", m.bounds);
    a.field("bins", m.bins);
    if constexpr (A::reading) {
        a.check(a.has("match"), "match", "a match is required");
        std::vector<double> sorted = m.bounds;
        std::sort(sorted.begin(), sorted.end());
        a.check(sorted.empty() || sorted.front() > 0, "buckets", "a bucket's bound is greater than 0");
        a.check(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end(), "buckets",
                "no bound stands twice");
        a.check(!m.bins || (*m.bins > 0 && *m.bins <= 46082), "bins", "1 to 46082 bins");
        m.bounds = std::move(sorted);
    }
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
