// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/header_mutator.h"

#include <algorithm>

namespace sallyport::telemetry {

namespace {

std::string lowered(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return text;
}

dataplane::HeaderAppendAction actionOf(const dataplane::HeaderValueOption &option)
{
    using Action = dataplane::HeaderAppendAction;
    if (option.append)
        return *option.append ? Action::AppendIfExistsOrAdd : Action::OverwriteIfExistsOrAdd;
    return option.action;
}

} // namespace

Result<HeaderMutator> HeaderMutator::create(const std::vector<dataplane::HeaderValueOption> &add,
                                            const std::vector<std::string> &remove, Overwritten overwritten)
{
    HeaderMutator mutator;
    mutator.m_overwritten = overwritten;
    for (const dataplane::HeaderValueOption &option : add) {
        Result<TextFormatter> value = TextFormatter::create(option.value, true);
        if (!value)
            return fail(value.error());
        mutator.m_add.push_back(
            {lowered(option.key), *std::move(value), actionOf(option), option.keepEmptyValue});
    }
    for (const std::string &name : remove)
        mutator.m_remove.push_back(lowered(name));
    return mutator;
}

void HeaderMutator::apply(http::HeaderMap &headers, const LogContext &context) const
{
    using Action = dataplane::HeaderAppendAction;
    // A request's Host is its :authority, under either name.
    const bool request = headers.kind() == http::HeaderMap::Kind::Request;
    for (const std::string &name : m_remove)
        headers.remove(request && name == "host" ? std::string_view(":authority") : std::string_view(name));
    // All values are worked out on the headers as they were.
    std::vector<std::pair<const Addition *, std::string>> overwritten;
    std::vector<std::pair<const Addition *, std::string>> added;
    for (const Addition &addition : m_add) {
        std::string value = addition.value.format(context);
        if (value.empty() && !addition.keepEmpty)
            continue;
        const bool present = headers.find(std::string_view(addition.name)) != nullptr;
        switch (addition.action) {
        case Action::AppendIfExistsOrAdd:
            added.emplace_back(&addition, std::move(value));
            break;
        case Action::AddIfAbsent:
            if (!present)
                added.emplace_back(&addition, std::move(value));
            break;
        case Action::OverwriteIfExistsOrAdd:
            overwritten.emplace_back(&addition, std::move(value));
            break;
        case Action::OverwriteIfExists:
            if (present)
                overwritten.emplace_back(&addition, std::move(value));
            break;
        }
    }
    for (const auto &[addition, value] : overwritten) {
        if (m_overwritten == Overwritten::AtEnd || http::knownHeader(addition->name) == http::Known::None)
            headers.remove(std::string_view(addition->name));
        headers.set(std::string_view(addition->name), value);
    }
    for (const auto &[addition, value] : added)
        headers.add(std::string_view(addition->name), value);
}

Result<HeaderMutationList> HeaderMutationList::create(const std::vector<dataplane::HeaderMutation> &mutations)
{
    HeaderMutationList list;
    for (const dataplane::HeaderMutation &mutation : mutations) {
        std::vector<dataplane::HeaderValueOption> add;
        std::vector<std::string> remove;
        if (mutation.append)
            add.push_back(*mutation.append);
        else
            remove.push_back(mutation.remove);
        Result<HeaderMutator> step = HeaderMutator::create(add, remove, HeaderMutator::Overwritten::AtEnd);
        if (!step)
            return fail(step.error());
        list.m_steps.push_back(*std::move(step));
    }
    return list;
}

void HeaderMutationList::apply(http::HeaderMap &headers, const LogContext &context) const
{
    for (const HeaderMutator &step : m_steps)
        step.apply(headers, context);
}

} // namespace sallyport::telemetry
