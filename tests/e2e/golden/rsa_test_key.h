// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

namespace golden {

/// The RSA private key of a test certificate, PEM. Its primes are derived from the name, so that none is
/// stored.
QByteArray rsaTestKey(const QString &name);

} // namespace golden
