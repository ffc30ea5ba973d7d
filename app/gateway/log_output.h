// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace sallyport::gateway {

/// Sends the process's own messages (not access logs) to standard error or to `path`, in Envoy's form, from
/// `level` up. False if the file cannot be opened.
bool installLogOutput(const std::string &level, const std::string &path);

} // namespace sallyport::gateway
