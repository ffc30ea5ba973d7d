// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QJsonValue>
#include <string>

/// Single fields of a compiled bootstrap, for tests that name what istiod writes.
namespace fixture {

/// The value below `value` at `a/b[0]/c`; a name in brackets picks the item of that name.
QJsonValue fieldAt(QJsonValue value, const QByteArray &path);
/// Compact JSON; `absent` for a field that is not there.
QByteArray jsonOf(const QJsonValue &value);
/// An Istio resource as a YAML document. `spec` and `metadata` are in flow style.
std::string object(const std::string &kind, const std::string &name, const std::string &spec,
                   const std::string &nameSpace = "default", const std::string &metadata = {});

} // namespace fixture
