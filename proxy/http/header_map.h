// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/header_names.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::http {

/// One header line. The views point into the map and stay valid until that header is changed or removed and
/// the map destroyed: adding others never moves them.
struct Header
{
    std::string_view name; ///< lower case
    std::string_view value;
    Known known = Known::None;
};

class HeaderMap;
/// Gives the map back to the thread's pool.
struct HeaderMapRecycler
{
    void operator()(HeaderMap *map) const;
};
using HeaderMapPtr = std::unique_ptr<HeaderMap, HeaderMapRecycler>;

/// Headers in order, several lines per name kept as several entries; names that are one line in Envoy's maps
/// too (isOneLineInRequests) are joined with a comma when added again. Pseudo headers come first whenever
/// they are added. Names are given and kept in lower case.
class HeaderMap
{
public:
    enum class Kind : std::uint8_t { Request, Response, Trailers };

    static HeaderMapPtr create(Kind kind);
    HeaderMapPtr clone() const;

    Kind kind() const { return m_kind; }

    /// The first value; empty also when absent (see has()).
    std::string_view get(Known name) const
    {
        const auto index = m_known[static_cast<std::size_t>(name)];
        return index == Absent ? std::string_view() : m_headers[index].value;
    }
    bool has(Known name) const { return m_known[static_cast<std::size_t>(name)] != Absent; }
    const Header *find(Known name) const;
    /// `name` in lower case; finds well-known names as well.
    const Header *find(std::string_view name) const;
    std::string_view get(std::string_view name) const;
    /// All values of `name` joined with a comma, as route and RBAC matchers compare them. `joined` holds the
    /// text if there are several.
    std::string_view getAll(std::string_view name, std::string &joined) const;
    std::size_t count(std::string_view name) const;

    /// Adds a line; see above for headers that are joined instead.
    void add(Known name, std::string_view value);
    void add(std::string_view name, std::string_view value);
    /// Adds a line and never joins.
    void addLine(std::string_view name, std::string_view value);
    /// As add(), for a name in any case; in requests `host` is `:authority`. `keepCase` remembers the name as
    /// received, beyond the removal of the header.
    void addReceived(std::string_view name, std::string_view value, bool keepCase);
    /// One line with this value: the first is changed in place, others are removed.
    void set(Known name, std::string_view value);
    void set(std::string_view name, std::string_view value);
    void setNumber(Known name, std::uint64_t value);
    /// Joins to the existing line, or adds one.
    void append(Known name, std::string_view value, std::string_view separator);
    void append(std::string_view name, std::string_view value, std::string_view separator);
    /// How `name` (lower case) was written where it first came in, if the codec keeps the case; else empty.
    /// Whoever adds such a header again writes it so too (Envoy's preserve_case).
    std::string_view receivedName(std::string_view name) const;
    bool remembersNames() const { return !m_receivedNames.empty(); }
    std::size_t remove(Known name);
    std::size_t remove(std::string_view name);
    template<typename Predicate>
    std::size_t removeIf(Predicate predicate);

    const Header *begin() const { return m_headers.data(); }
    const Header *end() const { return m_headers.data() + m_headers.size(); }
    std::size_t size() const { return m_headers.size(); }
    bool isEmpty() const { return m_headers.empty(); }
    /// Names and values together, as Envoy counts header bytes.
    std::uint64_t byteSize() const;

    /// `:status` as a number; 0 without one.
    unsigned status() const;
    void setStatus(unsigned status);

    ~HeaderMap() = default;
    HeaderMap(const HeaderMap &) = delete;
    HeaderMap &operator=(const HeaderMap &) = delete;

private:
    using Index = std::uint16_t;
    static constexpr Index Absent = 0xFFFF;
    static constexpr std::size_t FirstChunk = 1536;

    struct Chunk
    {
        std::unique_ptr<char[]> bytes;
        std::size_t size = 0;
    };

    explicit HeaderMap(Kind kind);
    void reset(Kind kind);
    char *allocate(std::size_t size);
    std::string_view keep(std::string_view text);
    void insert(std::string_view name, Known known, std::string_view value);
    void erase(std::size_t index);
    void reindex();
    bool joins(Known known) const;

    std::array<Index, KnownCount> m_known;
    std::vector<Header> m_headers;
    std::vector<std::string_view> m_receivedNames; ///< for receivedName(); mostly empty
    Index m_pseudoCount = 0;
    Kind m_kind;
    std::size_t m_used = 0;
    std::size_t m_chunk = 0; ///< 0: in m_first, else in the last of m_chunks
    std::vector<Chunk> m_chunks;
    char m_first[FirstChunk]; ///< not initialised: only what was written is read
};

template<typename Predicate>
std::size_t HeaderMap::removeIf(Predicate predicate)
{
    std::size_t kept = 0;
    for (std::size_t i = 0; i < m_headers.size(); ++i) {
        if (!predicate(static_cast<const Header &>(m_headers[i])))
            m_headers[kept++] = m_headers[i];
    }
    const std::size_t removed = m_headers.size() - kept;
    if (removed != 0) {
        m_headers.resize(kept);
        reindex();
    }
    return removed;
}

} // namespace sallyport::http
