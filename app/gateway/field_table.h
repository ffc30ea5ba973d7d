// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace sallyport::gateway {

/// Which fields of Envoy's v3 API the gateway knows, as a Markdown table: made of what the decoders read, so
/// it cannot say anything else than they do. Kept as proxy/FIELDS.md.
std::string fieldTable();

} // namespace sallyport::gateway
