// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/filter_state.h"

#include <algorithm>

namespace sallyport::telemetry {

void FilterState::set(Object object)
{
    const auto same = std::find_if(m_objects.begin(), m_objects.end(),
                                   [&object](const Object &each) { return each.key == object.key; });
    if (same == m_objects.end())
        m_objects.push_back(std::move(object));
    else
        *same = std::move(object);
}

const FilterState::Object *FilterState::find(std::string_view key) const
{
    const auto found = std::find_if(m_objects.begin(), m_objects.end(),
                                    [key](const Object &each) { return each.key == key; });
    return found == m_objects.end() ? nullptr : &*found;
}

std::string_view FilterState::text(std::string_view key) const
{
    const Object *object = find(key);
    return object != nullptr ? std::string_view(object->text) : std::string_view();
}

std::shared_ptr<const FilterState> FilterState::sharedWithUpstream() const
{
    if (std::none_of(m_objects.begin(), m_objects.end(), [](const Object &each) { return each.shared; }))
        return nullptr;
    auto shared = std::make_shared<FilterState>(*this);
    std::erase_if(shared->m_objects, [](const Object &each) { return !each.shared; });
    return shared;
}

std::string FilterState::hashable() const
{
    std::string all;
    for (const Object &object : m_objects) {
        if (object.shared && object.factory->hashable)
            all += object.key + '=' + object.text + '\n';
    }
    return all;
}

} // namespace sallyport::telemetry
