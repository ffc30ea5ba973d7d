// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

template<typename A>
void describe(A &a, SetFilterState::Value &m)
{
    a.message("envoy.extensions.filters.common.set_filter_state.v3.FilterStateValue");
    a.field("object_key", m.objectKey);
    a.check(m.objectKey == dynamicPortKey, "object_key",
            "of Envoy's filter state this gateway knows envoy.upstream.dynamic_port only");
    a.field("format_string", m.format);
    a.field("skip_if_empty", m.skipIfEmpty);
    // Nobody writes it twice, and it has no upstream.
    a.ignored({"read_only", "shared_with_upstream"});
    a.refused({"factory_key"});
}
SALLYPORT_DESCRIBED(SetFilterState::Value)

template<typename A>
void describe(A &a, SetFilterState &m)
{
    a.message("envoy.extensions.filters.http.set_filter_state.v3.Config");
    a.field("on_request_headers", m.onRequestHeaders);
    a.refused({"clear_route_cache"});
}
SALLYPORT_DESCRIBED(SetFilterState)

} // namespace sallyport::dataplane
