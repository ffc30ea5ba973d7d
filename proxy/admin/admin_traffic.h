// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/bootstrap.h"
#include "core/result/result.h"
#include "proxy/telemetry/access_logger.h"
#include "proxy/telemetry/codec_stats.h"
#include "proxy/telemetry/http_stats.h"
#include "proxy/telemetry/listener_stats.h"

#include <memory>
#include <vector>

namespace sallyport::admin {

/// What the admin interface counts and logs of its own traffic: `listener.admin.…`, `http.admin.…` and
/// `admin.access_log`. Main thread.
class AdminTraffic
{
public:
    static Result<std::unique_ptr<AdminTraffic>> create(const dataplane::Bootstrap::Admin &configuration,
                                                        telemetry::StatsStore &store,
                                                        telemetry::LogFiles &logFiles);

    telemetry::HttpStats &http() { return m_http; }
    telemetry::ListenerStats &listener() { return m_listener; }
    telemetry::CodecStats &codecs() { return m_codecs; }
    void log(const telemetry::LogContext &context) const;

private:
    explicit AdminTraffic(telemetry::StatsStore &store);

    telemetry::HttpStats m_http;
    telemetry::ListenerStats m_listener;
    telemetry::CodecStats m_codecs;
    std::vector<std::shared_ptr<const telemetry::AccessLogger>> m_logs;
};

} // namespace sallyport::admin
