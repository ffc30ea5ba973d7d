// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/log_levels.h"

#include <QLoggingCategory>
#include <algorithm>
#include <array>

namespace sallyport::admin {

namespace {

constexpr std::array<std::string_view, 7> levels{"trace", "debug",    "info", "warning",
                                                 "error", "critical", "off"};

/// Envoy's loggers that a gateway has a counterpart of.
std::map<std::string, std::size_t> &loggers()
{
    static std::map<std::string, std::size_t> all{
        {"admin", 2},  {"config", 2}, {"connection", 2}, {"http", 2},   {"main", 2}, {"pool", 2},
        {"router", 2}, {"secret", 2}, {"upstream", 2},   {"filter", 2}, {"rbac", 2}, {"jwt", 2}};
    return all;
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
    for (const auto &[name, level] : loggers())
        lowest = std::min(lowest, level);
    const auto onOff = [](bool on) { return on ? QStringLiteral("true") : QStringLiteral("false"); };
    QLoggingCategory::setFilterRules(
        QStringLiteral("sallyport.*.debug=%1\nsallyport.*.info=%2\nsallyport.*.warning=%3\n")
            .arg(onOff(lowest <= 1), onOff(lowest <= 2), onOff(lowest <= 3)));
}

std::string listing()
{
    std::string text = "active loggers:\n";
    for (const auto &[name, level] : loggers())
        text += "  " + name + ": " + std::string(levels[level]) + '\n';
    return text + '\n';
}

AdminAnswer refuse(const std::string &what)
{
    return {400, "error: " + what +
                     "\n\nusage: /logging?<name>=<level> (change single level)\n"
                     "usage: /logging?paths=name1:level1,name2:level2,... (change multiple levels)\n"
                     "usage: /logging?level=<level> (change all levels)\n"
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
            for (const auto &[logger, level] : loggers())
                changes.emplace_back(logger, value);
        } else {
            changes.emplace_back(name, value);
        }
    }
    for (const auto &[name, level] : changes) {
        if (levelOf(level) == levels.size())
            return refuse("unknown logger level");
        if (loggers().find(name) == loggers().end())
            return refuse("unknown logger name");
    }
    for (const auto &[name, level] : changes)
        loggers()[name] = levelOf(level);
    if (!changes.empty())
        apply();
    return {200, listing()};
}

} // namespace sallyport::admin
