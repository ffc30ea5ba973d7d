// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QString>
#include <QStringList>

#include <string>

namespace sallyport::admin {

/// Whether `path`, `a.b.c`, leads to a field of a message of Envoy's API: through messages only, neither into
/// lists and maps nor below plain values. Paths into messages that are not known are taken.
bool leadsToField(const std::string &message, const QString &path);

/// What paths keep of an object, and its type.
QJsonObject masked(const QJsonObject &object, const QStringList &paths);

/// The fields of a section of the dump, `envoy.admin.v3.ClustersConfigDump`: whether a path is one of them.
bool leadsIntoSection(const QString &section, const QString &path);

/// A resource of the dump, `{"cluster": …, "last_updated": …}`: whether a path leads to a field of it.
bool leadsIntoResource(const QJsonObject &resource, const QString &path);

} // namespace sallyport::admin
