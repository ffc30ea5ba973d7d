// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <new>
#include <utility>

namespace sallyport::net {

/// Memory of finished objects for the thread's next ones: base of what is made for every request and is too
/// large for the allocator's own caches. `Object` derives from it and is final. AddressSanitizer goes on
/// seeing every object's end.
template<typename Object>
class Recycled
{
public:
    static void *operator new(std::size_t size)
    {
        Shelf &shelf = t_shelf;
        if (shelf.first == nullptr)
            return ::operator new(size);
        --shelf.count;
        return std::exchange(shelf.first, shelf.first->next);
    }
    static void operator delete(void *memory)
    {
        Shelf &shelf = t_shelf;
        if (shelf.count >= shelf.limit) {
            ::operator delete(memory);
            return;
        }
        shelf.first = new (memory) Piece{shelf.first};
        ++shelf.count;
    }

protected:
    Recycled() = default;
    ~Recycled() = default;

private:
    struct Piece
    {
        Piece *next;
    };
#if defined(__SANITIZE_ADDRESS__)
    static constexpr std::size_t Limit = 0;
#else
    static constexpr std::size_t Limit = 64;
#endif
    struct Shelf
    {
        ~Shelf()
        {
            // What ends after the thread's own objects is given back at once.
            limit = 0;
            while (first != nullptr)
                ::operator delete(std::exchange(first, first->next));
        }
        Piece *first = nullptr;
        std::size_t count = 0;
        std::size_t limit = Limit;
    };
    static inline thread_local Shelf t_shelf;
};

} // namespace sallyport::net
