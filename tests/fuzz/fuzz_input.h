// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdlib>
#include <string_view>

/// What a fuzz target finds broken ends the run.
inline void check(bool condition)
{
    if (!condition)
        std::abort();
}

/// Input of a fuzz target: some bytes are decisions, the rest is what the target makes of it.
class FuzzInput
{
public:
    FuzzInput(const unsigned char *data, std::size_t size)
        : m_rest(reinterpret_cast<const char *>(data), size)
    {
    }
    unsigned char byte()
    {
        if (m_rest.empty())
            return 0;
        const char first = m_rest.front();
        m_rest.remove_prefix(1);
        return static_cast<unsigned char>(first);
    }
    bool atEnd() const { return m_rest.empty(); }
    /// Up to `most` bytes.
    std::string_view take(std::size_t most)
    {
        const std::string_view taken = m_rest.substr(0, most);
        m_rest.remove_prefix(taken.size());
        return taken;
    }
    /// What comes before the next zero byte, which is skipped; everything without one.
    std::string_view part()
    {
        const std::string_view taken = take(m_rest.find('\0'));
        take(1);
        return taken;
    }
    std::string_view rest() { return take(m_rest.size()); }

private:
    std::string_view m_rest;
};
