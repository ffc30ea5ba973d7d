// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/buffer.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace sallyport::net {

namespace {

constexpr std::size_t SmallBlock = std::size_t(2) * 1024;
/// Below this much a block's content is copied into the room left in the buffer rather than linked to it, so
/// that bytes that trickle in do not hold one large block each.
constexpr std::size_t CopyBelow = 1024;

enum Kind : std::uint32_t { Small, Large, Odd };

} // namespace

/// Keeps released blocks of the two usual sizes for the thread's next ones.
class BlockCache
{
public:
    using Block = Buffer::Block;

    static constexpr std::size_t Header = offsetof(Buffer::Block, bytes);

    ~BlockCache()
    {
        s_gone = true;
        for (Shelf &shelf : m_shelves) {
            while (shelf.first != nullptr)
                std::free(std::exchange(shelf.first, shelf.first->next));
        }
    }

    static Block *take(std::size_t wanted)
    {
        const Kind kind = wanted <= SmallBlock - Header          ? Small
                          : wanted <= Buffer::BlockSize - Header ? Large
                                                                 : Odd;
        Block *block = nullptr;
        if (kind != Odd && !s_gone) {
            Shelf &shelf = s_cache.m_shelves[kind];
            if (shelf.first != nullptr) {
                block = std::exchange(shelf.first, shelf.first->next);
                --shelf.count;
            }
        }
        if (block == nullptr) {
            const std::size_t bytes = kind == Small   ? SmallBlock
                                      : kind == Large ? Buffer::BlockSize
                                                      : wanted + Header;
            block = static_cast<Block *>(std::malloc(bytes));
            if (block == nullptr)
                throw std::bad_alloc();
            block->capacity = static_cast<std::uint32_t>(bytes - Header);
            block->kind = kind;
        }
        block->next = nullptr;
        block->begin = 0;
        block->end = 0;
        return block;
    }

    static void give(Block *block)
    {
        if (block->kind != Odd && !s_gone) {
            Shelf &shelf = s_cache.m_shelves[block->kind];
            if (shelf.count < (block->kind == Small ? 512U : 128U)) {
                block->next = std::exchange(shelf.first, block);
                ++shelf.count;
                return;
            }
        }
        std::free(block);
    }

private:
    struct Shelf
    {
        Block *first = nullptr;
        unsigned count = 0;
    };
    Shelf m_shelves[2];

    static thread_local BlockCache s_cache;
    static thread_local bool s_gone;
};

thread_local bool BlockCache::s_gone = false;
thread_local BlockCache BlockCache::s_cache;

Buffer::Block *Buffer::allocate(std::size_t capacity)
{
    return BlockCache::take(capacity);
}

void Buffer::release(Block *block)
{
    BlockCache::give(block);
}

void Buffer::steal(Buffer &other) noexcept
{
    m_head = std::exchange(other.m_head, nullptr);
    m_tail = std::exchange(other.m_tail, nullptr);
    m_size = std::exchange(other.m_size, 0);
}

Buffer &Buffer::operator=(Buffer &&other) noexcept
{
    if (this != &other) {
        clear();
        steal(other);
    }
    return *this;
}

void Buffer::clear()
{
    while (m_head != nullptr)
        release(std::exchange(m_head, m_head->next));
    if (m_spare != nullptr)
        release(std::exchange(m_spare, nullptr));
    m_tail = nullptr;
    m_size = 0;
}

void Buffer::appendBlock(Block *block)
{
    block->next = nullptr;
    if (m_tail == nullptr)
        m_head = block;
    else
        m_tail->next = block;
    m_tail = block;
    m_size += block->end - block->begin;
}

void Buffer::append(std::string_view bytes)
{
    while (!bytes.empty()) {
        if (m_tail == nullptr || m_tail->end == m_tail->capacity)
            appendBlock(allocate(std::min(bytes.size(), BlockSize - BlockCache::Header)));
        const std::size_t count = std::min<std::size_t>(bytes.size(), m_tail->capacity - m_tail->end);
        std::memcpy(m_tail->bytes + m_tail->end, bytes.data(), count);
        m_tail->end += static_cast<std::uint32_t>(count);
        m_size += count;
        bytes.remove_prefix(count);
    }
}

void Buffer::prepend(std::string_view bytes)
{
    if (bytes.empty())
        return;
    if (m_head != nullptr && m_head->begin >= bytes.size()) {
        m_head->begin -= static_cast<std::uint32_t>(bytes.size());
        std::memcpy(m_head->bytes + m_head->begin, bytes.data(), bytes.size());
        m_size += bytes.size();
        return;
    }
    Block *block = allocate(bytes.size());
    block->begin = block->capacity - static_cast<std::uint32_t>(bytes.size());
    block->end = block->capacity;
    std::memcpy(block->bytes + block->begin, bytes.data(), bytes.size());
    block->next = m_head;
    m_head = block;
    if (m_tail == nullptr)
        m_tail = block;
    m_size += bytes.size();
}

void Buffer::move(Buffer &from)
{
    if (m_head == nullptr) {
        steal(from);
        return;
    }
    move(from, from.m_size);
}

void Buffer::move(Buffer &from, std::size_t count)
{
    count = std::min(count, from.m_size);
    while (count > 0) {
        Block *block = from.m_head;
        const std::size_t held = block->end - block->begin;
        const std::size_t wanted = std::min(held, count);
        const bool fits = m_tail != nullptr && m_tail->capacity - m_tail->end >= wanted;
        if (wanted < held || (fits && wanted < CopyBelow)) {
            append({block->bytes + block->begin, wanted});
            from.drain(wanted);
        } else {
            from.m_head = block->next;
            if (from.m_head == nullptr)
                from.m_tail = nullptr;
            from.m_size -= held;
            appendBlock(block);
        }
        count -= wanted;
    }
}

void Buffer::copyFrom(const Buffer &from)
{
    for (const Block *block = from.m_head; block != nullptr; block = block->next)
        append({block->bytes + block->begin, block->end - block->begin});
}

void Buffer::drain(std::size_t count)
{
    count = std::min(count, m_size);
    m_size -= count;
    while (count > 0) {
        const std::size_t held = m_head->end - m_head->begin;
        if (count < held) {
            m_head->begin += static_cast<std::uint32_t>(count);
            return;
        }
        count -= held;
        release(std::exchange(m_head, m_head->next));
    }
    if (m_head == nullptr)
        m_tail = nullptr;
}

std::string_view Buffer::linearize(std::size_t count)
{
    count = std::min(count, m_size);
    if (count == 0)
        return {};
    if (m_head->end - m_head->begin < count) {
        // Room for what still arrives, so that a head that comes in small pieces is not joined again and
        // again.
        Block *joined = allocate(2 * count);
        std::size_t left = count;
        while (left > 0) {
            const std::size_t piece = std::min<std::size_t>(left, m_head->end - m_head->begin);
            std::memcpy(joined->bytes + joined->end, m_head->bytes + m_head->begin, piece);
            joined->end += static_cast<std::uint32_t>(piece);
            m_head->begin += static_cast<std::uint32_t>(piece);
            left -= piece;
            if (m_head->begin == m_head->end)
                release(std::exchange(m_head, m_head->next));
        }
        joined->next = m_head;
        m_head = joined;
        if (joined->next == nullptr)
            m_tail = joined;
    }
    return {m_head->bytes + m_head->begin, count};
}

void Buffer::copyOut(std::size_t offset, std::size_t count, char *to) const
{
    for (const Block *block = m_head; block != nullptr && count > 0; block = block->next) {
        const std::size_t held = block->end - block->begin;
        if (offset >= held) {
            offset -= held;
            continue;
        }
        const std::size_t piece = std::min(held - offset, count);
        std::memcpy(to, block->bytes + block->begin + offset, piece);
        to += piece;
        count -= piece;
        offset = 0;
    }
}

std::size_t Buffer::find(std::string_view needle, std::size_t from) const
{
    std::size_t position = 0;
    for (const Block *block = m_head; block != nullptr; block = block->next) {
        for (std::uint32_t i = block->begin; i < block->end; ++i, ++position) {
            if (position >= from && matches(block, i, needle))
                return position;
        }
    }
    return npos;
}

bool Buffer::matches(const Block *block, std::uint32_t index, std::string_view bytes)
{
    while (!bytes.empty()) {
        if (block == nullptr)
            return false;
        const std::size_t piece = std::min<std::size_t>(bytes.size(), block->end - index);
        if (std::memcmp(block->bytes + index, bytes.data(), piece) != 0)
            return false;
        bytes.remove_prefix(piece);
        block = block->next;
        index = block == nullptr ? 0 : block->begin;
    }
    return true;
}

bool Buffer::startsWith(std::string_view bytes) const
{
    return bytes.empty() || (m_head != nullptr && matches(m_head, m_head->begin, bytes));
}

std::string Buffer::toString() const
{
    std::string text;
    text.reserve(m_size);
    for (const Block *block = m_head; block != nullptr; block = block->next)
        text.append(block->bytes + block->begin, block->end - block->begin);
    return text;
}

char *Buffer::reserve(std::size_t count, std::size_t *available)
{
    Block *block = m_tail;
    if (block == nullptr || block->capacity - block->end < count) {
        if (m_spare != nullptr)
            release(m_spare);
        m_spare = allocate(std::max(count, available == nullptr ? count : BlockSize - BlockCache::Header));
        block = m_spare;
    }
    if (available != nullptr)
        *available = block->capacity - block->end;
    return block->bytes + block->end;
}

void Buffer::commit(std::size_t count)
{
    Block *spare = std::exchange(m_spare, nullptr);
    if (count == 0) {
        if (spare != nullptr)
            release(spare);
        return;
    }
    if (spare != nullptr)
        appendBlock(spare);
    m_tail->end += static_cast<std::uint32_t>(count);
    m_size += count;
}

int Buffer::pieces(iovec *vectors, int limit) const
{
    int count = 0;
    for (Block *block = m_head; block != nullptr && count < limit; block = block->next) {
        vectors[count].iov_base = block->bytes + block->begin;
        vectors[count].iov_len = block->end - block->begin;
        ++count;
    }
    return count;
}

} // namespace sallyport::net
