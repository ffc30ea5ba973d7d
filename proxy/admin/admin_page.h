// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/admin/admin_endpoint.h"

#include <string>
#include <string_view>

namespace sallyport::admin {

inline constexpr const char *pageContentType = "text/html; charset=UTF-8";
/// An HTML page; `body` is markup. `reloads`: it fetches itself anew every few seconds.
std::string page(std::string_view title, const std::string &body, bool reloads = false);
/// Text as it is, its markup made harmless.
std::string preformatted(std::string_view text);
/// The home page: every command, those that change something as buttons.
AdminAnswer homeEndpoint(const AdminRequest &request, ServerState &state);

} // namespace sallyport::admin
