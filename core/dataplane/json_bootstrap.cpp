// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"
#include "core/dataplane/static_runtime.h"

#include <QJsonDocument>
#include <QJsonParseError>

namespace sallyport::dataplane {

namespace {

constexpr const char *secretType = "envoy.extensions.transport_sockets.tls.v3.Secret";

/// Line and column of a byte offset, for texts that are no JSON.
Place placeOf(const QByteArray &text, qsizetype offset)
{
    const QByteArray before = text.left(offset);
    return {
        {}, static_cast<int>(before.count('\n')) + 1, static_cast<int>(offset - before.lastIndexOf('\n'))};
}

Result<QJsonObject> parseObject(const QByteArray &json)
{
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(json, &problem);
    if (problem.error != QJsonParseError::NoError) {
        const Place place = placeOf(json, problem.offset);
        return fail("this is no JSON: " + fromQt(problem.errorString()) + " at line " +
                    std::to_string(place.line) + ", column " + std::to_string(place.column));
    }
    if (!document.isObject())
        return fail("a JSON object is expected");
    return document.object();
}

} // namespace

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
            admin.ignored({"access_log_path", "socket_options", "ignore_global_conn_limit"});
            admin.refused({"allow_paths"});
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
    a.field("layered_runtime", m.layeredRuntime);
    a.field("stats_flush_interval", m.statsFlushInterval);
    a.field("stats_flush_on_admin", m.statsFlushOnAdmin);
    a.field("stats_server_version_override", m.statsServerVersionOverride);
    a.ignored({"flags_path",
               "cluster_manager",
               "watchdog",
               "watchdogs",
               "enable_dispatcher_stats",
               "use_tcp_for_dns_lookups",
               "dns_resolution_config",
               "typed_dns_resolver_config",
               "bootstrap_extensions",
               "fatal_actions",
               "default_socket_interface",
               "inline_headers",
               "perf_tracing_file_path",
               "default_regex_engine",
               "xds_delegate_extension",
               "xds_config_tracker_extension",
               "listener_manager",
               "application_log_config",
               "grpc_async_client_manager_config",
               "memory_allocator_manager"});
    a.refused({"header_prefix", "overload_manager", "stats_sinks"});
    a.refused({"dynamic_resources", "hds_config", "default_config_source", "config_sources",
               "certificate_provider_instances", "tracing"});
}
SALLYPORT_DESCRIBED(Bootstrap)

Result<Bootstrap> parseBootstrap(const QByteArray &json)
{
    Result<QJsonObject> object = parseObject(json);
    if (!object)
        return fail(object.error());
    ReadState state;
    JsonReader reader(withStaticRuntime(*object), {}, state);
    Bootstrap bootstrap;
    describe(reader, bootstrap);
    reader.finish();
    if (state.error)
        return fail(*state.error);
    return bootstrap;
}

Result<Bootstrap> decodeBootstrap(const QByteArray &json)
{
    Result<Bootstrap> bootstrap = parseBootstrap(json);
    if (!bootstrap)
        return bootstrap;
    if (Result<void> valid = validateBootstrap(*bootstrap); !valid)
        return fail(valid.error());
    return bootstrap;
}

QByteArray encodeBootstrap(const Bootstrap &bootstrap)
{
    return QJsonDocument(JsonWriter::write(bootstrap).toObject()).toJson(QJsonDocument::Indented);
}

std::vector<KnownField> knownFields()
{
    std::set<KnownField> asked;
    const auto list = [&]<typename... T>(T... messages) {
        const auto one = [&](auto &message) {
            ReadState state;
            state.asked = &asked;
            JsonReader reader({}, {}, state);
            describe(reader, message);
        };
        (one(messages), ...);
    };
    list(Bootstrap(), Listener(), FilterChain(), FilterChainMatch(), ListenerFilter(),
         HttpConnectionManager(), TcpProxy(), RouteConfiguration(), VirtualHost(), Route(), RouteMatch(),
         RouteAction(), RedirectAction(), DirectResponseAction(), WeightedCluster(), RetryPolicy(),
         HashPolicy(), MirrorPolicy());
    list(Cluster(), ClusterLoadAssignment(), LocalityLbEndpoints(), LbEndpoint(), CircuitBreakerThresholds(),
         OutlierDetection(), LbSubsetConfig(), UpstreamHttpProtocolOptions(), CommonHttpProtocolOptions(),
         Http1ProtocolOptions(), Http2ProtocolOptions(), LocalReplyConfig(), AccessLog(), AccessLogFilter(),
         FormatString());
    list(DownstreamTlsContext(), UpstreamTlsContext(), CommonTlsContext(), TlsParameters(), TlsCertificate(),
         CertificateValidationContext(), SubjectAltNameMatcher(), SdsSecretConfig(), Secret(), Rbac(),
         RbacRules(), RbacPolicy(), Fault(), CorsPolicy(), JwtAuthentication(), JwtProvider(),
         JwtRequirement(), ExtAuthz(), LocalRateLimit(), Router(), HttpFilter(), HeaderMatcher(),
         StringMatcher(), QueryParameterMatcher(), MetadataMatcher());
    // What one branch of a description reads, another may pass over.
    std::vector<KnownField> fields;
    for (const KnownField &field : asked) {
        const bool again =
            !fields.empty() && fields.back().message == field.message && fields.back().name == field.name;
        if (!again)
            fields.push_back(field);
    }
    return fields;
}

Result<std::vector<Secret>> decodeSecretFile(const QByteArray &json)
{
    Result<QJsonObject> object = parseObject(json);
    if (!object)
        return fail(object.error());
    ReadState state;
    std::vector<Secret> secrets;
    const QJsonArray resources = object->value(QLatin1String("resources")).toArray();
    for (qsizetype i = 0; i < resources.size(); ++i) {
        JsonReader reader(resources.at(i).toObject(), "resources[" + std::to_string(i) + ']', state);
        reader.ignored({"@type"});
        describe(reader, secrets.emplace_back());
        reader.finish();
    }
    if (state.error)
        return fail(*state.error);
    return secrets;
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
