// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/filter_state_operator.h"

#include "proxy/telemetry/json_string.h"
#include "proxy/telemetry/log_value.h"

namespace sallyport::telemetry {

namespace {

using Form = dataplane::FilterObjectForm;
using Object = FilterState::Object;

bool isShownPlain(Form form)
{
    return form != Form::Hidden && form != Form::TrueOrNone;
}

LogValue typedOf(const Object &object, std::string &scratch)
{
    switch (object.factory->form) {
    case Form::String:
    case Form::Number64:
        appendJsonString(scratch, object.text);
        break;
    case Form::Number32:
    case Form::Bool:
        scratch = object.text;
        break;
    default:
        return null();
    }
    return {.kind = LogValue::Kind::Json, .text = scratch};
}

LogValue fieldOf(const Object &object, std::string_view field)
{
    if (object.factory->form != Form::Address || (field != "ip" && field != "port"))
        return null();
    const std::size_t colon = object.text.rfind(':');
    std::string_view part = object.text;
    part = field == "port" ? part.substr(colon + 1) : part.substr(0, colon);
    if (part.starts_with('['))
        part = part.substr(1, part.size() - 2);
    return text(part);
}

} // namespace

Operator filterStateOperator(bool upstream, const std::string &arguments,
                             std::optional<std::size_t> maxLength)
{
    const std::size_t colon = arguments.find(':');
    const std::string key = arguments.substr(0, colon);
    const std::string form = colon == std::string::npos ? std::string() : arguments.substr(colon + 1);
    const std::string field = form.starts_with("FIELD:") ? form.substr(6) : std::string();
    const std::size_t longest = maxLength.value_or(std::string::npos);
    return [=](const LogContext &context, std::string &scratch) {
        const FilterState *state =
            upstream ? context.info.upstreamFilterState.get() : &context.info.filterState;
        const Object *object = state != nullptr ? state->find(key) : nullptr;
        if (object == nullptr)
            return null();
        LogValue value = !field.empty()                        ? fieldOf(*object, field)
                         : form != "PLAIN"                     ? typedOf(*object, scratch)
                         : isShownPlain(object->factory->form) ? text(object->text)
                                                               : null();
        if (value.kind == LogValue::Kind::Text)
            value.text = value.text.substr(0, longest);
        else
            value.longestText = longest;
        return value;
    };
}

} // namespace sallyport::telemetry
