// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/request_view.h"
#include "core/dataplane/route.h"
#include "core/dataplane/value_matchers.h"

#include <vector>

namespace sallyport::dataplane {

/// The cookie matchers of a route, ready to run. The configuration outlives them.
class CompiledCookies
{
public:
    explicit CompiledCookies(const std::vector<CookieMatcher> &matchers);

    /// Whether the request meets all of them.
    bool match(const RequestView &request) const;

private:
    const std::vector<CookieMatcher> *m_matchers;
    std::vector<CompiledString> m_values; ///< of the matchers, in their order
};

} // namespace sallyport::dataplane
