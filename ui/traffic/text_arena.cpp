// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/text_arena.h"

#include <functional>

namespace sallyport::traffic {

quint32 TextArena::add(QStringView text)
{
    const QByteArray utf8 = text.toUtf8();
    return add(std::string_view(utf8.constData(), static_cast<std::size_t>(utf8.size())));
}

quint32 TextArena::add(std::string_view text)
{
    if (text.empty())
        return 0;
    if ((m_ends.size() + 1) * 2 > m_slots.size())
        grow();
    const std::size_t mask = m_slots.size() - 1;
    std::size_t slot = std::hash<std::string_view>()(text) & mask;
    while (m_slots[slot] != 0) {
        if (view(m_slots[slot]) == text)
            return m_slots[slot];
        slot = (slot + 1) & mask;
    }
    m_bytes += text;
    m_ends.push_back(static_cast<quint32>(m_bytes.size()));
    m_slots[slot] = static_cast<quint32>(m_ends.size());
    return m_slots[slot];
}

std::string_view TextArena::view(quint32 text) const
{
    if (text == 0)
        return {};
    const std::size_t begin = text == 1 ? 0 : m_ends[text - 2];
    return std::string_view(m_bytes).substr(begin, m_ends[text - 1] - begin);
}

QString TextArena::string(quint32 text) const
{
    const std::string_view bytes = view(text);
    return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
}

void TextArena::seal()
{
    m_slots = {};
    m_bytes.shrink_to_fit();
    m_ends.shrink_to_fit();
}

std::size_t TextArena::bytes() const
{
    return m_bytes.capacity() + (m_ends.capacity() + m_slots.capacity()) * sizeof(quint32);
}

void TextArena::grow()
{
    m_slots.assign(m_slots.empty() ? 256 : m_slots.size() * 2, 0);
    while ((m_ends.size() + 1) * 2 > m_slots.size())
        m_slots.assign(m_slots.size() * 2, 0);
    const std::size_t mask = m_slots.size() - 1;
    for (quint32 number = 1; number <= m_ends.size(); ++number) {
        std::size_t slot = std::hash<std::string_view>()(view(number)) & mask;
        while (m_slots[slot] != 0)
            slot = (slot + 1) & mask;
        m_slots[slot] = number;
    }
}

} // namespace sallyport::traffic
