// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/control/frame.h"

#include <QCborValue>
#include <QtEndian>

namespace sallyport::control {

namespace {

constexpr qsizetype headSize = sizeof(quint32);

} // namespace

QByteArray frame(const QCborMap &message)
{
    const QByteArray body = message.toCborValue().toCbor();
    QByteArray bytes(headSize, Qt::Uninitialized);
    qToBigEndian(static_cast<quint32>(body.size()), bytes.data());
    return bytes + body;
}

void FrameReader::append(const QByteArray &bytes)
{
    if (m_at > 0) {
        m_buffer.remove(0, m_at);
        m_at = 0;
    }
    m_buffer += bytes;
}

Result<std::optional<QCborMap>> FrameReader::next()
{
    if (m_buffer.size() - m_at < headSize)
        return std::nullopt;
    const qsizetype size = qFromBigEndian<quint32>(m_buffer.constData() + m_at);
    if (size > largestFrame)
        return fail("a message of " + std::to_string(size) +
                    " bytes is larger than the control channel allows");
    if (m_buffer.size() - m_at - headSize < size)
        return std::nullopt;
    QCborParserError error;
    const QCborValue value = QCborValue::fromCbor(m_buffer.constData() + m_at + headSize, size, &error);
    m_at += headSize + size;
    if (error.error != QCborError::NoError || error.offset != size)
        return fail("a message is not CBOR: " + error.errorString().toStdString());
    if (!value.isMap())
        return fail("a message is not a CBOR map");
    return value.toMap();
}

} // namespace sallyport::control
