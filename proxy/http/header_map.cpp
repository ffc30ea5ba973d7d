// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/header_map.h"

#include "proxy/http/http1_syntax.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace sallyport::http {

namespace {

/// Maps of finished messages, for the thread's next ones.
struct MapPool
{
    static constexpr std::size_t Limit = 256;

    ~MapPool() { t_poolGone = true; }

    std::vector<std::unique_ptr<HeaderMap>> maps;
    static thread_local bool t_poolGone;
};
thread_local bool MapPool::t_poolGone = false;
thread_local MapPool t_pool;

} // namespace

void HeaderMapRecycler::operator()(HeaderMap *map) const
{
    std::unique_ptr<HeaderMap> owned(map);
    if (!MapPool::t_poolGone && t_pool.maps.size() < MapPool::Limit)
        t_pool.maps.push_back(std::move(owned));
}

HeaderMap::HeaderMap(Kind kind)
    : m_kind(kind)
{
    m_headers.reserve(24);
    m_known.fill(Absent);
}

HeaderMapPtr HeaderMap::create(Kind kind)
{
    if (t_pool.maps.empty())
        return HeaderMapPtr(new HeaderMap(kind));
    HeaderMapPtr map(t_pool.maps.back().release());
    t_pool.maps.pop_back();
    map->reset(kind);
    return map;
}

HeaderMapPtr HeaderMap::clone() const
{
    HeaderMapPtr copy = create(m_kind);
    for (const Header &header : m_headers)
        copy->insert(header.known == Known::None ? copy->keep(header.name) : header.name, header.known,
                     copy->keep(header.value));
    for (const std::string_view name : m_receivedNames)
        copy->m_receivedNames.push_back(copy->keep(name));
    return copy;
}

void HeaderMap::reset(Kind kind)
{
    m_kind = kind;
    m_headers.clear();
    m_receivedNames.clear();
    m_known.fill(Absent);
    m_pseudoCount = 0;
    m_used = 0;
    m_chunk = 0;
    // A message with huge headers must not make its map huge for ever.
    m_chunks.clear();
}

char *HeaderMap::allocate(std::size_t size)
{
    char *base = m_first;
    std::size_t capacity = FirstChunk;
    if (m_chunk != 0) {
        base = m_chunks.back().bytes.get();
        capacity = m_chunks.back().size;
    }
    if (capacity - m_used < size) {
        Chunk chunk;
        chunk.size = std::max<std::size_t>(size, 4096);
        chunk.bytes.reset(new char[chunk.size]);
        base = chunk.bytes.get();
        m_chunks.push_back(std::move(chunk));
        m_chunk = m_chunks.size();
        m_used = 0;
    }
    char *result = base + m_used;
    m_used += size;
    return result;
}

std::string_view HeaderMap::keep(std::string_view text)
{
    if (text.empty())
        return "";
    char *copy = allocate(text.size());
    std::copy(text.begin(), text.end(), copy);
    return {copy, text.size()};
}

void HeaderMap::insert(std::string_view name, Known known, std::string_view value)
{
    const Header header{name, value, known};
    if (name.front() != ':') {
        if (known != Known::None && m_known[static_cast<std::size_t>(known)] == Absent)
            m_known[static_cast<std::size_t>(known)] = static_cast<Index>(m_headers.size());
        m_headers.push_back(header);
        return;
    }
    const Index position = m_pseudoCount++;
    if (position == m_headers.size()) {
        m_headers.push_back(header);
        if (known != Known::None && m_known[static_cast<std::size_t>(known)] == Absent)
            m_known[static_cast<std::size_t>(known)] = position;
        return;
    }
    m_headers.insert(m_headers.begin() + position, header);
    reindex();
}

void HeaderMap::reindex()
{
    m_known.fill(Absent);
    m_pseudoCount = 0;
    for (std::size_t i = 0; i < m_headers.size(); ++i) {
        const Header &header = m_headers[i];
        if (header.name.front() == ':')
            ++m_pseudoCount;
        if (header.known == Known::None)
            continue;
        Index &index = m_known[static_cast<std::size_t>(header.known)];
        if (index == Absent)
            index = static_cast<Index>(i);
    }
}

void HeaderMap::erase(std::size_t index)
{
    m_headers.erase(m_headers.begin() + static_cast<std::ptrdiff_t>(index));
    reindex();
}

bool HeaderMap::joins(Known known) const
{
    return m_kind == Kind::Request    ? isOneLineInRequests(known)
           : m_kind == Kind::Response ? isOneLineInResponses(known)
                                      : known == Known::GrpcStatus || known == Known::GrpcMessage;
}

const Header *HeaderMap::find(Known name) const
{
    const Index index = m_known[static_cast<std::size_t>(name)];
    return index == Absent ? nullptr : &m_headers[index];
}

const Header *HeaderMap::find(std::string_view name) const
{
    const Known known = knownHeader(name);
    if (known != Known::None)
        return find(known);
    for (const Header &header : m_headers) {
        if (header.known == Known::None && header.name == name)
            return &header;
    }
    return nullptr;
}

std::string_view HeaderMap::get(std::string_view name) const
{
    const Header *header = find(name);
    return header == nullptr ? std::string_view() : header->value;
}

std::string_view HeaderMap::getAll(std::string_view name, std::string &joined) const
{
    const Header *first = find(name);
    if (first == nullptr)
        return {};
    bool several = false;
    for (const Header *header = first + 1; header != end(); ++header) {
        if (header->name != name)
            continue;
        if (!several)
            joined.assign(first->value);
        several = true;
        joined += ',';
        joined += header->value;
    }
    return several ? std::string_view(joined) : first->value;
}

std::size_t HeaderMap::count(std::string_view name) const
{
    std::size_t number = 0;
    for (const Header &header : m_headers)
        number += header.name == name ? 1 : 0;
    return number;
}

void HeaderMap::add(Known name, std::string_view value)
{
    if (has(name) && joins(name)) {
        append(name, value, ",");
        return;
    }
    insert(headerName(name), name, keep(value));
}

void HeaderMap::add(std::string_view name, std::string_view value)
{
    const Known known = knownHeader(name);
    if (known != Known::None)
        add(known, value);
    else
        insert(keep(name), Known::None, keep(value));
}

void HeaderMap::addLine(std::string_view name, std::string_view value)
{
    const Known known = knownHeader(name);
    insert(known == Known::None ? keep(name) : headerName(known), known, keep(value));
}

std::string_view HeaderMap::receivedName(std::string_view name) const
{
    const auto found =
        std::find_if(m_receivedNames.begin(), m_receivedNames.end(),
                     [name](std::string_view received) { return equalsIgnoreCase(received, name); });
    return found == m_receivedNames.end() ? std::string_view() : *found;
}

void HeaderMap::addReceived(std::string_view name, std::string_view value, bool keepCase)
{
    if (keepCase)
        m_receivedNames.push_back(keep(name));
    constexpr std::size_t LongestKnown = 64;
    char lower[LongestKnown];
    Known known = Known::None;
    if (name.size() <= LongestKnown) {
        putLowerCase(lower, name);
        known = knownHeader({lower, name.size()});
    }
    if (known == Known::Host && m_kind == Kind::Request)
        known = Known::Authority;
    if (known != Known::None) {
        if (has(known) && joins(known))
            append(known, value, ",");
        else
            insert(headerName(known), known, keep(value));
        return;
    }
    char *kept = allocate(name.size());
    putLowerCase(kept, name);
    insert({kept, name.size()}, Known::None, keep(value));
}

void HeaderMap::set(Known name, std::string_view value)
{
    const Index index = m_known[static_cast<std::size_t>(name)];
    if (index == Absent) {
        insert(headerName(name), name, keep(value));
        return;
    }
    m_headers[index].value = keep(value);
    for (std::size_t i = m_headers.size() - 1; i > index; --i) {
        if (m_headers[i].known == name)
            erase(i);
    }
}

void HeaderMap::set(std::string_view name, std::string_view value)
{
    const Known known = knownHeader(name);
    if (known != Known::None) {
        set(known, value);
        return;
    }
    Header *first = nullptr;
    for (std::size_t i = 0; i < m_headers.size();) {
        Header &header = m_headers[i];
        if (header.known != Known::None || header.name != name) {
            ++i;
        } else if (first == nullptr) {
            first = &header;
            header.value = keep(value);
            ++i;
        } else {
            erase(i);
        }
    }
    if (first == nullptr)
        insert(keep(name), Known::None, keep(value));
}

void HeaderMap::setNumber(Known name, std::uint64_t value)
{
    char digits[20];
    const char *last = std::to_chars(digits, digits + sizeof digits, value).ptr;
    set(name, {digits, static_cast<std::size_t>(last - digits)});
}

void HeaderMap::append(Known name, std::string_view value, std::string_view separator)
{
    append(headerName(name), value, separator);
}

void HeaderMap::append(std::string_view name, std::string_view value, std::string_view separator)
{
    auto *existing = const_cast<Header *>(find(name));
    if (existing == nullptr) {
        addLine(name, value);
        return;
    }
    if (value.empty())
        return;
    if (existing->value.empty()) {
        existing->value = keep(value);
        return;
    }
    const std::size_t size = existing->value.size() + separator.size() + value.size();
    char *joined = allocate(size);
    std::memcpy(joined, existing->value.data(), existing->value.size());
    std::memcpy(joined + existing->value.size(), separator.data(), separator.size());
    std::copy(value.begin(), value.end(), joined + existing->value.size() + separator.size());
    existing->value = {joined, size};
}

std::size_t HeaderMap::remove(Known name)
{
    if (!has(name))
        return 0;
    return removeIf([name](const Header &header) { return header.known == name; });
}

std::size_t HeaderMap::remove(std::string_view name)
{
    const Known known = knownHeader(name);
    if (known != Known::None)
        return remove(known);
    return removeIf(
        [name](const Header &header) { return header.known == Known::None && header.name == name; });
}

std::uint64_t HeaderMap::byteSize() const
{
    std::uint64_t size = 0;
    for (const Header &header : m_headers)
        size += header.name.size() + header.value.size();
    return size;
}

unsigned HeaderMap::status() const
{
    const std::string_view text = get(Known::Status);
    unsigned number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

void HeaderMap::setStatus(unsigned status)
{
    setNumber(Known::Status, status);
}

} // namespace sallyport::http
