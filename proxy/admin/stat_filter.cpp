// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/stat_filter.h"

#include <re2/re2.h>
#include <set>

namespace sallyport::admin {

Result<StatFilter> StatFilter::create(const AdminRequest &request)
{
    StatFilter filter;
    filter.m_usedOnly = request.has("usedonly");
    filter.m_inverted = request.has("invert_filter");
    // Nothing is hidden here.
    static const std::set<std::string> ways{"", "include", "only", "exclude"};
    if (!ways.contains(request.get("hidden")))
        return fail("usage: /stats?hidden=(include|only|exclude)\n\n");
    filter.m_nothing = request.get("hidden") == "only";
    if (const std::string expression = request.get("filter"); !expression.empty()) {
        filter.m_filter = std::make_shared<const re2::RE2>(expression, re2::RE2::Quiet);
        if (!filter.m_filter->ok())
            return fail("Invalid re2 regex: " + filter.m_filter->error());
    }
    if (const std::string type = request.get("type"); !type.empty()) {
        if (type == "Counters")
            filter.m_type = Type::Counters;
        else if (type == "Gauges")
            filter.m_type = Type::Gauges;
        else if (type == "Histograms")
            filter.m_type = Type::Histograms;
        else if (type == "TextReadouts")
            filter.m_type = Type::TextReadouts;
        else if (type != "All")
            return fail("invalid &type= param");
    }
    return filter;
}

bool StatFilter::passes(const std::string &name, bool used) const
{
    return !m_nothing && (used || !m_usedOnly) &&
           (!m_filter || re2::RE2::PartialMatch(name, *m_filter) != m_inverted);
}

} // namespace sallyport::admin
