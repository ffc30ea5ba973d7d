// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/access_log.h"

#include <optional>
#include <string_view>

namespace sallyport::dataplane {

/// What Envoy's object factories make of a text, and in which forms `%FILTER_STATE(…)%` shows it.
enum class FilterObjectForm : std::uint8_t {
    String,     ///< any text
    PlainOnly,  ///< a text that has no typed form
    Hidden,     ///< it acts and is not shown
    Ip,         ///< an IP address
    Address,    ///< an IP address with a port; its `ip` and `port` can be shown alone
    Number32,   ///< unsigned
    Number64,   ///< unsigned; typed it is a text
    Bool,       ///< `true`, or else false
    TrueOrNone, ///< `true`, or there is no such object; not shown
};

/// One of Envoy's factories.
struct FilterObjectFactory
{
    std::string_view name;
    FilterObjectForm form;
    bool hashable = false; ///< a hash policy finds it, and connections are not shared across its values
};
/// Null: there is none of this name, or what it would be for is not here.
const FilterObjectFactory *filterObjectFactory(std::string_view name);

/// envoy.extensions.filters.http.set_filter_state.v3.Config: what requests tell the filters behind, the
/// router and the logs.
struct SetFilterState
{
    enum class Sharing : std::uint8_t { None, Once, Transitive };
    struct Value
    {
        std::string objectKey;
        std::string factoryKey; ///< empty: objectKey
        FormatString format;
        Sharing sharedWithUpstream = Sharing::None;
        bool skipIfEmpty = false;

        const std::string &factory() const { return factoryKey.empty() ? objectKey : factoryKey; }
        bool operator==(const Value &) const = default;
    };
    std::vector<Value> onRequestHeaders;
    bool clearRouteCache = false;

    bool operator==(const SetFilterState &) const = default;
};

// Objects that the gateway itself asks for.
inline constexpr std::string_view dynamicHostKey = "envoy.upstream.dynamic_host";
inline constexpr std::string_view dynamicPortKey = "envoy.upstream.dynamic_port";
inline constexpr std::string_view upstreamServerNameKey = "envoy.network.upstream_server_name";
inline constexpr std::string_view upstreamAltNamesKey = "envoy.network.upstream_subject_alt_names";
inline constexpr std::string_view applicationProtocolsKey = "envoy.network.application_protocols";
inline constexpr std::string_view originalDstAddressKey =
    "envoy.network.transport_socket.original_dst_address";
inline constexpr std::string_view routerDebugKey = "envoy.router.debug_config";

} // namespace sallyport::dataplane
