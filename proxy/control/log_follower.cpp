// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/control/log_follower.h"

#include <algorithm>

namespace sallyport::control {

namespace {

/// More than a person can read and a view can show at a time.
constexpr qint64 mostAtOnce = qint64(4) * 1024 * 1024;
constexpr qint64 chunk = qint64(256) * 1024;

} // namespace

LogFollower::LogFollower(const QString &path, bool json)
    : m_file(path)
    , m_json(json)
{
    if (openAt(0))
        m_file.seek(m_file.size());
}

bool LogFollower::openAt(qint64 position)
{
    if (!m_file.isOpen() && !m_file.open(QIODevice::ReadOnly | QIODevice::Unbuffered))
        return false;
    return m_file.seek(position);
}

LogFollower::Found LogFollower::poll()
{
    Found found;
    if (!m_file.isOpen() && !openAt(0))
        return found;
    qint64 pending = m_file.size() - m_file.pos();
    if (pending < 0) {
        m_rest.clear();
        m_file.seek(0);
        pending = m_file.size();
    }
    // Only the newest lines of a flood are kept; of the others each newline is a line lost.
    while (pending > mostAtOnce) {
        const QByteArray skipped = m_file.read(std::min(chunk, pending - mostAtOnce));
        if (skipped.isEmpty())
            break;
        found.dropped += static_cast<quint64>(skipped.count('\n'));
        const qsizetype last = skipped.lastIndexOf('\n');
        m_rest = last < 0 ? m_rest + skipped : skipped.mid(last + 1);
        pending = m_file.size() - m_file.pos();
    }
    m_rest += m_file.read(mostAtOnce);
    qsizetype begin = 0;
    for (qsizetype end = m_rest.indexOf('\n'); end >= 0; end = m_rest.indexOf('\n', begin)) {
        if (end > begin)
            found.lines.append({m_rest.mid(begin, end - begin), m_json});
        begin = end + 1;
    }
    m_rest.remove(0, begin);
    return found;
}

} // namespace sallyport::control
