// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/carried_request.h"

#include <algorithm>

namespace sallyport::explain {

std::string lowered(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return result;
}

std::optional<std::string_view> CarriedRequest::header(std::string_view name, std::string &scratch) const
{
    if (name == ":path")
        return m_path;
    if (name == ":method")
        return m_method;
    if (name == ":scheme")
        return m_scheme;
    if (name == ":authority" || name == "host")
        return m_authority;
    const std::string *first = nullptr;
    bool joined = false;
    for (const auto &[key, value] : m_headers) {
        if (key != name)
            continue;
        if (first == nullptr) {
            first = &value;
            continue;
        }
        if (!joined)
            scratch = *first;
        joined = true;
        scratch += ',' + value;
    }
    if (joined)
        return scratch;
    return first == nullptr ? std::nullopt : std::optional<std::string_view>(*first);
}

bool CarriedRequest::anyOfSeveral(std::string_view name,
                                  const std::function<bool(std::string_view)> &test) const
{
    const auto named = [&name](const auto &header) { return header.first == name; };
    return std::count_if(m_headers.begin(), m_headers.end(), named) > 1 &&
           std::any_of(m_headers.begin(), m_headers.end(),
                       [&](const auto &header) { return named(header) && test(header.second); });
}

bool CarriedRequest::has(std::string_view name) const
{
    std::string scratch;
    return header(name, scratch).has_value();
}

std::string CarriedRequest::get(std::string_view name) const
{
    for (const auto &[key, value] : m_headers) {
        if (key == name)
            return value;
    }
    return {};
}

void CarriedRequest::set(std::string_view name, std::string value)
{
    if (name == ":authority" || name == "host") {
        m_authority = std::move(value);
        return;
    }
    const auto found = std::find_if(m_headers.begin(), m_headers.end(),
                                    [&name](const auto &header) { return header.first == name; });
    if (found == m_headers.end()) {
        add(name, std::move(value));
        return;
    }
    found->second = std::move(value);
    m_headers.erase(std::remove_if(std::next(found), m_headers.end(),
                                   [&name](const auto &header) { return header.first == name; }),
                    m_headers.end());
}

void CarriedRequest::add(std::string_view name, std::string value)
{
    m_headers.emplace_back(name, std::move(value));
}

void CarriedRequest::append(std::string_view name, const std::string &value, const std::string &separator)
{
    for (auto &[key, present] : m_headers) {
        if (key == name) {
            present += separator + value;
            return;
        }
    }
    add(name, value);
}

void CarriedRequest::remove(std::string_view name)
{
    std::erase_if(m_headers, [&name](const auto &header) { return header.first == name; });
}

bool CarriedRequest::apply(const std::vector<dataplane::HeaderValueOption> &additions,
                           const std::vector<std::string> &removals)
{
    using Action = dataplane::HeaderAppendAction;
    for (const std::string &name : removals)
        remove(lowered(name));
    Headers overwritten;
    Headers added;
    for (const dataplane::HeaderValueOption &option : additions) {
        if (option.value.empty() && !option.keepEmptyValue)
            continue;
        const std::string name = lowered(option.key);
        Action action = option.action;
        if (option.append)
            action = *option.append ? Action::AppendIfExistsOrAdd : Action::OverwriteIfExistsOrAdd;
        if (action == Action::OverwriteIfExistsOrAdd || (action == Action::OverwriteIfExists && has(name)))
            overwritten.emplace_back(name, option.value);
        else if (action == Action::AppendIfExistsOrAdd || (action == Action::AddIfAbsent && !has(name)))
            added.emplace_back(name, option.value);
    }
    for (auto &[name, value] : overwritten)
        set(name, std::move(value));
    for (auto &[name, value] : added)
        add(name, std::move(value));
    return !removals.empty() || !additions.empty();
}

} // namespace sallyport::explain
