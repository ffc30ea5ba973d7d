// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/set_filter_state_filter.h"

#include "proxy/telemetry/formatter.h"

#include <charconv>

namespace sallyport::filters {

namespace {

using Formatters = std::vector<telemetry::TextFormatter>;

class SetFilterStateFilter final : public HttpFilter
{
public:
    explicit SetFilterStateFilter(std::shared_ptr<const Formatters> ports)
        : m_ports(std::move(ports))
    {
    }

    FilterStatus decodeHeaders(http::HeaderMap &headers, bool) override
    {
        const telemetry::LogContext context{m_callbacks->streamInfo(), &headers, nullptr, nullptr, {}};
        for (const telemetry::TextFormatter &formatter : *m_ports) {
            const std::string text = formatter.format(context);
            std::uint16_t port = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
            if (error == std::errc() && end == text.data() + text.size())
                m_callbacks->streamInfo().forwardProxyPort = port;
        }
        return FilterStatus::Continue;
    }

private:
    std::shared_ptr<const Formatters> m_ports;
};

} // namespace

Result<FilterFactory> makeSetFilterStateFactory(const dataplane::SetFilterState &configuration)
{
    auto ports = std::make_shared<Formatters>();
    for (const dataplane::SetFilterState::Value &value : configuration.onRequestHeaders) {
        Result<telemetry::TextFormatter> formatter =
            telemetry::TextFormatter::create(value.format.text.value_or(std::string()));
        if (!formatter)
            return fail(formatter.error());
        ports->push_back(*std::move(formatter));
    }
    return FilterFactory([ports = std::shared_ptr<const Formatters>(std::move(ports))] {
        return std::make_unique<SetFilterStateFilter>(ports);
    });
}

} // namespace sallyport::filters
