// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever format an operator writes, on whatever stream: it is refused or it yields a line, and a JSON line
// is JSON.
#include "core/dataplane/access_log_format.h"
#include "proxy/telemetry/json_formatter.h"
#include "tests/fuzz/made_up_stream.h"

using namespace sallyport;

namespace {

void tryText(std::string_view format, bool omitEmpty, const MadeUpStream &stream)
{
    const Result<telemetry::TextFormatter> formatter = telemetry::TextFormatter::create(format, omitEmpty);
    check(formatter.has_value() == dataplane::parseFormat(format).has_value());
    if (!formatter)
        return;
    const std::string line = formatter->format(stream.context());
    if (formatter->isConstant() && format.find('%') == std::string_view::npos)
        check(line == format);
}

void tryJson(std::string_view text, bool omitEmpty, const MadeUpStream &stream)
{
    const QJsonDocument format =
        QJsonDocument::fromJson(QByteArray(text.data(), static_cast<qsizetype>(text.size())));
    if (!format.isObject())
        return;
    const Result<telemetry::JsonFormatter> formatter =
        telemetry::JsonFormatter::create(format.object(), omitEmpty);
    if (!formatter)
        return;
    const std::string line = formatter->format(stream.context());
    check(line.find('\n') == std::string::npos);
    QJsonParseError error;
    QJsonDocument::fromJson(QByteArray::fromStdString(line), &error);
    // Metadata inside a deep format may go deeper than the reader goes.
    check(error.error == QJsonParseError::NoError || error.error == QJsonParseError::DeepNesting);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size)
{
    FuzzInput input(data, size);
    const unsigned char how = input.byte();
    const std::string_view format = input.part();
    const MadeUpStream stream(input);
    if ((how & 1U) == 0)
        tryText(format, (how & 2U) != 0, stream);
    else
        tryJson(format, (how & 2U) != 0, stream);
    return 0;
}
