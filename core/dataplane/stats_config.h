// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/matcher.h"

namespace sallyport::dataplane {

/// envoy.config.metrics.v3.StatsConfig: which statistics there are and how they are shown.
struct StatsConfig
{
    /// TagSpecifier: what is taken out of a statistic's name as a tag.
    struct Tag
    {
        std::string name;
        std::string regex; ///< ECMAScript; empty: the standard tag of that name
        std::optional<std::string> fixedValue;
        bool operator==(const Tag &) const = default;
    };
    /// StatsMatcher: which statistics are kept.
    enum class Kept { All, None, AllBut, Only };
    /// HistogramBucketSettings
    struct HistogramBounds
    {
        StringMatcher match; ///< on the histogram's full name
        std::vector<double> bounds;
        std::optional<std::uint32_t> bins;
        bool operator==(const HistogramBounds &) const = default;
    };

    std::vector<Tag> tags;
    std::optional<bool> useAllDefaultTags;
    Kept kept = Kept::All;
    std::vector<StringMatcher> patterns; ///< AllBut, Only: on full names
    std::vector<HistogramBounds> histogramBounds;

    bool operator==(const StatsConfig &) const = default;
};

} // namespace sallyport::dataplane
