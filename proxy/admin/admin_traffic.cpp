// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/admin_traffic.h"

#include "core/result/placed.h"

namespace sallyport::admin {

AdminTraffic::AdminTraffic(telemetry::StatsStore &store)
    : m_http(store, "admin", "admin")
    , m_listener(store, "listener.admin.", {"main_thread"})
    , m_codecs(store, {})
{
}

Result<std::unique_ptr<AdminTraffic>> AdminTraffic::create(const dataplane::Bootstrap::Admin &configuration,
                                                           telemetry::StatsStore &store,
                                                           telemetry::LogFiles &logFiles)
{
    std::unique_ptr<AdminTraffic> traffic(new AdminTraffic(store));
    for (std::size_t i = 0; i < configuration.accessLogs.size(); ++i) {
        auto logger = telemetry::AccessLogger::create(configuration.accessLogs[i], logFiles, nullptr);
        if (!logger)
            return fail(placedAt(logger.error(), "admin.access_log[" + std::to_string(i) + ']'));
        traffic->m_logs.push_back(*std::move(logger));
    }
    return traffic;
}

void AdminTraffic::log(const telemetry::LogContext &context) const
{
    for (const auto &log : m_logs)
        log->log(context);
}

} // namespace sallyport::admin
