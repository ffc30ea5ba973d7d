// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace sallyport::lab {

/// What a lab's applications call themselves in their requests, unless told otherwise: Debian 12's curl, so
/// that rules and servers that ask who it is see what they saw in a cluster.
inline constexpr const char *userAgent = "curl/7.88.1";

} // namespace sallyport::lab
