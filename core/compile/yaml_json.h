// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/yaml/node.h"

#include <QJsonValue>

namespace sallyport::compile {

/// What a piece of YAML is in JSON: plain scalars are booleans and numbers where they look like it.
QJsonValue jsonOf(const yaml::Node &node);

} // namespace sallyport::compile
