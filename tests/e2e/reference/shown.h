// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/e2e/golden/exchange.h"
#include "tests/e2e/golden/upstream_server.h"
#include "tests/e2e/reference/statement.h"

namespace reference {

/// The answers of an exchange as a statement writes them, one text each; then what else happened (`late`,
/// `refused`, `closes`, bytes after the last answer).
QByteArrayList shownAnswers(const golden::Outcome &outcome, const Statement &statement);
/// What a statement expects, in the same form.
QByteArrayList expectedAnswers(const Statement &statement);
/// A request as an upstream saw it.
QByteArray shownRequest(const golden::SeenRequest &request, const Statement &statement);

} // namespace reference
