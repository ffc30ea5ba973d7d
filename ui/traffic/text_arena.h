// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QtGlobal>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::traffic {

/// Texts that come again and again, each kept once, as UTF-8 in one piece of memory. Texts live as long as
/// the arena. Not thread-safe.
class TextArena
{
public:
    /// The same number for the same text; 0 is the empty text.
    quint32 add(std::string_view text);
    quint32 add(QStringView text);
    /// The view holds until the next add().
    std::string_view view(quint32 text) const;
    QString string(quint32 text) const;

    /// No more texts come: gives back what only add() needs.
    void seal();
    std::size_t bytes() const;

private:
    void grow();

    std::string m_bytes;
    std::vector<quint32> m_ends;  ///< of text n+1, the first text is number 1
    std::vector<quint32> m_slots; ///< open hash table of numbers; empty when sealed
};

} // namespace sallyport::traffic
