// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <string>

namespace sallyport::compile {

/// An Istio message in JSON with its fields as the .proto files write them, `applyTo` as `apply_to`. What
/// holds no fields of Istio's (labels, a patch's value) stays as it is.
QJsonValue withFieldNames(const QJsonValue &message);

/// Merges messages of Envoy's API as protobuf does: fields that `from` sets win, messages are merged in
/// depth, lists are appended (`replaceLists`: they win as well), and of a oneof the member that is set last
/// remains. `type` is their name (`envoy.config.cluster.v3.Cluster`); fields may stand in either spelling of
/// proto3 JSON in `from` and get the .proto files'. Of types that dataplane::ApiSchema doesn't know all stays
/// as written.
void mergeMessage(QJsonObject &into, const QJsonObject &from, const std::string &type,
                  bool replaceLists = false);

/// Merges `typed_config` of a filter or transport socket into another's; of another type it changes nothing.
void mergeTypedConfig(QJsonObject &into, const QJsonObject &from);

} // namespace sallyport::compile
