// SPDX-License-Identifier: GPL-3.0-or-later
// `/ready`, `/server_info`, `/listeners`, `/certs`, `/memory`: what the process is and has.
#include "proxy/admin/admin_endpoint.h"
#include "proxy/admin/admin_json.h"
#include "proxy/upstream/cluster_manager.h"

#include <QCoreApplication>
#include <algorithm>
#include <fstream>
#include <malloc.h>

namespace sallyport::admin {

namespace {

const char *stateName(Lifecycle lifecycle)
{
    switch (lifecycle) {
    case Lifecycle::Live:
        return "LIVE";
    case Lifecycle::Draining:
        return "DRAINING";
    case Lifecycle::PreInitializing:
        return "PRE_INITIALIZING";
    case Lifecycle::Initializing:
        break;
    }
    return "INITIALIZING";
}

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

QString seconds(std::chrono::seconds value)
{
    return QString::number(value.count()) + QLatin1Char('s');
}

QJsonObject certificateJson(const net::CertificateInUse &certificate)
{
    QJsonArray names;
    const auto add = [&](const char *kind, const std::vector<std::string> &list) {
        for (const std::string &name : list)
            names.append(QJsonObject{{QLatin1String(kind), text(name)}});
    };
    add("dns", certificate.facts.dnsSans);
    add("uri", certificate.facts.uriSans);
    add("ip_address", certificate.facts.ipSans);
    const auto left = certificate.facts.notAfter - std::chrono::system_clock::now();
    const auto days =
        std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::hours>(left).count() / 24);
    QJsonObject json{{QStringLiteral("path"), text(certificate.path)},
                     {QStringLiteral("serial_number"), text(certificate.facts.serial)},
                     {QStringLiteral("subject_alt_names"), names},
                     {QStringLiteral("days_until_expiration"), QString::number(days)},
                     {QStringLiteral("valid_from"), timeJson(certificate.facts.notBefore)},
                     {QStringLiteral("expiration_time"), timeJson(certificate.facts.notAfter)}};
    if (certificate.staple) {
        const auto now = std::chrono::system_clock::now();
        json.insert(QStringLiteral("ocsp_details"),
                    QJsonObject{{QStringLiteral("valid_from"), timeJson(certificate.staple->validFrom)},
                                {QStringLiteral("expiration"),
                                 timeJson(certificate.staple->expiration.value_or(now))}});
    }
    return json;
}

} // namespace

AdminAnswer readyEndpoint(const AdminRequest &, ServerState &state)
{
    const Lifecycle lifecycle = state.lifecycle();
    return {lifecycle == Lifecycle::Live ? 200U : 503U, std::string(stateName(lifecycle)) + '\n'};
}

AdminAnswer listenersEndpoint(const AdminRequest &request, ServerState &state)
{
    if (request.get("format") == "json") {
        QJsonArray statuses;
        for (const ListenerStatus &listener : state.listeners()) {
            QJsonObject status{{QStringLiteral("name"), text(listener.name)},
                               {QStringLiteral("local_address"), addressJson(listener.address)}};
            QJsonArray additional;
            for (const net::Address &address : listener.additional)
                additional.append(addressJson(address));
            if (!additional.isEmpty())
                status.insert(QStringLiteral("additional_local_addresses"), additional);
            statuses.append(status);
        }
        constexpr const char *order[] = {"name", "local_address", "address"};
        return jsonAnswer(statuses.isEmpty() ? QJsonObject()
                                             : QJsonObject{{QStringLiteral("listener_statuses"), statuses}},
                          order);
    }
    AdminAnswer answer;
    for (const ListenerStatus &listener : state.listeners()) {
        answer.body += listener.name + "::" + listener.address.toString() + '\n';
        for (const net::Address &address : listener.additional)
            answer.body += listener.name + "::" + address.toString() + '\n';
    }
    return answer;
}

AdminAnswer certsEndpoint(const AdminRequest &, ServerState &state)
{
    QJsonArray certificates;
    std::vector<std::vector<net::CertificateInUse>> contexts = state.listenerCertificates();
    if (const auto clusters = state.clusters()) {
        for (const auto &[name, cluster] : clusters->all()) {
            for (const auto &[transport, context] : cluster->tlsContexts())
                contexts.push_back(context->certificates());
        }
    }
    for (const std::vector<net::CertificateInUse> &context : contexts) {
        QJsonArray authorities;
        QJsonArray chain;
        for (const net::CertificateInUse &certificate : context)
            (certificate.isCa ? authorities : chain).append(certificateJson(certificate));
        certificates.append(
            QJsonObject{{QStringLiteral("ca_cert"), authorities}, {QStringLiteral("cert_chain"), chain}});
    }
    constexpr const char *order[] = {"ca_cert",       "cert_chain",        "path",
                                     "serial_number", "subject_alt_names", "days_until_expiration",
                                     "valid_from",    "expiration_time",   "ocsp_details",
                                     "expiration"};
    return jsonAnswer({{QStringLiteral("certificates"), certificates}}, order);
}

AdminAnswer serverInfoEndpoint(const AdminRequest &, ServerState &state)
{
    const CommandLine commandLine = state.commandLine();
    const dataplane::Bootstrap::Node &node = state.bootstrap().node;
    const auto up = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() -
                                                                     state.startedAt());
    const QString version = QCoreApplication::applicationVersion();
    const QStringList parts = version.split(QLatin1Char('.'));
    const auto part = [&](qsizetype index) { return index < parts.size() ? parts[index].toInt() : 0; };
    const QJsonObject options{
        // What this gateway has no option for stands at what it comes to.
        {QStringLiteral("base_id"), QStringLiteral("0")},
        {QStringLiteral("admin_address_path"), QString()},
        {QStringLiteral("local_address_ip_version"), QStringLiteral("v4")},
        {QStringLiteral("component_log_level"), QString()},
        {QStringLiteral("log_path"), QString()},
        {QStringLiteral("service_cluster"), QString()},
        {QStringLiteral("service_node"), QString()},
        {QStringLiteral("service_zone"), QString()},
        {QStringLiteral("parent_shutdown_time"), QStringLiteral("900s")},
        {QStringLiteral("enable_mutex_tracing"), false},
        {QStringLiteral("cpuset_threads"), false},
        {QStringLiteral("reject_unknown_dynamic_fields"), false},
        {QStringLiteral("log_format_escaped"), false},
        {QStringLiteral("disabled_extensions"), QJsonArray()},
        {QStringLiteral("ignore_unknown_dynamic_fields"), false},
        {QStringLiteral("use_dynamic_base_id"), false},
        {QStringLiteral("base_id_path"), QString()},
        {QStringLiteral("drain_strategy"),
         commandLine.drainsAtOnce ? QStringLiteral("Immediate") : QStringLiteral("Gradual")},
        {QStringLiteral("enable_fine_grain_logging"), false},
        {QStringLiteral("socket_path"), QString()},
        {QStringLiteral("socket_mode"), 0},
        {QStringLiteral("enable_core_dump"), false},
        {QStringLiteral("stats_tag"), QJsonArray()},
        {QStringLiteral("skip_hot_restart_on_no_parent"), false},
        {QStringLiteral("skip_hot_restart_parent_stats"), false},
        {QStringLiteral("skip_deprecated_logs"), false},
        {QStringLiteral("file_flush_min_size"), 0},
        {QStringLiteral("log_stacktrace_single_entry"), false},
        {QStringLiteral("concurrency"), static_cast<qint64>(commandLine.concurrency)},
        {QStringLiteral("config_path"), text(commandLine.configPath)},
        {QStringLiteral("log_level"), text(commandLine.logLevel)},
        {QStringLiteral("mode"), text(commandLine.mode)},
        {QStringLiteral("config_yaml"), QString()},
        {QStringLiteral("allow_unknown_static_fields"), false},
        {QStringLiteral("disable_hot_restart"), true},
        {QStringLiteral("restart_epoch"), 0},
        {QStringLiteral("drain_time"), seconds(commandLine.drainTime)},
        {QStringLiteral("file_flush_interval"),
         QString::number(static_cast<double>(commandLine.fileFlushInterval.count()) / 1000) +
             QLatin1Char('s')}};
    const QJsonObject buildVersion{
        {QStringLiteral("version"), QJsonObject{{QStringLiteral("major_number"), part(0)},
                                                {QStringLiteral("minor_number"), part(1)},
                                                {QStringLiteral("patch"), part(2)}}},
        {QStringLiteral("metadata"), QJsonObject{{QStringLiteral("revision.sha"), QString()},
                                                 {QStringLiteral("revision.status"), QStringLiteral("Clean")},
                                                 {QStringLiteral("ssl.version"), QStringLiteral("OpenSSL")},
                                                 {QStringLiteral("build.type"), QStringLiteral("RELEASE")}}}};
    QJsonArray extensions;
    for (const auto &[name, category, type] :
         {std::tuple{"envoy.filters.network.http_connection_manager", "envoy.filters.network",
                     "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"},
          std::tuple{"envoy.filters.network.tcp_proxy", "envoy.filters.network",
                     "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"},
          std::tuple{"envoy.filters.http.rbac", "envoy.filters.http",
                     "envoy.extensions.filters.http.rbac.v3.RBAC"},
          std::tuple{"envoy.filters.http.router", "envoy.filters.http",
                     "envoy.extensions.filters.http.router.v3.Router"}})
        extensions.append(QJsonObject{{QStringLiteral("name"), QLatin1String(name)},
                                      {QStringLiteral("category"), QLatin1String(category)},
                                      {QStringLiteral("type_descriptor"), QString()},
                                      {QStringLiteral("disabled"), false},
                                      {QStringLiteral("type_urls"), QJsonArray{QLatin1String(type)}}});
    const QJsonObject nodeJson{{QStringLiteral("id"), text(node.id)},
                               {QStringLiteral("cluster"), text(node.cluster)},
                               {QStringLiteral("user_agent_name"), QStringLiteral("sallyport")},
                               {QStringLiteral("user_agent_build_version"), buildVersion},
                               {QStringLiteral("extensions"), extensions},
                               {QStringLiteral("client_features"), QJsonArray()},
                               {QStringLiteral("listening_addresses"), QJsonArray()},
                               {QStringLiteral("dynamic_parameters"), QJsonObject()}};
    QJsonObject shown = nodeJson;
    if (!(node.locality == dataplane::Locality()))
        shown.insert(QStringLiteral("locality"),
                     QJsonObject{{QStringLiteral("region"), text(node.locality.region)},
                                 {QStringLiteral("zone"), text(node.locality.zone)},
                                 {QStringLiteral("sub_zone"), text(node.locality.subZone)}});
    if (!node.metadata.isEmpty())
        shown.insert(QStringLiteral("metadata"), node.metadata);
    constexpr const char *order[] = {"version",
                                     "state",
                                     "uptime_current_epoch",
                                     "uptime_all_epochs",
                                     "hot_restart_version",
                                     "command_line_options",
                                     "node",
                                     "id",
                                     "cluster",
                                     "metadata",
                                     "locality",
                                     "region",
                                     "zone",
                                     "sub_zone",
                                     "user_agent_name",
                                     "user_agent_build_version",
                                     "major_number",
                                     "minor_number",
                                     "patch",
                                     "base_id",
                                     "concurrency",
                                     "config_path",
                                     "config_yaml",
                                     "allow_unknown_static_fields",
                                     "admin_address_path",
                                     "local_address_ip_version",
                                     "log_level",
                                     "component_log_level",
                                     "log_path",
                                     "service_cluster",
                                     "service_node",
                                     "service_zone",
                                     "file_flush_interval",
                                     "drain_time",
                                     "parent_shutdown_time",
                                     "mode",
                                     "disable_hot_restart",
                                     "enable_mutex_tracing",
                                     "restart_epoch",
                                     "cpuset_threads",
                                     "reject_unknown_dynamic_fields",
                                     "log_format_escaped",
                                     "disabled_extensions",
                                     "ignore_unknown_dynamic_fields",
                                     "use_dynamic_base_id",
                                     "base_id_path",
                                     "drain_strategy",
                                     "enable_fine_grain_logging",
                                     "socket_path",
                                     "socket_mode",
                                     "enable_core_dump",
                                     "stats_tag",
                                     "skip_hot_restart_on_no_parent",
                                     "skip_hot_restart_parent_stats",
                                     "skip_deprecated_logs",
                                     "file_flush_min_size",
                                     "log_stacktrace_single_entry",
                                     "name",
                                     "category",
                                     "type_descriptor",
                                     "disabled",
                                     "type_urls",
                                     "extensions",
                                     "client_features",
                                     "listening_addresses",
                                     "dynamic_parameters"};
    return jsonAnswer({{QStringLiteral("version"),
                        QStringLiteral("sallyport/") + version + QStringLiteral("/Clean/RELEASE/OpenSSL")},
                       {QStringLiteral("state"), QLatin1String(stateName(state.lifecycle()))},
                       {QStringLiteral("uptime_current_epoch"), seconds(up)},
                       {QStringLiteral("uptime_all_epochs"), seconds(up)},
                       {QStringLiteral("hot_restart_version"), QStringLiteral("disabled")},
                       {QStringLiteral("command_line_options"), options},
                       {QStringLiteral("node"), shown},
                       {QStringLiteral("hot_restart_initializing"), false}},
                      order);
}

AdminAnswer memoryEndpoint(const AdminRequest &, ServerState &)
{
    const struct mallinfo2 info = ::mallinfo2();
    std::size_t pages = 0;
    std::size_t resident = 0;
    std::ifstream("/proc/self/statm") >> pages >> resident;
    const auto number = [](std::size_t value) { return QString::number(value); };
    constexpr const char *order[] = {"allocated",     "heap_size",          "pageheap_unmapped",
                                     "pageheap_free", "total_thread_cache", "total_physical_bytes"};
    return jsonAnswer({{QStringLiteral("allocated"), number(info.uordblks + info.hblkhd)},
                       {QStringLiteral("heap_size"), number(info.arena + info.hblkhd)},
                       {QStringLiteral("pageheap_unmapped"), number(0)},
                       {QStringLiteral("pageheap_free"), number(info.fordblks)},
                       {QStringLiteral("total_thread_cache"), number(info.fsmblks)},
                       {QStringLiteral("total_physical_bytes"), number(resident * 4096)}},
                      order);
}

} // namespace sallyport::admin
