// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/resource.h"

namespace sallyport::model {

/// telemetry.istio.io Telemetry; metrics are kept in the text and have no effect in a lab
struct Telemetry : Resource
{
    enum class LogMode { ClientAndServer, Client, Server };
    struct AccessLogging
    {
        std::vector<std::string> providers;
        LogMode mode = LogMode::ClientAndServer;
        std::optional<bool> disabled;
        std::optional<std::string> filterExpression; ///< CEL
        std::string fieldPath;
    };
    /// What of tracing decides whether a proxy takes part in it.
    struct Tracing
    {
        std::vector<std::string> providers;
        LogMode mode = LogMode::ClientAndServer;
        std::optional<bool> disabled;         ///< disableSpanReporting
        std::optional<double> randomSampling; ///< randomSamplingPercentage
        std::optional<bool> useRequestIdForTraceSampling;
        std::optional<bool> disableContextPropagation;
    };
    std::optional<Labels> selector;
    std::vector<std::string> targetNames;
    std::vector<AccessLogging> accessLogging;
    std::vector<Tracing> tracing;
};

} // namespace sallyport::model
