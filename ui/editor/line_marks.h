// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/problems/finding.h"

#include <map>
#include <string_view>

namespace sallyport::editor {

/// What an editor shows at one line for the findings that are about it.
struct LineMark
{
    /// Bytes of the line that are underlined.
    struct Span
    {
        int begin = 0;
        int end = 0;
        model::Severity severity = model::Severity::Error;
        bool operator==(const Span &) const = default;
    };
    model::Severity worst = model::Severity::Information;
    QString text; ///< a paragraph for each finding, with its hint
    std::vector<Span> spans;
    bool operator==(const LineMark &) const = default;
};

/// By line, from 0. A finding without a place in the text, or with one behind its end, has none.
std::map<int, LineMark> marksOf(const std::vector<const problems::Finding *> &findings,
                                std::string_view text);

} // namespace sallyport::editor
