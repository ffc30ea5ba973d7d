// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/spelling.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <vector>

namespace sallyport::model {

namespace {

std::string folded(std::string_view word)
{
    std::string text;
    for (const char c : word) {
        if (c != '_' && c != '-')
            text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return text;
}

/// Letters to change, add or drop (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0U);
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row[b.size()];
}

} // namespace

std::string closestSpelling(std::string_view written, const std::set<std::string, std::less<>> &known)
{
    constexpr std::size_t longestWord = 64; // the search is quadratic, and no field has a longer name
    if (written.size() > longestWord)
        return {};
    const std::string wanted = folded(written);
    std::string best;
    std::size_t bestDistance = std::max<std::size_t>(1, wanted.size() / 3) + 1;
    for (const std::string &word : known) {
        const std::size_t apart = distance(wanted, folded(word));
        if (apart < bestDistance) {
            bestDistance = apart;
            best = word;
        }
    }
    return best;
}

} // namespace sallyport::model
