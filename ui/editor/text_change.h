// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/yaml/edit.h"

#include <optional>
#include <string_view>

namespace sallyport::editor {

/// The one patch that makes `after` of `before`, as small as a single patch can be and never in the middle of
/// a UTF-8 sequence; nothing if they are the same. It keeps cursor and scroll position where an editor
/// follows a text that somebody else changed.
std::optional<yaml::TextEdit> changeBetween(std::string_view before, std::string_view after);

} // namespace sallyport::editor
