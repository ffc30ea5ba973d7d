// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/access_logger.h"

namespace sallyport::telemetry {

const char *const defaultTextFormat =
    "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% "
    "%RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% "
    "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" "
    "\"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\"\n";

Result<std::shared_ptr<const AccessLogger>> AccessLogger::create(const dataplane::AccessLog &configuration,
                                                                 LogFiles &files, LogListener *listener)
{
    auto logger = std::make_shared<AccessLogger>();
    if (configuration.filter)
        logger->m_filter.emplace(*configuration.filter);
    if (configuration.format && configuration.format->json) {
        Result<JsonFormatter> json =
            JsonFormatter::create(*configuration.format->json, configuration.format->omitEmptyValues);
        if (!json)
            return fail(json.error());
        logger->m_json = *std::move(json);
    } else {
        const bool custom = configuration.format && configuration.format->text;
        Result<TextFormatter> text =
            TextFormatter::create(custom ? *configuration.format->text : defaultTextFormat,
                                  custom && configuration.format->omitEmptyValues);
        if (!text)
            return fail(text.error());
        logger->m_text = *std::move(text);
    }
    logger->m_file = files.open(configuration.path);
    if (!logger->m_file->isOpen())
        return fail("unable to open the access log '" + configuration.path + '\'', {},
                    "its folder must exist and be writable");
    logger->m_listener = listener;
    return std::shared_ptr<const AccessLogger>(std::move(logger));
}

void AccessLogger::log(const LogContext &context) const
{
    if (m_filter && !m_filter->passes(context))
        return;
    if (m_json) {
        thread_local LineBuffer line;
        line.clear();
        m_json->append(line, context);
        if (m_listener)
            m_listener->onLogLine(line.view(), true);
        line.put('\n');
        m_file->write(line.view());
    } else {
        thread_local std::string line;
        line.clear();
        m_text->append(line, context);
        if (m_listener)
            m_listener->onLogLine(line, false);
        m_file->write(line);
    }
}

} // namespace sallyport::telemetry
