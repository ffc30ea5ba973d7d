// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/plan.h"

#include <string>

namespace sallyport::application {

/// The binary PROXY protocol header, version 2, for a TCP connection over IPv4 (haproxy's proxy-protocol.txt,
/// section 2.2): what a lab's sidecar takes in place of iptables' original destination.
/// Empty if one of the addresses is no IPv4 literal.
std::string proxyHeader(const lab::SocketAddress &source, const lab::SocketAddress &destination);

} // namespace sallyport::application
