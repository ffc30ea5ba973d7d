// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/e2e/golden/http1_message.h"
#include "tests/e2e/golden/tls_session.h"
#include "tests/e2e/golden/vector.h"

#include <QJsonObject>
#include <optional>
#include <vector>

namespace golden {

/// What a client saw in one exchange.
struct Outcome
{
    bool refused = false;
    bool late = false; ///< no (complete) answer in time
    QString tlsError;
    std::optional<QJsonObject> tls;
    std::optional<bool> closes;
    QString goAway; ///< the error's name
    std::optional<std::vector<Response>> responses;
    std::optional<QByteArray> bytes;
    std::optional<QByteArray> tunnel;
    std::optional<QByteArray> extra;
};

/// Plays one exchange of a vector on a connection of its own. Blocks. `sessions` are those of the exchanges
/// before; null: none is kept.
Outcome play(const QJsonObject &exchange, Placeholders &placeholders, KeptSessions *sessions = nullptr);

} // namespace golden
