// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/coalesce_operator.h"

#include "core/dataplane/access_log_format.h"
#include "proxy/telemetry/log_value.h"

namespace sallyport::telemetry {

Operator coalesceOperator(const std::string &json, std::optional<std::size_t> maxLength)
{
    std::vector<Operator> operators;
    if (const auto commands = dataplane::coalescedCommands(json)) {
        for (const dataplane::FormatCommand &command : *commands)
            operators.push_back(makeOperator(command.name, command.text, command.maxLength));
    }
    return [operators, maxLength](const LogContext &context, std::string &scratch) {
        for (const Operator &one : operators) {
            scratch.clear();
            LogValue value = one(context, scratch);
            if (value.kind == LogValue::Kind::Null)
                continue;
            if (maxLength && value.kind == LogValue::Kind::Text)
                value.text = value.text.substr(0, *maxLength);
            else if (maxLength)
                value.longestText = *maxLength;
            return value;
        }
        return null();
    };
}

} // namespace sallyport::telemetry
