// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/access_log.h"

namespace sallyport::dataplane {

/// envoy.extensions.filters.http.set_filter_state.v3.Config: what requests tell the filters behind. Of
/// Envoy's objects there is one here, `envoy.upstream.dynamic_port`: where a dynamic forward proxy goes when
/// the request's host has no port.
struct SetFilterState
{
    struct Value
    {
        std::string objectKey;
        FormatString format;
        bool skipIfEmpty = false;
        bool operator==(const Value &) const = default;
    };
    std::vector<Value> onRequestHeaders;

    bool operator==(const SetFilterState &) const = default;
};

inline constexpr const char *dynamicPortKey = "envoy.upstream.dynamic_port";

} // namespace sallyport::dataplane
