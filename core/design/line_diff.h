// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sallyport::design {

/// A line of a text and what became of it.
struct DiffLine
{
    enum class Kind { Same, Added, Removed };
    Kind kind = Kind::Same;
    int before = 0; ///< line number in the old text, from 1; 0: not in it
    int after = 0;
    std::string text; ///< without its line break

    bool operator==(const DiffLine &) const = default;
};

/// The shortest way from one text to the other, line by line (Myers 1986); removals before additions.
std::vector<DiffLine> diffLines(std::string_view before, std::string_view after);

/// Only what changed, each with up to `context` lines around it. A line of kind Same with both numbers 0
/// stands for lines left out.
std::vector<DiffLine> shortened(const std::vector<DiffLine> &diff, int context);

} // namespace sallyport::design
