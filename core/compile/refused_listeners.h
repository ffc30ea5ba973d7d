// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/clusters.h"
#include "core/dataplane/listener.h"

namespace sallyport::compile {

/// Whether Envoy refuses a listener that istiod sends it nevertheless: for two chains that match the same, a
/// key set without a key, a cipher or curve that it does not know, names of clients without a CA. The rest of
/// the proxy runs on, so the listener is to be left out; why is said in `warnings`, at `source` if the reason
/// has no place of its own.
bool isRefused(const ProxyContext &proxy, const dataplane::Listener &listener, const Place &source);

} // namespace sallyport::compile
