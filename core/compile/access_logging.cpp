// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/access_logging.h"

#include "core/compile/yaml_json.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <utility>

namespace sallyport::compile {

const char *const defaultTextFormat =
    "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% "
    "%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "
    "\"%UPSTREAM_TRANSPORT_FAILURE_REASON%\" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% "
    "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" "
    "\"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER_RAW% "
    "%UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% "
    "%ROUTE_NAME%\n";

namespace {

constexpr const char *builtInProvider = "envoy";

QJsonObject defaultJsonFormat()
{
    static constexpr std::pair<const char *, const char *> fields[] = {
        {"start_time", "%START_TIME%"},
        {"route_name", "%ROUTE_NAME%"},
        {"method", "%REQ(:METHOD)%"},
        {"path", "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"},
        {"protocol", "%PROTOCOL%"},
        {"response_code", "%RESPONSE_CODE%"},
        {"response_flags", "%RESPONSE_FLAGS%"},
        {"response_code_details", "%RESPONSE_CODE_DETAILS%"},
        {"connection_termination_details", "%CONNECTION_TERMINATION_DETAILS%"},
        {"bytes_received", "%BYTES_RECEIVED%"},
        {"bytes_sent", "%BYTES_SENT%"},
        {"duration", "%DURATION%"},
        {"upstream_service_time", "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%"},
        {"x_forwarded_for", "%REQ(X-FORWARDED-FOR)%"},
        {"user_agent", "%REQ(USER-AGENT)%"},
        {"request_id", "%REQ(X-REQUEST-ID)%"},
        {"authority", "%REQ(:AUTHORITY)%"},
        {"upstream_host", "%UPSTREAM_HOST%"},
        {"upstream_cluster", "%UPSTREAM_CLUSTER_RAW%"},
        {"upstream_local_address", "%UPSTREAM_LOCAL_ADDRESS%"},
        {"downstream_local_address", "%DOWNSTREAM_LOCAL_ADDRESS%"},
        {"downstream_remote_address", "%DOWNSTREAM_REMOTE_ADDRESS%"},
        {"requested_server_name", "%REQUESTED_SERVER_NAME%"},
        {"upstream_transport_failure_reason", "%UPSTREAM_TRANSPORT_FAILURE_REASON%"},
    };
    QJsonObject format;
    for (const auto &[key, value] : fields)
        format.insert(QString::fromLatin1(key), QString::fromLatin1(value));
    return format;
}

dataplane::FormatString textFormat(std::string text)
{
    if (text.empty() || text.back() != '\n')
        text += '\n';
    dataplane::FormatString format;
    format.text = std::move(text);
    return format;
}

/// The format that MeshConfig gives to logs that bring none of their own.
dataplane::FormatString meshFormat(const model::MeshConfig &config)
{
    if (config.accessLogEncoding == model::MeshConfig::LogEncoding::Text)
        return textFormat(config.accessLogFormat.empty() ? std::string(defaultTextFormat)
                                                         : config.accessLogFormat);
    dataplane::FormatString format;
    format.json = defaultJsonFormat();
    if (!config.accessLogFormat.empty()) {
        const QJsonDocument own = QJsonDocument::fromJson(QByteArray::fromStdString(config.accessLogFormat));
        if (own.isObject())
            format.json = own.object();
    }
    return format;
}

dataplane::AccessLog fileLog(const MeshContext &mesh, const Instance &instance,
                             dataplane::FormatString format)
{
    dataplane::AccessLog log;
    log.name = "envoy.access_loggers.file";
    log.format = std::move(format);
    if (const auto place = mesh.placement.instances.find(instance.name);
        place != mesh.placement.instances.end())
        log.path = place->second.accessLogPath;
    return log;
}

dataplane::FormatString providerFormat(const model::ExtensionProvider &provider,
                                       const model::MeshConfig &config)
{
    const auto written = [&provider](dataplane::FormatString format) {
        format.omitEmptyValues = provider.omitEmptyValues;
        return format;
    };
    if (!provider.hasLogFormat)
        return provider.name == builtInProvider ? meshFormat(config) : written(textFormat(defaultTextFormat));
    if (!provider.logLabels)
        return written(
            textFormat(provider.logText.empty() ? std::string(defaultTextFormat) : provider.logText));
    dataplane::FormatString format;
    const QJsonObject json = jsonOf(*provider.logLabels).toObject();
    format.json = json.isEmpty() ? defaultJsonFormat() : json;
    return written(std::move(format));
}

struct ProviderUse
{
    bool disabled = false;
    std::optional<std::string> filter;
};

/// Which providers log and how: lower levels name the providers and change what they do. An expression
/// belongs to the providers that its own entry names; without names it is not looked at.
std::map<std::string, ProviderUse> mergedProviders(const std::vector<const model::Telemetry *> &telemetries,
                                                   const std::vector<std::string> &byDefault, LogSide side)
{
    std::map<std::string, ProviderUse> uses;
    std::vector<const model::Telemetry *> logging;
    for (const model::Telemetry *telemetry : telemetries) {
        if (!telemetry->accessLogging.empty())
            logging.push_back(telemetry);
    }
    if (logging.empty()) {
        for (const std::string &provider : byDefault)
            uses.emplace(provider, ProviderUse());
        return uses;
    }
    std::vector<std::string> inScope = byDefault;
    std::map<std::string, std::optional<std::string>> filters;
    for (const model::Telemetry *telemetry : logging) {
        std::vector<std::string> named;
        for (const auto &entry : telemetry->accessLogging) {
            if (!isForSide(entry.mode, side))
                continue;
            named.insert(named.end(), entry.providers.begin(), entry.providers.end());
            for (const std::string &provider : entry.providers)
                filters[provider] = entry.filterExpression;
        }
        if (!named.empty())
            inScope = named;
    }
    std::vector<std::string> inherited = byDefault;
    for (const model::Telemetry *telemetry : logging) {
        for (const auto &entry : telemetry->accessLogging) {
            const std::vector<std::string> providers = entry.providers.empty() ? inherited : entry.providers;
            inherited = providers;
            if (!isForSide(entry.mode, side))
                continue;
            for (const std::string &provider : providers) {
                if (std::find(inScope.begin(), inScope.end(), provider) == inScope.end())
                    continue;
                const bool disabled = entry.disabled.value_or(false);
                uses[provider] = {disabled, disabled ? std::nullopt : filters[provider]};
            }
        }
    }
    return uses;
}

const model::ExtensionProvider *findProvider(const model::MeshConfig &config, const std::string &name)
{
    static const model::ExtensionProvider builtIn = [] {
        model::ExtensionProvider provider;
        provider.name = builtInProvider;
        provider.kind = model::ExtensionProvider::Kind::EnvoyFileAccessLog;
        return provider;
    }();
    for (const model::ExtensionProvider &provider : config.extensionProviders) {
        if (provider.name == name)
            return &provider;
    }
    return name == builtInProvider ? &builtIn : nullptr;
}

} // namespace

std::vector<const model::Telemetry *> telemetriesFor(const MeshContext &mesh, const Instance &instance)
{
    std::vector<const model::Telemetry *> order;
    for (const model::Telemetry &telemetry : mesh.mesh.telemetries)
        order.push_back(&telemetry);
    std::stable_sort(order.begin(), order.end(),
                     [](const auto *a, const auto *b) { return olderThan(*a, *b); });
    const model::Telemetry *ofMesh = nullptr;
    const model::Telemetry *ofNamespace = nullptr;
    std::vector<const model::Telemetry *> ofWorkload;
    for (const model::Telemetry *telemetry : order) {
        const std::string &nameSpace = telemetry->metadata.resourceNamespace;
        if (!telemetry->targetNames.empty())
            continue;
        const bool hasSelector = telemetry->selector && !telemetry->selector->empty();
        if (hasSelector) {
            if (nameSpace == instance.nameSpace && model::selects(*telemetry->selector, instance.labels))
                ofWorkload.push_back(telemetry);
        } else if (nameSpace == mesh.config().rootNamespace) {
            ofMesh = ofMesh ? ofMesh : telemetry;
        } else if (nameSpace == instance.nameSpace) {
            ofNamespace = ofNamespace ? ofNamespace : telemetry;
        }
    }
    std::vector<const model::Telemetry *> result;
    for (const model::Telemetry *telemetry : {ofMesh, ofNamespace}) {
        if (telemetry)
            result.push_back(telemetry);
    }
    result.insert(result.end(), ofWorkload.begin(), ofWorkload.end());
    return result;
}

bool isForSide(model::Telemetry::LogMode mode, LogSide side)
{
    using Mode = model::Telemetry::LogMode;
    return mode == Mode::ClientAndServer || (mode == Mode::Client) == (side == LogSide::Client);
}

std::vector<dataplane::AccessLog> accessLogs(const MeshContext &mesh, const Instance &instance, LogSide side)
{
    const model::MeshConfig &config = mesh.config();
    std::vector<dataplane::AccessLog> logs;
    const auto uses = mergedProviders(telemetriesFor(mesh, instance), config.defaultAccessLogProviders, side);
    const bool known = std::any_of(uses.begin(), uses.end(), [&config](const auto &use) {
        return findProvider(config, use.first) != nullptr;
    });
    if (!known) {
        // Providers that nobody defined change nothing: the mesh's own log file stays.
        if (!config.accessLogFile.empty())
            logs.push_back(fileLog(mesh, instance, meshFormat(config)));
        return logs;
    }
    for (const auto &[name, use] : uses) {
        const model::ExtensionProvider *provider = findProvider(config, name);
        if (use.disabled || !provider || provider->kind != model::ExtensionProvider::Kind::EnvoyFileAccessLog)
            continue;
        dataplane::AccessLog log = fileLog(mesh, instance, providerFormat(*provider, config));
        if (use.filter && !use.filter->empty()) {
            log.filter.emplace();
            log.filter->kind = dataplane::AccessLogFilter::Kind::Expression;
            log.filter->expression = *use.filter;
        }
        logs.push_back(std::move(log));
    }
    return logs;
}

std::vector<std::string> logsSentElsewhere(const MeshContext &mesh, const Instance &instance, LogSide side)
{
    const model::MeshConfig &config = mesh.config();
    std::vector<std::string> names;
    for (const auto &[name, use] :
         mergedProviders(telemetriesFor(mesh, instance), config.defaultAccessLogProviders, side)) {
        const model::ExtensionProvider *provider = findProvider(config, name);
        if (!use.disabled && provider && provider->kind == model::ExtensionProvider::Kind::LogService)
            names.push_back(name);
    }
    return names;
}

std::vector<dataplane::AccessLog> listenerAccessLogs(const MeshContext &mesh, const Instance &instance,
                                                     LogSide side)
{
    if (!mesh.config().listenerLog)
        return {};
    std::vector<dataplane::AccessLog> logs = accessLogs(mesh, instance, side);
    for (dataplane::AccessLog &log : logs) {
        dataplane::AccessLogFilter noRoute;
        noRoute.kind = dataplane::AccessLogFilter::Kind::ResponseFlag;
        noRoute.flags = {"NR"};
        if (log.filter) {
            dataplane::AccessLogFilter both;
            both.kind = dataplane::AccessLogFilter::Kind::And;
            both.children = {*log.filter, noRoute};
            log.filter = both;
        } else {
            log.filter = noRoute;
        }
    }
    return logs;
}

} // namespace sallyport::compile
