// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"

#include <QByteArray>
#include <QCborMap>
#include <optional>

namespace sallyport::control {

/// No message of the control channel is larger; a bootstrap of a large mesh is a few MiB.
inline constexpr qsizetype largestFrame = qsizetype(64) * 1024 * 1024;

/// One message of the control channel: its length in four bytes, big-endian, then a CBOR map.
QByteArray frame(const QCborMap &message);

/// Cuts a byte stream into messages.
class FrameReader
{
public:
    void append(const QByteArray &bytes);

    /// The next whole message; none: more bytes are needed. After an error the stream is of no use.
    Result<std::optional<QCborMap>> next();

private:
    QByteArray m_buffer;
    qsizetype m_at = 0; ///< what lies before is done with
};

} // namespace sallyport::control
