// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QString>
#include <QStringList>

namespace golden {

/// What differs between a recorded exchange and what a lab answered, one line each. `got` has the form of
/// `sallyportctl send --format json`; `names` says who `ip:port` is. tests/golden/mesh/README.md says what is
/// compared, and how.
QStringList differences(const QJsonObject &want, const QJsonObject &got, const QJsonObject &names);

} // namespace golden
