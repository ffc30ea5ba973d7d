// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/control/process_link.h"

#include <QFile>

namespace sallyport::control {

/// Reads what is appended to a log file, whole lines at a time.
class LogFollower
{
public:
    /// Begins at the end of the file. `json`: which form its lines have.
    LogFollower(const QString &path, bool json);

    struct Found
    {
        QList<LogLine> lines;
        quint64 dropped = 0; ///< lines that were skipped, since too many came at once
    };
    /// What was written since the last call. A file that became shorter is read from its beginning.
    Found poll();

private:
    bool openAt(qint64 position);

    QFile m_file;
    bool m_json;
    QByteArray m_rest; ///< the beginning of a line whose end is not there yet
};

} // namespace sallyport::control
