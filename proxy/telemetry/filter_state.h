// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/set_filter_state.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::telemetry {

/// What the filters of one stream leave for those behind them, under names (Envoy's FilterState).
class FilterState
{
public:
    struct Object
    {
        std::string key;
        const dataplane::FilterObjectFactory *factory = nullptr; ///< static
        std::string text;                                        ///< its plain form
        bool shared = false;                                     ///< with the upstream connection
    };

    /// In the place of one with the same key.
    void set(Object object);
    /// Null: there is none.
    const Object *find(std::string_view key) const;
    /// Its text; empty without it.
    std::string_view text(std::string_view key) const;
    /// What the upstream connection is told; null: nothing.
    std::shared_ptr<const FilterState> sharedWithUpstream() const;
    /// What of that tells connections apart, as a text.
    std::string hashable() const;

private:
    std::vector<Object> m_objects;
};

} // namespace sallyport::telemetry
