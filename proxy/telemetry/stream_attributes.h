// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/cel_attribute.h"
#include "proxy/telemetry/formatter.h"

namespace sallyport::telemetry {

/// The attributes of a stream for CEL expressions (source/extensions/filters/common/expr/context.cc).
class StreamAttributes final : public dataplane::CelAttributes
{
public:
    /// The context outlives it.
    explicit StreamAttributes(const LogContext &context)
        : m_context(context)
    {
    }
    dataplane::CelValue value(dataplane::CelAttribute attribute) const override;
    std::optional<std::string> entry(dataplane::CelAttribute map, const std::string &key) const override;

private:
    dataplane::CelValue ofRequest(dataplane::CelAttribute attribute) const;
    dataplane::CelValue ofResponse(dataplane::CelAttribute attribute) const;
    dataplane::CelValue ofConnection(dataplane::CelAttribute attribute) const;
    dataplane::CelValue ofUpstream(dataplane::CelAttribute attribute) const;

    const LogContext &m_context;
};

} // namespace sallyport::telemetry
