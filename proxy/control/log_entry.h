// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QMetaType>
#include <QString>

namespace sallyport::control {

/// One access-log line of one proxy of the lab.
struct LogEntry
{
    QString process;       ///< lab::Process::id
    QString proxy;         ///< full name of the workload instance, `primary:default/sleep`
    qint64 receivedUs = 0; ///< since 1970, UTC: when the supervisor got the line
    /// The line's fields: a JSON log's own, or what a text log says under the keys of Istio's JSON format,
    /// with the whole line as `line`. Addresses as this machine writes them: lab::NetworkView names them.
    QJsonObject fields;
    /// The two connections of the line, `address:port` of this machine, as `fields` had them before
    /// nameAddresses(): a proxy's upstreamLocal is the next proxy's downstreamPeer. They find the lines of
    /// one request, since a gateway gives the request a new id. Empty where the line does not say.
    QString downstreamPeer;
    QString upstreamLocal;
};

} // namespace sallyport::control

Q_DECLARE_METATYPE(sallyport::control::LogEntry)
