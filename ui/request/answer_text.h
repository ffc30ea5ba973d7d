// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/application/client.h"

#include <QString>

namespace sallyport::request {

/// An answer's body as a person reads it.
struct AnswerText
{
    enum class Kind { Empty, Text, Json, Binary };
    Kind kind = Kind::Empty;
    QString text;     ///< as it came; of Binary a hex dump
    QString pretty;   ///< of Json: indented, names in the order in which they came
    bool cut = false; ///< only the first `mostShown` bytes
    qint64 size = 0;
};

inline constexpr qint64 mostShown = qint64(512) * 1024;

/// The body as it is shown: as text if it is any, else as bytes; only its beginning if it is long.
AnswerText describeBody(const application::Answer &answer);

/// JSON indented by two spaces, nothing else changed; empty if `text` is no JSON document.
QString indentedJson(const QByteArray &text);

/// `200 OK`, with the reason phrase of RFC 9110.
QString statusText(int status);

/// `1.4 ms`, `2.05 s`
QString durationText(qint64 us);

} // namespace sallyport::request
