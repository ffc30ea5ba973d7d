// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/designer/file_diff.h"

#include <algorithm>

namespace sallyport::designer {

namespace {

using design::DiffLine;

bool isGap(const DiffLine &line)
{
    return line.kind == DiffLine::Kind::Same && line.before == 0 && line.after == 0;
}

QChar signOf(DiffLine::Kind kind)
{
    return QLatin1Char(kind == DiffLine::Kind::Added ? '+' : kind == DiffLine::Kind::Removed ? '-' : ' ');
}

/// `@@ -3,7 +3,8 @@` and its lines.
QString hunkText(const std::vector<DiffLine> &lines, std::size_t begin, std::size_t end)
{
    int before = 0;
    int after = 0;
    int firstBefore = 0;
    int firstAfter = 0;
    QString body;
    for (std::size_t i = begin; i < end; ++i) {
        const DiffLine &line = lines[i];
        if (line.kind != DiffLine::Kind::Added && before++ == 0)
            firstBefore = line.before;
        if (line.kind != DiffLine::Kind::Removed && after++ == 0)
            firstAfter = line.after;
        body += signOf(line.kind) + QString::fromStdString(line.text) + QLatin1Char('\n');
    }
    return QStringLiteral("@@ -%1,%2 +%3,%4 @@\n").arg(firstBefore).arg(before).arg(firstAfter).arg(after) +
           body;
}

} // namespace

std::vector<FileDiff> fileDiffs(const model::FileChanges &changes)
{
    std::vector<FileDiff> diffs;
    for (const model::FileChange &change : changes) {
        FileDiff diff;
        diff.kind = !change.before  ? FileDiff::Kind::New
                    : !change.after ? FileDiff::Kind::Removed
                                    : FileDiff::Kind::Changed;
        diff.path = QString::fromStdString(change.path);
        const std::vector<DiffLine> all =
            design::diffLines(change.before.value_or(std::string()), change.after.value_or(std::string()));
        for (const DiffLine &line : all) {
            diff.added += line.kind == DiffLine::Kind::Added ? 1 : 0;
            diff.removed += line.kind == DiffLine::Kind::Removed ? 1 : 0;
        }
        diff.lines = design::shortened(all, diffContext);
        diffs.push_back(std::move(diff));
    }
    return diffs;
}

QString unifiedText(const model::FileChanges &changes)
{
    QString text;
    for (const FileDiff &diff : fileDiffs(changes)) {
        const QString none = QStringLiteral("/dev/null");
        text += QStringLiteral("--- ") +
                (diff.kind == FileDiff::Kind::New ? none : QStringLiteral("a/") + diff.path) +
                QStringLiteral("\n+++ ") +
                (diff.kind == FileDiff::Kind::Removed ? none : QStringLiteral("b/") + diff.path) +
                QLatin1Char('\n');
        std::size_t begin = 0;
        while (begin < diff.lines.size()) {
            if (isGap(diff.lines[begin])) {
                ++begin;
                continue;
            }
            const auto gap = std::find_if(diff.lines.begin() + static_cast<std::ptrdiff_t>(begin),
                                          diff.lines.end(), isGap);
            const auto end = static_cast<std::size_t>(gap - diff.lines.begin());
            text += hunkText(diff.lines, begin, end);
            begin = end;
        }
    }
    return text;
}

} // namespace sallyport::designer
