// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/explanation.h"

namespace sallyport::explain {

/// How an explanation is printed.
struct TextOptions
{
    bool colour = false; ///< for a terminal; marks say the same without
    std::string folder;  ///< put before the names of files, so that a terminal can open them
};

/// An explanation for a person: a paragraph for each hop, a line for each step, reasons and places below it.
/// ✓ went on, ✗ ended, ● answered, ? left to chance or unknown, · worth knowing.
std::string toText(const Explanation &explanation, const TextOptions &options = {});

} // namespace sallyport::explain
