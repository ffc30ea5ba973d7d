// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

#include <algorithm>
#include <array>

namespace sallyport::dataplane {

namespace {

using Form = FilterObjectForm;

// Measured, 1.40. Some act on what is not here (an HTTP filter's word comes too late for a TCP proxy), and
// are shown in logs all the same.
constexpr std::array factories{
    FilterObjectFactory{"envoy.ai.llm_protocol.request", Form::Hidden},
    FilterObjectFactory{"envoy.filters.listener.original_dst.local_ip", Form::Address},
    FilterObjectFactory{"envoy.filters.listener.original_dst.remote_ip", Form::Address},
    FilterObjectFactory{"envoy.hashable_string", Form::String, true},
    FilterObjectFactory{applicationProtocolsKey, Form::Hidden},
    FilterObjectFactory{"envoy.network.ip", Form::Ip},
    FilterObjectFactory{originalDstAddressKey, Form::Address},
    FilterObjectFactory{upstreamServerNameKey, Form::PlainOnly},
    FilterObjectFactory{upstreamAltNamesKey, Form::PlainOnly},
    FilterObjectFactory{"envoy.ratelimit.hits_addend", Form::Number32},
    FilterObjectFactory{routerDebugKey, Form::TrueOrNone},
    FilterObjectFactory{"envoy.string", Form::String},
    FilterObjectFactory{"envoy.tcp_proxy.cluster", Form::PlainOnly},
    FilterObjectFactory{"envoy.tcp_proxy.disable_tunneling", Form::Bool},
    FilterObjectFactory{"envoy.tcp_proxy.per_connection_idle_timeout_ms", Form::Number64},
    FilterObjectFactory{dynamicHostKey, Form::String},
    FilterObjectFactory{dynamicPortKey, Form::Number32},
};

} // namespace

const FilterObjectFactory *filterObjectFactory(std::string_view name)
{
    const auto *found = std::find_if(factories.begin(), factories.end(),
                                     [name](const FilterObjectFactory &each) { return each.name == name; });
    return found == factories.end() ? nullptr : found;
}

template<typename A>
void describe(A &a, SetFilterState::Value &m)
{
    a.message("envoy.extensions.filters.common.set_filter_state.v3.FilterStateValue");
    a.field("object_key", m.objectKey);
    a.field("factory_key", m.factoryKey);
    a.check(filterObjectFactory(m.factory()) != nullptr, m.factoryKey.empty() ? "object_key" : "factory_key",
            "Envoy has no object factory of this name, or what it is for is not here");
    a.field("format_string", m.format);
    a.word("shared_with_upstream", m.sharedWithUpstream, {"NONE", "ONCE", "TRANSITIVE"});
    a.field("skip_if_empty", m.skipIfEmpty);
    // Envoy lets a later value take its place all the same.
    a.ignored({"read_only"});
}
SALLYPORT_DESCRIBED(SetFilterState::Value)

template<typename A>
void describe(A &a, SetFilterState &m)
{
    a.message("envoy.extensions.filters.http.set_filter_state.v3.Config");
    a.field("on_request_headers", m.onRequestHeaders);
    a.field("clear_route_cache", m.clearRouteCache);
}
SALLYPORT_DESCRIBED(SetFilterState)

} // namespace sallyport::dataplane
