// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/set_filter_state_filter.h"

#include "proxy/net/address.h"
#include "proxy/telemetry/formatter.h"

#include <charconv>

namespace sallyport::filters {

namespace {

/// As Envoy's parser of numbers has it: blanks around do not matter.
template<typename Number>
std::optional<std::string> numberText(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string_view::npos)
        return std::nullopt;
    text = text.substr(first, text.find_last_not_of(' ') - first + 1);
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return std::to_string(number);
}

/// What the factory makes of a text, in its plain form; nothing: it makes no object of it.
std::optional<std::string> objectText(dataplane::FilterObjectForm form, std::string text)
{
    using Form = dataplane::FilterObjectForm;
    switch (form) {
    case Form::String:
    case Form::PlainOnly:
    case Form::Hidden:
        break;
    case Form::Ip:
        if (const auto address = net::Address::parseIp(text, 0))
            return address->toString();
        return std::nullopt;
    case Form::Address:
        if (const auto address = net::Address::parseHostPort(text))
            return address->toString();
        return std::nullopt;
    case Form::Number32:
        return numberText<std::uint32_t>(text);
    case Form::Number64:
        return numberText<std::uint64_t>(text);
    case Form::Bool:
        return text == "true" ? "true" : "false";
    case Form::TrueOrNone:
        if (text != "true")
            return std::nullopt;
        break;
    }
    return text;
}

struct Setter
{
    dataplane::SetFilterState::Value value;
    const dataplane::FilterObjectFactory *factory = nullptr;
    telemetry::TextFormatter formatter;
};
struct Setters
{
    std::vector<Setter> each;
    bool clearRoute = false;
};

class SetFilterStateFilter final : public HttpFilter
{
public:
    explicit SetFilterStateFilter(std::shared_ptr<const Setters> setters)
        : m_setters(std::move(setters))
    {
    }

    FilterStatus decodeHeaders(http::HeaderMap &headers, bool) override
    {
        telemetry::StreamInfo &info = m_callbacks->streamInfo();
        for (const Setter &setter : m_setters->each) {
            std::string text =
                setter.formatter.format(telemetry::LogContext{info, &headers, nullptr, nullptr, {}});
            if (text.empty() && setter.value.skipIfEmpty)
                continue;
            std::optional<std::string> object = objectText(setter.factory->form, std::move(text));
            if (object)
                info.filterState.set(
                    {setter.value.objectKey, setter.factory, *std::move(object),
                     setter.value.sharedWithUpstream != dataplane::SetFilterState::Sharing::None});
        }
        if (m_setters->clearRoute)
            m_callbacks->clearRoute();
        return FilterStatus::Continue;
    }

private:
    std::shared_ptr<const Setters> m_setters;
};

} // namespace

Result<FilterFactory> makeSetFilterStateFactory(const dataplane::SetFilterState &configuration)
{
    auto setters = std::make_shared<Setters>();
    setters->clearRoute = configuration.clearRouteCache;
    for (const dataplane::SetFilterState::Value &value : configuration.onRequestHeaders) {
        Result<telemetry::TextFormatter> formatter = telemetry::TextFormatter::create(
            value.format.text.value_or(std::string()), value.format.omitEmptyValues);
        if (!formatter)
            return fail(formatter.error());
        const dataplane::FilterObjectFactory *factory = dataplane::filterObjectFactory(value.factory());
        if (factory == nullptr)
            return fail('\'' + value.factory() + "' does not have an object factory");
        setters->each.push_back({value, factory, *std::move(formatter)});
    }
    return FilterFactory([setters = std::shared_ptr<const Setters>(std::move(setters))] {
        return std::make_unique<SetFilterStateFilter>(setters);
    });
}

} // namespace sallyport::filters
