// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/control/stats_snapshot.h"

#include <QCborMap>
#include <QCborValue>
#include <QLatin1String>

/// The words of the control channel. Each message is a map with a `type`.
namespace sallyport::control::wire {

inline constexpr int version = 1;

inline constexpr QLatin1String type("type");
inline constexpr QLatin1String id("id"); ///< of a command, repeated in its answer

/// From the supervisor.
inline constexpr QLatin1String hello("hello"); ///< first; `version`, `owner`
inline constexpr QLatin1String apply("apply"); ///< `bootstrap`; answered by `applied`
inline constexpr QLatin1String drain("drain");
inline constexpr QLatin1String stop("stop");         ///< `grace` in milliseconds
inline constexpr QLatin1String askStats("askStats"); ///< answered by `stats`

/// From the gateway.
inline constexpr QLatin1String ready("ready");               ///< `listeners`: [name, address]…
inline constexpr QLatin1String certificates("certificates"); ///< `list`: maps of CertificateNote's fields
inline constexpr QLatin1String error("error");               ///< `what`, `where`, `hint`
inline constexpr QLatin1String applied("applied");           ///< `what` and `where` if it was refused
inline constexpr QLatin1String log("log"); ///< `lines`: json?, bytes, json?, bytes…; `dropped`: lines lost
inline constexpr QLatin1String stats("stats"); ///< what changed since the answer before

/// Keys.
inline constexpr QLatin1String versionKey("version");
inline constexpr QLatin1String owner("owner");
inline constexpr QLatin1String bootstrap("bootstrap");
inline constexpr QLatin1String grace("grace");
inline constexpr QLatin1String listeners("listeners");
inline constexpr QLatin1String list("list");
inline constexpr QLatin1String path("path");
inline constexpr QLatin1String subject("subject");
inline constexpr QLatin1String serial("serial");
inline constexpr QLatin1String notAfter("notAfter");
inline constexpr QLatin1String what("what");
inline constexpr QLatin1String where("where");
inline constexpr QLatin1String hint("hint");
inline constexpr QLatin1String lines("lines");
inline constexpr QLatin1String dropped("dropped");

/// A message of this type, to be filled.
QCborMap message(QLatin1String type);

/// A whole number somebody sent; 0 if it is anything else. QCborValue's own toInteger() casts a double of any
/// size, which is undefined beyond 64 bits.
qint64 wholeNumber(const QCborValue &value);

/// Numbers and histograms of a snapshot; who it is of, the receiver knows.
QCborMap statsMessage(const StatsSnapshot &snapshot);
StatsSnapshot readStats(const QCborMap &message);

} // namespace sallyport::control::wire
