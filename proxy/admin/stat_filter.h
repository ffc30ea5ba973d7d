// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"
#include "proxy/admin/admin_endpoint.h"

#include <memory>

namespace re2 {
class RE2;
}

namespace sallyport::admin {

/// Which statistics a request asks for: `usedonly`, `filter`, `invert_filter`, `type`. An error's text is the
/// answer's body.
class StatFilter
{
public:
    static Result<StatFilter> create(const AdminRequest &request);
    bool passes(const std::string &name, bool used) const;
    bool wantsCounters() const { return m_type == Type::All || m_type == Type::Counters; }
    bool wantsGauges() const { return m_type == Type::All || m_type == Type::Gauges; }
    bool wantsHistograms() const { return m_type == Type::All || m_type == Type::Histograms; }
    bool wantsTexts() const { return m_type == Type::All || m_type == Type::TextReadouts; }

private:
    enum class Type { All, Counters, Gauges, Histograms, TextReadouts };
    std::shared_ptr<const re2::RE2> m_filter;
    bool m_usedOnly = false;
    bool m_inverted = false;
    bool m_nothing = false;
    Type m_type = Type::All;
};

} // namespace sallyport::admin
