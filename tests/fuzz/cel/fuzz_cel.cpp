// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever expression an operator writes, on whatever stream: it is refused or it has a value, always the
// same.
#include "core/dataplane/cel_expression.h"
#include "proxy/telemetry/stream_attributes.h"
#include "tests/fuzz/made_up_stream.h"

using namespace sallyport;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size)
{
    FuzzInput input(data, size);
    const Result<dataplane::CelExpression> expression = dataplane::CelExpression::parse(input.part());
    if (!expression)
        return 0;
    const MadeUpStream stream(input);
    const telemetry::LogContext context = stream.context();
    const telemetry::StreamAttributes attributes(context);
    const dataplane::CelValue value = expression->evaluate(attributes);
    const bool *truth = value.as<bool>();
    check(expression->holds(attributes) == (truth != nullptr && *truth));
    if (value.isError())
        check(expression->evaluate(attributes).isMissing() == value.isMissing());
    return 0;
}
