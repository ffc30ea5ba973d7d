// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRegularExpression>
#include <QString>

namespace golden {

/// `text` with each match replaced by what `make` says of it.
template<typename Make>
QString replaceEach(const QString &text, const QRegularExpression &expression, Make make)
{
    QString out;
    qsizetype done = 0;
    auto matches = expression.globalMatch(text);
    while (matches.hasNext()) {
        const QRegularExpressionMatch match = matches.next();
        out += QStringView(text).mid(done, match.capturedStart() - done);
        out += make(match);
        done = match.capturedEnd();
    }
    if (done == 0)
        return text;
    out += QStringView(text).mid(done);
    return out;
}

} // namespace golden
