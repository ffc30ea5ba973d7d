// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/base.h"
#include "core/model/resource.h"

#include <QString>

namespace sallyport::compile {

/// istiod's reference to the resource that an Envoy object was made from:
/// `/apis/networking.istio.io/v1/namespaces/NS/virtual-service/NAME`
QString configPath(const model::Resource &resource);

/// The same as the object's metadata.
dataplane::Metadata configMetadata(const model::Resource &resource);

} // namespace sallyport::compile
