// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/uio.h>

namespace sallyport::net {

/// A queue of bytes: appended at the back, read and drained at the front. Made of blocks that move from one
/// buffer to another without copying; an empty buffer owns no block, so an idle connection costs nothing.
/// Not thread-safe; may be handed to another thread as a whole.
class Buffer
{
public:
    Buffer() = default;
    explicit Buffer(std::string_view bytes) { append(bytes); }
    Buffer(Buffer &&other) noexcept { steal(other); }
    Buffer &operator=(Buffer &&other) noexcept;
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;
    ~Buffer() { clear(); }

    std::size_t size() const { return m_size; }
    bool isEmpty() const { return m_size == 0; }

    void append(std::string_view bytes);
    void append(char byte) { append(std::string_view(&byte, 1)); }
    void prepend(std::string_view bytes);
    /// Takes all bytes of `from`: whole blocks change hands, small remainders are copied.
    void move(Buffer &from);
    /// Takes the first `count` bytes of `from`.
    void move(Buffer &from, std::size_t count);
    /// Copies what `from` holds; `from` stays as it is.
    void copyFrom(const Buffer &from);
    void drain(std::size_t count);
    void clear();

    /// The first contiguous piece; empty only if the buffer is. Valid until the next change.
    std::string_view front() const
    {
        return m_head == nullptr
                   ? std::string_view()
                   : std::string_view(m_head->bytes + m_head->begin, m_head->end - m_head->begin);
    }
    /// The first `count` bytes (at most size()) as one piece, joined if they are spread.
    std::string_view linearize(std::size_t count);
    /// Copies `count` bytes from `offset` to `to`.
    void copyOut(std::size_t offset, std::size_t count, char *to) const;
    /// Offset of the first `needle` at or after `from`, or npos.
    std::size_t find(std::string_view needle, std::size_t from = 0) const;
    bool startsWith(std::string_view bytes) const;
    std::string toString() const;

    /// Room for at least `count` bytes at the back; write into it, then commit what was written.
    char *reserve(std::size_t count, std::size_t *available = nullptr);
    void commit(std::size_t count);

    /// Up to `limit` pieces for writev, from the front. Returns how many were filled in.
    int pieces(iovec *vectors, int limit) const;

    static constexpr std::size_t npos = static_cast<std::size_t>(-1);
    /// Blocks are this large unless more is asked for at once.
    static constexpr std::size_t BlockSize = std::size_t(16) * 1024;

private:
    struct Block
    {
        Block *next;
        std::uint32_t begin;
        std::uint32_t end;
        std::uint32_t capacity;
        std::uint32_t kind;
        char bytes[1];
    };
    static Block *allocate(std::size_t capacity);
    static void release(Block *block);
    void steal(Buffer &other) noexcept;
    void appendBlock(Block *block);
    static bool matches(const Block *block, std::uint32_t index, std::string_view bytes);

    Block *m_head = nullptr;
    Block *m_tail = nullptr;
    Block *m_spare = nullptr; ///< reserved, not committed yet
    std::size_t m_size = 0;

    friend class BlockCache;
};

} // namespace sallyport::net
