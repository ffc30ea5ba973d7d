// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace sallyport::dataplane {

/// Whether a name of a certificate covers a wanted host name: equal without regard to case, or a `*` in the
/// certificate's first label that stands for characters of this label
/// (envoy:source/common/tls/utility.cc, dnsNameMatch).
bool dnsNameMatches(std::string_view wanted, std::string_view certificateName);

} // namespace sallyport::dataplane
