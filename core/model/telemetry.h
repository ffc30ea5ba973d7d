// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/resource.h"

namespace sallyport::model {

/// telemetry.istio.io Telemetry; metrics and tracing are kept in the text and have no effect in a lab
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
    std::optional<Labels> selector;
    std::vector<std::string> targetNames;
    std::vector<AccessLogging> accessLogging;
};

} // namespace sallyport::model
