// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>

namespace sallyport::dataplane {

/// `bootstrap`, which checkedMessage() has seen, with what its static runtime layers say in the place of the
/// defaults of the fields that name a runtime key (RuntimeFractionalPercent, RuntimeFeatureFlag,
/// RuntimeUInt32, RuntimeDouble, runtime_filter, faults, tracing, weights of clusters): another runtime is
/// another configuration here. `adminRuntime` has the values of the admin layer, if there is one. A key
/// stands as a whole (`a.b`) or as a path through nested structs; the last layer wins. Values of the wrong
/// kind leave the default.
QJsonObject withStaticRuntime(const QJsonObject &bootstrap, const QJsonObject &adminRuntime);

} // namespace sallyport::dataplane
