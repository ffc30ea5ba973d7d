// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_connection_manager.h"

namespace sallyport::dataplane {

/// What becomes of a request by its path's form.
enum class PathOutcome {
    Accepted,
    Rejected,  ///< 400, `path_normalization_failed`
    Redirected ///< 307 to the new path
};

/// Applies a connection manager's path options to `path` (with query), in Envoy's order: fragment check,
/// escaped slashes, canonical form, merged slashes (source/common/http/path_utility.cc). `path` is left alone
/// unless it changes; a path that is refused for its escaped slashes shows them unescaped.
PathOutcome normalizePath(std::string &path, const HttpConnectionManager &options);

} // namespace sallyport::dataplane
