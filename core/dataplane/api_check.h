// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/json_archive.h"

#include <string>

namespace sallyport::dataplane {

/// `object` as Envoy's JSON parser reads a message of that name, in one spelling: fields by the names of the
/// .proto files, enumerations by name, numbers as numbers, what is null or none of the enumeration's left
/// out. What the parser or the rules beside a field refuse goes to `state` with its path. Messages that are
/// not known here, and what stands in an unknown `@type`, are handed on as they are.
QJsonObject checkedMessage(const QJsonObject &object, const std::string &message, const std::string &path,
                           ReadState &state);

} // namespace sallyport::dataplane
