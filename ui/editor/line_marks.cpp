// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/line_marks.h"

#include <algorithm>

namespace sallyport::editor {

namespace {

std::vector<std::string_view> linesIn(std::string_view text)
{
    std::vector<std::string_view> lines;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

/// From the finding's column to the end of the key or value there; the whole content where it has no column.
LineMark::Span spanOf(std::string_view line, const problems::Finding &finding)
{
    const std::size_t content = std::min(line.find_first_not_of(" \t"), line.size());
    const std::size_t last = line.find_last_not_of(" \t\r");
    const std::size_t stop = last == std::string_view::npos ? line.size() : last + 1;
    std::size_t begin = finding.column > 0 ? static_cast<std::size_t>(finding.column) - 1 : content;
    std::size_t end = stop;
    if (begin >= stop) {
        begin = content;
    } else if (finding.column > 0) {
        const std::size_t comment = line.find(" #", begin);
        const std::size_t colon = line.find(": ", begin);
        end = std::min({stop, comment, colon, line.ends_with(':') ? line.size() - 1 : line.size()});
    }
    return {static_cast<int>(begin), static_cast<int>(std::max(end, begin + 1)), finding.severity};
}

} // namespace

std::map<int, LineMark> marksOf(const std::vector<const problems::Finding *> &findings, std::string_view text)
{
    const std::vector<std::string_view> lines = linesIn(text);
    std::map<int, LineMark> marks;
    for (const problems::Finding *finding : findings) {
        const int line = finding->line - 1;
        if (line < 0 || line >= static_cast<int>(lines.size()))
            continue;
        LineMark &mark = marks[line];
        mark.worst = std::min(mark.worst, finding->severity);
        if (!mark.text.isEmpty())
            mark.text += QLatin1Char('\n');
        if (!finding->code.isEmpty())
            mark.text += finding->code + QLatin1Char(' ');
        mark.text += finding->message;
        if (!finding->hint.isEmpty())
            mark.text += QStringLiteral(" (") + finding->hint + QLatin1Char(')');
        mark.spans.push_back(spanOf(lines[static_cast<std::size_t>(line)], *finding));
    }
    return marks;
}

} // namespace sallyport::editor
