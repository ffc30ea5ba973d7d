// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/traffic_policy.h"

namespace sallyport::model {

/// networking.istio.io DestinationRule
struct DestinationRule : Resource
{
    struct Subset
    {
        std::string name;
        Labels labels;
        std::optional<TrafficPolicy> trafficPolicy;
    };
    std::string host;
    std::optional<TrafficPolicy> trafficPolicy;
    std::vector<Subset> subsets;
    std::vector<std::string> exportTo;
    std::optional<Labels> workloadSelector;
};

} // namespace sallyport::model
