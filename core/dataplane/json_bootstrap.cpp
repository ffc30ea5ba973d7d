// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_check.h"
#include "core/dataplane/describe.h"
#include "core/dataplane/json_text.h"
#include "core/dataplane/runtime_features.h"
#include "core/dataplane/static_runtime.h"

#include <QJsonDocument>

#include <algorithm>
#include <set>

namespace sallyport::dataplane {

namespace {

constexpr const char *standardSockets = "envoy.extensions.network.socket_interface.default_socket_interface";
constexpr const char *bootstrapType = "envoy.config.bootstrap.v3.Bootstrap";
constexpr const char *secretType = "envoy.extensions.transport_sockets.tls.v3.Secret";

/// One of `bootstrap_extensions`. Those that are known make something possible that a bootstrap would have to
/// ask for elsewhere, where it is refused.
struct BootstrapExtension
{
};

void describe(JsonReader &a, BootstrapExtension &)
{
    a.ignored({"name"});
    a.any("typed_config", [](JsonReader &config, const std::string &type) {
        const bool known = type == "envoy.extensions.bootstrap.internal_listener.v3.InternalListener" ||
                           type == "envoy.extensions.network.socket_interface.v3.DefaultSocketInterface";
        config.check(known || config.state().asked != nullptr, "@type",
                     "this extension is not supported by this gateway");
        config.ignoreRest();
    });
}

/// Values are numbers, texts, switches, fractions and structs of them.
void checkRuntime(JsonReader &a, const QJsonObject &values, const std::string &path)
{
    for (auto it = values.constBegin(); it != values.constEnd(); ++it) {
        const std::string at = path + '.' + fromQt(it.key());
        if (it.value().isArray() || it.value().isNull())
            a.fail(at.c_str(), "Invalid runtime entry value for " + fromQt(it.key()));
        if (it.value().isObject())
            checkRuntime(a, it.value().toObject(), at);
    }
}

/// A listener that is stated again by its name is an update of the first.
void keepLastOfEachName(std::vector<Listener> &listeners)
{
    std::vector<Listener> kept;
    for (Listener &listener : listeners) {
        const auto same = std::find_if(kept.begin(), kept.end(), [&](const Listener &earlier) {
            return !listener.name.empty() && earlier.name == listener.name;
        });
        if (same == kept.end())
            kept.push_back(std::move(listener));
        else
            *same = std::move(listener);
    }
    listeners = std::move(kept);
}

} // namespace

template<typename A>
void describe(A &a, RuntimeLayer &m)
{
    a.message("envoy.config.bootstrap.v3.RuntimeLayer");
    a.field("name", m.name);
    a.refused({"disk_layer", "rtds_layer"});
    if constexpr (A::reading) {
        m.isAdmin = a.has("admin_layer");
        a.group("admin_layer", [](A &) {});
        a.field("static_layer", m.values);
        checkRuntime(a, m.values, "static_layer");
    } else {
        a.set(m.isAdmin ? "admin_layer" : "static_layer", m.isAdmin ? QJsonObject() : m.values);
    }
}
SALLYPORT_DESCRIBED(RuntimeLayer)

template<typename A>
void describe(A &a, Bootstrap &m)
{
    a.message("envoy.config.bootstrap.v3.Bootstrap");
    a.group("node", [&](A &node) {
        node.message("envoy.config.core.v3.Node");
        node.field("id", m.node.id);
        node.field("cluster", m.node.cluster);
        static const Locality none;
        node.field("locality", m.node.locality, none);
        node.field("metadata", m.node.metadata);
        node.ignored({"user_agent_name", "user_agent_version", "user_agent_build_version", "extensions",
                      "client_features", "listening_addresses", "dynamic_parameters"});
    });
    if (A::reading || m.admin) {
        const auto describeAdmin = [&](A &admin) {
            admin.message("envoy.config.bootstrap.v3.Admin");
            Bootstrap::Admin value = m.admin.value_or(Bootstrap::Admin());
            admin.field("address", value.address);
            admin.field("access_log", value.accessLogs);
            admin.field("profile_path", value.profilePath);
            admin.ignored({"ignore_global_conn_limit"});
            admin.refused({"allow_paths", "socket_options"});
            if constexpr (A::reading) {
                AccessLog log;
                admin.field("access_log_path", log.path);
                if (!log.path.empty())
                    value.accessLogs.push_back(log);
            }
            if constexpr (A::reading)
                m.admin = value;
        };
        a.group("admin", describeAdmin, true);
    }
    a.group("static_resources", [&](A &resources) {
        resources.message("envoy.config.bootstrap.v3.Bootstrap.StaticResources");
        resources.field("listeners", m.listeners);
        resources.field("clusters", m.clusters);
        resources.field("secrets", m.secrets);
    });
    a.field("stats_config", m.statsConfig);
    a.group("layered_runtime", [&](A &runtime) {
        runtime.message("envoy.config.bootstrap.v3.LayeredRuntime");
        runtime.field("layers", m.runtimeLayers);
        std::set<std::string> names;
        for (const RuntimeLayer &layer : m.runtimeLayers)
            runtime.check(names.insert(layer.name).second, "layers", "Duplicate layer name");
        runtime.check(std::count_if(m.runtimeLayers.begin(), m.runtimeLayers.end(),
                                    [](const RuntimeLayer &layer) { return layer.isAdmin; }) < 2,
                      "layers",
                      "Too many admin layers specified in LayeredRuntime. At most one may be specified.");
    });
    a.field("stats_flush_interval", m.statsFlushInterval);
    a.field("stats_flush_on_admin", m.statsFlushOnAdmin);
    if constexpr (A::reading)
        a.check(!a.has("stats_flush_on_admin") || !a.has("stats_flush_interval"), "stats_flush_on_admin",
                "Only one of stats_flush_interval or stats_flush_on_admin should be set!");
    a.field("stats_server_version_override", m.statsServerVersionOverride);
    a.ignored({"flags_path", "watchdog", "watchdogs", "enable_dispatcher_stats", "fatal_actions",
               "perf_tracing_file_path", "application_log_config", "grpc_async_client_manager_config",
               "memory_allocator_manager"});
    a.group("cluster_manager", [&](A &manager) {
        manager.field("local_cluster_name", m.localClusterName);
        manager.ignored({"load_stats_config", "enable_deferred_cluster_creation"});
        manager.refused({"outlier_detection", "upstream_bind_config"});
    });
    describeResolver(a, "use_tcp_for_dns_lookups", m.dnsResolver);
    describeNeutralExtension(a, "default_regex_engine", {"envoy.extensions.regex_engines.v3.GoogleRE2"});
    describeNeutralExtension(a, "listener_manager", {"envoy.config.listener.v3.ListenerManager"});
    if constexpr (A::reading) {
        std::string sockets = standardSockets;
        a.field("default_socket_interface", sockets);
        a.check(sockets == standardSockets, "default_socket_interface",
                "this socket interface is not supported by this gateway");
        std::vector<BootstrapExtension> extensions;
        a.field("bootstrap_extensions", extensions);
    }
    a.field("overload_manager", m.overloadManager);
    a.refused({"header_prefix", "inline_headers", "stats_sinks"});
    a.refused({"dynamic_resources", "hds_config", "default_config_source", "config_sources",
               "certificate_provider_instances", "tracing", "xds_delegate_extension",
               "xds_config_tracker_extension"});
}
SALLYPORT_DESCRIBED(Bootstrap)

Result<Bootstrap> parseBootstrap(const QByteArray &json, const QJsonObject &adminRuntime)
{
    Result<JsonText> text = readJsonText(json);
    if (!text)
        return fail(text.error());
    ReadState state;
    state.marks = std::move(text->marks);
    const QJsonObject checked = checkedMessage(text->object, bootstrapType, {}, state);
    if (state.error)
        return fail(*state.error);
    state.apiChecked = true;
    JsonReader reader(withStaticRuntime(checked, adminRuntime), {}, state);
    Bootstrap bootstrap;
    describe(reader, bootstrap);
    reader.finish();
    if (state.error)
        return fail(*state.error);
    for (RuntimeLayer &layer : bootstrap.runtimeLayers) {
        if (layer.isAdmin)
            layer.values = adminRuntime;
    }
    applyRuntimeFeatures(bootstrap);
    return bootstrap;
}

Result<Bootstrap> decodeBootstrap(const QByteArray &json, const QJsonObject &adminRuntime)
{
    Result<Bootstrap> bootstrap = parseBootstrap(json, adminRuntime);
    if (!bootstrap)
        return bootstrap;
    if (Result<void> valid = validateBootstrap(*bootstrap); !valid)
        return fail(valid.error());
    keepLastOfEachName(bootstrap->listeners);
    return bootstrap;
}

QByteArray encodeBootstrap(const Bootstrap &bootstrap)
{
    return QJsonDocument(JsonWriter::write(bootstrap).toObject()).toJson(QJsonDocument::Indented);
}

Result<SecretFile> decodeSecretFile(const QByteArray &json)
{
    Result<JsonText> text = readJsonText(json);
    if (!text)
        return fail(text.error());
    ReadState state;
    state.marks = std::move(text->marks);
    SecretFile file;
    file.version = text->object.value(QLatin1String("version_info")).toString().toStdString();
    const QJsonArray resources = text->object.value(QLatin1String("resources")).toArray();
    for (qsizetype i = 0; i < resources.size(); ++i) {
        const std::string path = "resources[" + std::to_string(i) + ']';
        QJsonObject resource = resources.at(i).toObject();
        resource.remove(QLatin1String("@type"));
        const QJsonObject checked = checkedMessage(resource, secretType, path, state);
        if (state.error)
            return fail(*state.error);
        JsonReader reader(checked, path, state);
        describe(reader, file.secrets.emplace_back());
        reader.finish();
    }
    if (state.error)
        return fail(*state.error);
    return file;
}

QByteArray encodeSecretFile(const std::vector<Secret> &secrets)
{
    QJsonArray resources;
    for (const Secret &secret : secrets) {
        QJsonObject object = JsonWriter::write(secret).toObject();
        object[QLatin1String("@type")] = QLatin1String(typePrefix) + QLatin1String(secretType);
        resources.append(object);
    }
    return QJsonDocument(QJsonObject{{QStringLiteral("resources"), resources}})
        .toJson(QJsonDocument::Compact);
}

} // namespace sallyport::dataplane
