// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/base.h"
#include "core/result/result.h"
#include "proxy/telemetry/formatter.h"

namespace sallyport::telemetry {

/// The headers that one level of a configuration takes away and adds, ready to run: removals first, then
/// overwriting values, then added ones (source/common/router/header_parser.cc).
class HeaderMutator
{
public:
    /// Where a well-known header stands whose value is overwritten. Any other goes to the end.
    enum class Overwritten { InPlace, AtEnd };

    static Result<HeaderMutator> create(const std::vector<dataplane::HeaderValueOption> &add,
                                        const std::vector<std::string> &remove,
                                        Overwritten overwritten = Overwritten::InPlace);
    void apply(http::HeaderMap &headers, const LogContext &context) const;
    bool isEmpty() const { return m_add.empty() && m_remove.empty(); }

private:
    struct Addition
    {
        std::string name; ///< lower case
        TextFormatter value;
        dataplane::HeaderAppendAction action;
        bool keepEmpty;
    };
    std::vector<Addition> m_add;
    std::vector<std::string> m_remove;
    Overwritten m_overwritten = Overwritten::InPlace;
};

/// Changes one after the other, each on what the one before left (Envoy's header mutation extensions).
class HeaderMutationList
{
public:
    static Result<HeaderMutationList> create(const std::vector<dataplane::HeaderMutation> &mutations);
    void apply(http::HeaderMap &headers, const LogContext &context) const;
    bool isEmpty() const { return m_steps.empty(); }

private:
    std::vector<HeaderMutator> m_steps;
};

} // namespace sallyport::telemetry
