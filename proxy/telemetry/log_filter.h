// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/access_log.h"
#include "core/dataplane/cel_expression.h"
#include "core/dataplane/value_matchers.h"
#include "proxy/telemetry/formatter.h"

#include <optional>
#include <vector>

namespace sallyport::telemetry {

/// Which streams an access log (or a local reply's mapper) is about. Immutable: share it between threads.
class LogFilter
{
public:
    explicit LogFilter(const dataplane::AccessLogFilter &configuration);
    bool passes(const LogContext &context) const;

private:
    dataplane::AccessLogFilter m_configuration;
    std::vector<LogFilter> m_children;
    std::optional<dataplane::CompiledHeader> m_header;
    std::optional<dataplane::CelExpression> m_expression; ///< none: it could not be read, nothing passes
};

} // namespace sallyport::telemetry
