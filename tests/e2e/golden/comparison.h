// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/e2e/golden/exchange.h"
#include "tests/e2e/golden/normaliser.h"
#include "tests/e2e/golden/upstream_server.h"

#include <QStringList>

namespace golden {

/// What a client saw, in the form of an exchange's `expect`.
QJsonObject comparable(const Outcome &outcome, const Normaliser &normaliser, const QJsonObject &exchange);
/// What the upstreams saw, in the form of `upstream_saw`.
QJsonArray comparable(const std::vector<std::pair<QString, SeenRequest>> &seen, const Normaliser &normaliser,
                      const QJsonObject &vector);
/// An access log's records, in the form of `log`.
QJsonArray comparableLog(const QByteArray &log, const Normaliser &normaliser, const QJsonObject &vector);

/// One line for each innermost place that differs: `exchange[0].expect.body: expected …, got …`.
QStringList differences(const QJsonValue &expected, const QJsonValue &got, const QString &where);

} // namespace golden
