// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/log_levels.h"

#include <QLoggingCategory>
#include <algorithm>
#include <array>

namespace sallyport::admin {

namespace {

constexpr std::array<std::string_view, 7> levels{"trace", "debug",    "info", "warning",
                                                 "error", "critical", "off"};

struct Logger
{
    std::string_view name;
    std::size_t level = 2;
};

/// Envoy's loggers, in its order. Here they share what is written: the lowest level that one of them has.
std::array<Logger, 73> &loggers()
{
    static std::array<Logger, 73> all{{{"a2a"},
                                       {"admin"},
                                       {"ai_protocol_manager"},
                                       {"alternate_protocols_cache"},
                                       {"aws"},
                                       {"assert"},
                                       {"backtrace"},
                                       {"basic_auth"},
                                       {"cache_filter"},
                                       {"client"},
                                       {"config"},
                                       {"connection"},
                                       {"conn_handler"},
                                       {"compression"},
                                       {"credential_injector"},
                                       {"decompression"},
                                       {"dns"},
                                       {"dubbo"},
                                       {"envoy_bug"},
                                       {"ext_authz"},
                                       {"ext_proc"},
                                       {"rocketmq"},
                                       {"file"},
                                       {"filter"},
                                       {"forward_proxy"},
                                       {"geolocation"},
                                       {"grpc"},
                                       {"happy_eyeballs"},
                                       {"hc"},
                                       {"health_checker"},
                                       {"http"},
                                       {"http2"},
                                       {"hystrix"},
                                       {"init"},
                                       {"io"},
                                       {"jwt"},
                                       {"json_rpc"},
                                       {"kafka"},
                                       {"key_value_store"},
                                       {"lua"},
                                       {"local_rate_limit"},
                                       {"main"},
                                       {"matcher"},
                                       {"mcp"},
                                       {"misc"},
                                       {"mongo"},
                                       {"multi_connection"},
                                       {"notification"},
                                       {"oauth2"},
                                       {"quic"},
                                       {"quic_stream"},
                                       {"pool"},
                                       {"rate_limit_quota"},
                                       {"rbac"},
                                       {"rds"},
                                       {"redis"},
                                       {"router"},
                                       {"runtime"},
                                       {"stats"},
                                       {"secret"},
                                       {"sse"},
                                       {"tap"},
                                       {"testing"},
                                       {"thrift"},
                                       {"tracing"},
                                       {"upstream"},
                                       {"udp"},
                                       {"wasm"},
                                       {"websocket"},
                                       {"golang"},
                                       {"stats_sinks"},
                                       {"dynamic_modules"},
                                       {"ip_tagging"}}};
    return all;
}

Logger *find(std::string_view name)
{
    const auto found = std::find_if(loggers().begin(), loggers().end(),
                                    [name](const Logger &each) { return each.name == name; });
    return found == loggers().end() ? nullptr : &*found;
}

std::size_t levelOf(std::string name)
{
    if (name == "warn")
        name = "warning";
    return static_cast<std::size_t>(std::find(levels.begin(), levels.end(), name) - levels.begin());
}

void apply()
{
    // Qt knows four kinds of messages: what Envoy's lowest set level lets through decides.
    std::size_t lowest = levels.size();
    for (const Logger &logger : loggers())
        lowest = std::min(lowest, logger.level);
    const auto onOff = [](bool on) { return on ? QStringLiteral("true") : QStringLiteral("false"); };
    QLoggingCategory::setFilterRules(
        QStringLiteral("sallyport.*.debug=%1\nsallyport.*.info=%2\nsallyport.*.warning=%3\n")
            .arg(onOff(lowest <= 1), onOff(lowest <= 2), onOff(lowest <= 3)));
}

std::string listing()
{
    std::string text = "active loggers:\n";
    for (const Logger &logger : loggers())
        text += "  " + std::string(logger.name) + ": " + std::string(levels[logger.level]) + '\n';
    return text + '\n';
}

AdminAnswer refuse(const std::string &what)
{
    return {400, "error: " + what +
                     "\n\nusage: /logging?<name>=<level> (change single level)\n"
                     "usage: /logging?paths=name1:level1,name2:level2,... (change multiple levels)\n"
                     "usage: /logging?level=<level> (change all levels)\n"
                     "usage: /logging?group=<group_name>:<level> (change group of loggers)\n"
                     "levels: trace debug info warning error critical off \n" +
                     listing()};
}

using Changes = std::vector<std::pair<std::string, std::string>>;

/// `name:level,name:level`; false: a part of it is missing.
bool readPaths(std::string_view text, Changes &changes)
{
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        const std::string_view pair = text.substr(0, end);
        const std::size_t colon = std::min(pair.find(':'), pair.size());
        if (colon == 0 || colon + 1 >= pair.size())
            return false;
        changes.emplace_back(pair.substr(0, colon), pair.substr(colon + 1));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return true;
}

} // namespace

AdminAnswer loggingEndpoint(const AdminRequest &request, ServerState &)
{
    if (request.query.size() > 1)
        return refuse("invalid number of parameters");
    Changes changes;
    for (const auto &[name, value] : request.query) {
        if (name == "group")
            return refuse("group parameter requires fine-grain logging to be enabled");
        if (name == "paths") {
            if (!readPaths(value, changes))
                return refuse("empty logger name or empty logger level");
        } else if (name == "level") {
            // Without one it only asks.
            for (const Logger &logger : loggers()) {
                if (!value.empty())
                    changes.emplace_back(logger.name, value);
            }
        } else {
            changes.emplace_back(name, value);
        }
    }
    for (const auto &[name, level] : changes) {
        if (levelOf(level) == levels.size())
            return refuse("unknown logger level");
        if (find(name) == nullptr)
            return refuse("unknown logger name");
    }
    for (const auto &[name, level] : changes)
        find(name)->level = levelOf(level);
    if (!changes.empty())
        apply();
    return {200, listing()};
}

} // namespace sallyport::admin
