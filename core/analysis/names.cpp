// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/names.h"

#include <algorithm>

namespace sallyport::analysis {

namespace {

constexpr std::size_t mostDifference = 2;

/// Levenshtein's distance.
std::size_t distance(const std::string &a, const std::string &b)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

} // namespace

std::string textOf(const model::Labels &labels)
{
    std::string text;
    for (const auto &[name, value] : labels)
        text += (text.empty() ? "" : ", ") + name + '=' + value;
    return text;
}

std::string closestTo(const std::string &name, const std::vector<std::string> &known)
{
    std::string best;
    std::size_t least = mostDifference + 1;
    for (const std::string &candidate : known) {
        const std::size_t difference = distance(name, candidate);
        if (difference > 0 && difference < least) {
            least = difference;
            best = candidate;
        }
    }
    return best;
}

bool matchesPattern(const std::string &pattern, const std::string &text)
{
    if (pattern == "*")
        return !text.empty();
    if (pattern.ends_with('*'))
        return text.starts_with(pattern.substr(0, pattern.size() - 1));
    if (pattern.starts_with('*'))
        return text.ends_with(pattern.substr(1));
    return pattern == text;
}

} // namespace sallyport::analysis
