// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/access_log.h"
#include "core/dataplane/value_matchers.h"
#include "proxy/telemetry/json_formatter.h"
#include "proxy/telemetry/log_file.h"
#include "proxy/telemetry/log_filter.h"

namespace sallyport::telemetry {

/// Gets each log line beside the file: the control channel.
class LogListener
{
public:
    virtual ~LogListener() = default;
    /// Any thread. `line` is without its newline; `json` says which form it has.
    virtual void onLogLine(std::string_view line, bool json) = 0;
};

/// One configured access log: filter, format, file. Immutable; log() may be called by any thread.
class AccessLogger
{
public:
    static Result<std::shared_ptr<const AccessLogger>> create(const dataplane::AccessLog &configuration,
                                                              LogFiles &files, LogListener *listener);
    void log(const LogContext &context) const;

private:
    std::optional<LogFilter> m_filter;
    std::optional<TextFormatter> m_text;
    std::optional<JsonFormatter> m_json;
    std::shared_ptr<LogFile> m_file;
    LogListener *m_listener = nullptr;
};

/// Istio's and Envoy's default text format is what a log without a format uses.
extern const char *const defaultTextFormat;

} // namespace sallyport::telemetry
