// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/api_schema.h"
#include "core/dataplane/json_archive.h"

#include <optional>
#include <string>

namespace sallyport::dataplane {

/// A single value of a field that is no message, as Envoy's JSON parser reads it and in one spelling: none if
/// it stands there like that, undefined for a number that is none of an enumeration's. Faults go to `state`.
std::optional<QJsonValue> otherSpelling(const QJsonValue &json, const ApiField &field,
                                        const std::string &path, ReadState &state);

/// The rules of a field that is not there: it counts as zero or as an empty text.
void checkAbsentValue(const ApiField &field, const std::string &path, ReadState &state);

} // namespace sallyport::dataplane
