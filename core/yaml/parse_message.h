// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"

#include <string_view>

namespace sallyport::yaml {

/// Our name for text that a document's grammar has no place for.
inline constexpr const char *notPartOfDocument = "not part of the document";

/// Our name for a key that ends its mapping without a colon.
inline constexpr const char *missingColon = "missing colon";

/// The parser's complaint in words that say what was expected at `at`, and what may have gone wrong there.
Error parseError(std::string_view complaint, std::string_view text, std::size_t at, Place place);

/// Why the file is no YAML text at all.
Error forbiddenByteError(std::string_view text, std::size_t at, Place place);

} // namespace sallyport::yaml
