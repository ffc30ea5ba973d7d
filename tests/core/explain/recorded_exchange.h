// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/explain.h"

#include <QJsonObject>
#include <QStringList>

namespace golden {

/// What differs between an exchange of tests/golden/mesh, as istiod and Envoy answered it, and its
/// explanation; empty: predicted in full.
QStringList differences(const QJsonObject &recorded, const sallyport::explain::Explanation &explained);

/// The request of a recorded exchange; curl's options as far as an explanation knows of them. `unknown` gets
/// the others.
sallyport::explain::Request requestOf(const QJsonObject &recorded, QStringList &unknown);

} // namespace golden
