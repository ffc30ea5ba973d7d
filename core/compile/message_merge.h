// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>

namespace sallyport::compile {

/// A protobuf message in JSON with its fields as the .proto files write them, `connectTimeout` as
/// `connect_timeout`. Keys of maps (metadata, filters' names) stay as they are.
QJsonValue withFieldNames(const QJsonValue &message);

/// Merges messages as protobuf does: fields that `from` sets win, messages are merged in depth, lists are
/// appended (`replaceLists`: they win as well), and of a oneof the member that is set last remains.
void mergeMessage(QJsonObject &into, const QJsonObject &from, bool replaceLists = false);

/// Merges `typed_config` of a filter or transport socket into another's; of another type it changes nothing.
void mergeTypedConfig(QJsonObject &into, const QJsonObject &from);

} // namespace sallyport::compile
