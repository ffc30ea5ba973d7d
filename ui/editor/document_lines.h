// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/selection.h"

#include <optional>
#include <string_view>

namespace sallyport::editor {

/// Lines of a file, counted from 0, both included.
struct LineRange
{
    int first = 0;
    int last = 0;
    bool operator==(const LineRange &) const = default;
};

/// The lines that a resource takes in the text of its file: its document with the comments on it, or its item
/// of a `kind: List`. Nothing if the text has no such document. A broken document has lines all the same.
std::optional<LineRange> linesOf(std::string_view text, const session::ResourceSelection &resource);

/// The line, from 0, of the field that is selected; of the nearest parent that is there; else of the
/// resource.
std::optional<int> lineOf(std::string_view text, const session::ResourceSelection &resource);

} // namespace sallyport::editor
