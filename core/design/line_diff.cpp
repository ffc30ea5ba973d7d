// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/line_diff.h"

#include <algorithm>

namespace sallyport::design {

namespace {

std::vector<std::string_view> linesOf(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        lines.push_back(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// Texts that differ in more lines than this have nothing to do with each other.
constexpr int mostDifferences = 2000;

/// The furthest points of every round of Myers' search, for walking back.
using Rounds = std::vector<std::vector<int>>;

Rounds search(const std::vector<std::string_view> &a, const std::vector<std::string_view> &b)
{
    const int n = static_cast<int>(a.size());
    const int m = static_cast<int>(b.size());
    const int most = std::min(n + m, mostDifferences);
    std::vector<int> furthest(static_cast<std::size_t>(2 * most + 2), 0);
    const auto at = [&](int k) -> int & { return furthest.begin()[k + most]; };
    Rounds rounds;
    for (int d = 0; d <= most; ++d) {
        rounds.push_back(furthest);
        for (int k = -d; k <= d; k += 2) {
            int x = k == -d || (k != d && at(k - 1) < at(k + 1)) ? at(k + 1) : at(k - 1) + 1;
            while (x < n && x - k < m && a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(x - k)])
                ++x;
            at(k) = x;
            if (x >= n && x - k >= m)
                return rounds;
        }
    }
    return {};
}

/// Removals before additions in each run of changes.
void orderRuns(std::vector<DiffLine> &diff)
{
    const auto isSame = [](const DiffLine &line) { return line.kind == DiffLine::Kind::Same; };
    for (auto run = diff.begin(); run != diff.end();) {
        const auto end = std::find_if(run, diff.end(), isSame);
        std::stable_partition(run, end,
                              [](const DiffLine &line) { return line.kind == DiffLine::Kind::Removed; });
        run = std::find_if_not(end, diff.end(), isSame);
    }
}

} // namespace

std::vector<DiffLine> diffLines(std::string_view before, std::string_view after)
{
    const std::vector<std::string_view> a = linesOf(before);
    const std::vector<std::string_view> b = linesOf(after);
    std::vector<DiffLine> diff;
    // What both begin and end with needs no search.
    std::size_t head = 0;
    while (head < a.size() && head < b.size() && a[head] == b[head])
        ++head;
    std::size_t tail = 0;
    while (tail < a.size() - head && tail < b.size() - head &&
           a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
        ++tail;
    const std::vector<std::string_view> innerA(a.begin() + static_cast<long>(head),
                                               a.end() - static_cast<long>(tail));
    const std::vector<std::string_view> innerB(b.begin() + static_cast<long>(head),
                                               b.end() - static_cast<long>(tail));

    const auto line = [](DiffLine::Kind kind, std::size_t old, std::size_t young, std::string_view text) {
        return DiffLine{kind, static_cast<int>(old), static_cast<int>(young), std::string(text)};
    };
    const Rounds rounds = search(innerA, innerB);
    const int most = std::min(static_cast<int>(innerA.size() + innerB.size()), mostDifferences);
    int x = static_cast<int>(innerA.size());
    int y = static_cast<int>(innerB.size());
    std::vector<DiffLine> inner;
    for (int d = static_cast<int>(rounds.size()) - 1; d >= 0; --d) {
        const std::vector<int> &furthest = rounds[static_cast<std::size_t>(d)];
        const auto at = [&](int k) { return furthest.begin()[k + most]; };
        const int k = x - y;
        const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
        const int previousX = d == 0 ? 0 : at(down ? k + 1 : k - 1);
        const int previousY = d == 0 ? 0 : previousX - (down ? k + 1 : k - 1);
        while (x > previousX && y > previousY) {
            --x;
            --y;
            const auto ux = static_cast<std::size_t>(x);
            inner.push_back(line(DiffLine::Kind::Same, head + ux + 1, head + static_cast<std::size_t>(y) + 1,
                                 innerA[ux]));
        }
        if (d == 0)
            break;
        if (down) {
            --y;
            const auto uy = static_cast<std::size_t>(y);
            inner.push_back(line(DiffLine::Kind::Added, 0, head + uy + 1, innerB[uy]));
        } else {
            --x;
            const auto ux = static_cast<std::size_t>(x);
            inner.push_back(line(DiffLine::Kind::Removed, head + ux + 1, 0, innerA[ux]));
        }
    }
    std::reverse(inner.begin(), inner.end());
    if (rounds.empty()) {
        for (std::size_t i = 0; i < innerA.size(); ++i)
            inner.push_back(line(DiffLine::Kind::Removed, head + i + 1, 0, innerA[i]));
        for (std::size_t i = 0; i < innerB.size(); ++i)
            inner.push_back(line(DiffLine::Kind::Added, 0, head + i + 1, innerB[i]));
    }
    orderRuns(inner);

    for (std::size_t i = 0; i < head; ++i)
        diff.push_back(line(DiffLine::Kind::Same, i + 1, i + 1, a[i]));
    diff.insert(diff.end(), inner.begin(), inner.end());
    for (std::size_t i = 0; i < tail; ++i)
        diff.push_back(line(DiffLine::Kind::Same, a.size() - tail + i + 1, b.size() - tail + i + 1,
                            a[a.size() - tail + i]));
    return diff;
}

std::vector<DiffLine> shortened(const std::vector<DiffLine> &diff, int context)
{
    const int count = static_cast<int>(diff.size());
    std::vector<bool> shown(diff.size(), false);
    for (int i = 0; i < count; ++i) {
        if (diff[static_cast<std::size_t>(i)].kind == DiffLine::Kind::Same)
            continue;
        for (int k = std::max(0, i - context); k <= std::min(count - 1, i + context); ++k)
            shown[static_cast<std::size_t>(k)] = true;
    }
    std::vector<DiffLine> result;
    bool gap = false;
    for (std::size_t i = 0; i < diff.size(); ++i) {
        if (shown[i])
            result.push_back(diff[i]);
        else if (!gap)
            result.push_back({});
        gap = !shown[i];
    }
    return result;
}

} // namespace sallyport::design
