// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/lab_session.h"

#include <QObject>
#include <QString>

namespace sallyport::editor {

/// What the running lab made of the last change, in words for a strip above the text.
class LabVerdict : public QObject
{
    Q_OBJECT

public:
    enum class Kind {
        None,    ///< nothing runs, or nothing was changed since it does
        InForce, ///< the lab took the change over
        Refused, ///< the lab goes on as it was
    };

    explicit LabVerdict(session::LabSession &lab, QObject *parent = nullptr);

    Kind kind() const { return m_kind; }
    QString text() const { return m_text; }
    /// Where the first problem is, if it says so: line from 1, else 0.
    QString file() const { return m_file; }
    int line() const { return m_line; }

    void onApplied(const QStringList &problems);
    void onState(session::LabState state);

Q_SIGNALS:
    void changed();

private:
    void set(Kind kind, const QString &text, const QString &file = {}, int line = 0);

    Kind m_kind = Kind::None;
    QString m_text;
    QString m_file;
    int m_line = 0;
};

} // namespace sallyport::editor
