// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace sallyport::telemetry {

/// Where a line is put together from many short pieces. It keeps its room from one line to the next, and
/// copies short pieces without a call: a `std::string` costs more than the pieces do.
class LineBuffer
{
public:
    void clear() { m_size = 0; }
    std::size_t size() const { return m_size; }
    /// `size` is at most the present one.
    void shrink(std::size_t size) { m_size = size; }
    std::string_view view() const { return {m_bytes.data(), m_size}; }

    void put(char byte)
    {
        makeRoom(1);
        m_bytes[m_size++] = byte;
    }
    void put(std::string_view text)
    {
        makeRoom(text.size());
        copy(m_bytes.data() + m_size, text);
        m_size += text.size();
    }
    /// `text` between quotes; nothing in it is escaped.
    void putQuoted(std::string_view text)
    {
        makeRoom(text.size() + 2);
        char *to = m_bytes.data() + m_size;
        *to = '"';
        copy(to + 1, text);
        to[text.size() + 1] = '"';
        m_size += text.size() + 2;
    }
    void putNumber(std::uint64_t number)
    {
        constexpr std::size_t Digits = 20;
        makeRoom(Digits);
        char *to = m_bytes.data() + m_size;
        m_size += static_cast<std::size_t>(std::to_chars(to, to + Digits, number).ptr - to);
    }

private:
    void makeRoom(std::size_t bytes)
    {
        if (m_bytes.size() - m_size < bytes)
            m_bytes.resize(std::max(m_size + bytes, 2 * m_bytes.size()));
    }
    /// Both ends of a short piece are copied, which may overlap.
    static void copy(char *to, std::string_view text)
    {
        const std::size_t size = text.size();
        const char *from = text.data();
        if (size > 32)
            std::memcpy(to, from, size);
        else if (size >= 16)
            copyEnds<16>(to, from, size);
        else if (size >= 8)
            copyEnds<8>(to, from, size);
        else if (size >= 4)
            copyEnds<4>(to, from, size);
        else if (size >= 2)
            copyEnds<2>(to, from, size);
        else if (size == 1)
            *to = *from;
    }
    template<std::size_t Bytes>
    static void copyEnds(char *to, const char *from, std::size_t size)
    {
        char first[Bytes];
        char last[Bytes];
        std::memcpy(first, from, Bytes);
        std::memcpy(last, from + size - Bytes, Bytes);
        std::memcpy(to, first, Bytes);
        std::memcpy(to + size - Bytes, last, Bytes);
    }

    std::vector<char> m_bytes = std::vector<char>(1024); ///< as much as there is room
    std::size_t m_size = 0;
};

} // namespace sallyport::telemetry
