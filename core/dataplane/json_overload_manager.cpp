// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

#include <algorithm>
#include <set>

namespace sallyport::dataplane {

namespace {

using MonitorKind = OverloadManager::Monitor::Kind;

constexpr const char *maxConnectionsType =
    "envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig";
constexpr const char *maxConnectionsName = "envoy.resource_monitors.global_downstream_max_connections";
constexpr const char *fixedHeapType = "envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig";
constexpr const char *injectedResourceType =
    "envoy.extensions.resource_monitors.injected_resource.v3.InjectedResourceConfig";

/// Actions that this gateway carries out.
constexpr const char *actionNames[] = {
    "envoy.overload_actions.stop_accepting_requests",
    "envoy.overload_actions.disable_http_keepalive",
    "envoy.overload_actions.stop_accepting_connections",
    "envoy.overload_actions.reject_incoming_connections",
};

} // namespace

template<typename A>
void describe(A &a, OverloadManager::Monitor &m)
{
    a.message("envoy.config.overload.v3.ResourceMonitor");
    a.field("name", m.name);
    if constexpr (A::reading) {
        const bool typed = a.any("typed_config", [&m](JsonReader &config, const std::string &type) {
            if (type == maxConnectionsType)
                m.kind = MonitorKind::MaxConnections;
            else if (type == injectedResourceType)
                m.kind = MonitorKind::InjectedResource;
            else if (type != fixedHeapType && config.state().asked == nullptr)
                config.fail("@type", "this resource monitor is not supported by this gateway: " + type);
            config.field("max_active_downstream_connections", m.limit);
            config.field("max_heap_size_bytes", m.limit);
            config.field("filename", m.filename);
            config.ignoreRest();
        });
        a.check(typed, "typed_config", "a resource monitor needs its configuration");
        // This one is asked before it is too late, and found by its name.
        a.check((m.name == maxConnectionsName) == (m.kind == MonitorKind::MaxConnections) || a.state().asked,
                "typed_config", "Didn't find a registered implementation for this name with this type");
    } else {
        const char *type = m.kind == MonitorKind::MaxConnections ? maxConnectionsType
                           : m.kind == MonitorKind::FixedHeap    ? fixedHeapType
                                                                 : injectedResourceType;
        QJsonObject config{{QStringLiteral("@type"), QLatin1String(typePrefix) + QLatin1String(type)}};
        if (m.kind == MonitorKind::InjectedResource)
            config[QStringLiteral("filename")] = toQt(m.filename);
        else
            config[QLatin1String(m.kind == MonitorKind::MaxConnections ? "max_active_downstream_connections"
                                                                       : "max_heap_size_bytes")] =
                JsonWriter::write(m.limit);
        a.set("typed_config", config);
    }
}
SALLYPORT_DESCRIBED(OverloadManager::Monitor)

template<typename A>
void describe(A &a, OverloadManager::Trigger &m)
{
    a.message("envoy.config.overload.v3.Trigger");
    a.field("name", m.monitor);
    if (A::reading || !m.saturation) {
        a.group(
            "threshold", [&m](A &inner) { inner.field("value", m.threshold); }, true);
    }
    if (A::reading || m.saturation) {
        a.group(
            "scaled",
            [&m](A &inner) {
                if constexpr (A::reading)
                    m.saturation = 0;
                inner.field("scaling_threshold", m.threshold);
                inner.field("saturation_threshold", m.saturation);
            },
            true);
    }
    a.check(!m.saturation || m.threshold < *m.saturation, "scaled",
            "scaling_threshold must be less than saturation_threshold");
}
SALLYPORT_DESCRIBED(OverloadManager::Trigger)

template<typename A>
void describe(A &a, OverloadManager::Action &m)
{
    a.message("envoy.config.overload.v3.OverloadAction");
    a.field("name", m.name);
    a.field("triggers", m.triggers);
    a.refused({"typed_config"});
    if constexpr (A::reading) {
        const bool known =
            std::find(std::begin(actionNames), std::end(actionNames), m.name) != std::end(actionNames);
        if (!known && a.state().asked == nullptr)
            a.fail("name", "this overload action is not supported by this gateway: " + m.name);
    }
}
SALLYPORT_DESCRIBED(OverloadManager::Action)

template<typename A>
void describe(A &a, OverloadManager &m)
{
    a.message("envoy.config.overload.v3.OverloadManager");
    a.field("refresh_interval", m.refreshInterval);
    a.field("resource_monitors", m.monitors);
    a.field("actions", m.actions);
    a.refused({"loadshed_points", "buffer_factory_config"});
    if constexpr (A::reading) {
        std::set<std::string> monitors;
        for (const OverloadManager::Monitor &monitor : m.monitors) {
            if (!monitors.insert(monitor.name).second)
                a.fail("resource_monitors", "Duplicate resource monitor " + monitor.name);
        }
        std::set<std::string> actions;
        for (const OverloadManager::Action &action : m.actions) {
            if (!actions.insert(action.name).second)
                a.fail("actions", "Duplicate overload action " + action.name);
            std::set<std::string> triggers;
            for (const OverloadManager::Trigger &trigger : action.triggers) {
                if (!monitors.contains(trigger.monitor))
                    a.fail("actions", "Unknown trigger resource " + trigger.monitor +
                                          " for overload action " + action.name);
                if (!triggers.insert(trigger.monitor).second)
                    a.fail("actions", "Duplicate trigger resource for overload action " + action.name);
            }
        }
    }
}
SALLYPORT_DESCRIBED(OverloadManager)

} // namespace sallyport::dataplane
