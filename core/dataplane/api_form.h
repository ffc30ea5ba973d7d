// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/api_schema.h"
#include "core/dataplane/json_archive.h"

#include <optional>
#include <string>

/// What protobuf's JSON parser takes beside the forms of proto3 JSON.
namespace sallyport::dataplane {

/// The items of lists that stand in the list stand in it themselves, and a null is an item with nothing in
/// it.
QJsonArray flattened(const QJsonArray &list, const ApiField &field);

/// The value of a wrapper or a duration that is written as the message it is in protobuf: `{"value": 5}`,
/// `{"seconds": 1}`. None if the field holds something else. Faults go to `state`.
std::optional<QJsonValue> valueOfMessage(const QJsonObject &object, const ApiField &field,
                                         const std::string &path, ReadState &state);

} // namespace sallyport::dataplane
