// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/bootstrap.h"

namespace sallyport::dataplane {

/// Tells connection managers which of Envoy's guards `layered_runtime` has switched: they are part of what a
/// configuration means, and of what makes it another one (source/common/runtime/runtime_features.cc).
void applyRuntimeFeatures(Bootstrap &bootstrap);

} // namespace sallyport::dataplane
