// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/request_row.h"
#include "ui/traffic/text_arena.h"

#include <span>

namespace sallyport::traffic {

/// A request as it is stored, without copies: the views hold while the store's lock is held.
struct RequestView
{
    quint64 number = 0;
    qint64 startUs = 0;
    double durationMs = 0;
    int status = 0;
    Outcome outcome = Outcome::Passed;
    std::string_view source, method, host, path, protocol, flags, details, decidedBy, decidedAt, cluster,
        requestId;
    std::size_t hopCount = 0;
};

/// Up to 4,096 requests, packed, with their texts. Not thread-safe.
class RequestBlock
{
public:
    static constexpr std::size_t capacity = 4096;

    explicit RequestBlock(quint64 firstNumber)
        : m_firstNumber(firstNumber)
    {
    }

    quint64 firstNumber() const { return m_firstNumber; }
    quint64 endNumber() const { return m_firstNumber + m_rows.size(); }
    bool isFull() const { return m_rows.size() >= capacity; }
    /// No more requests come: gives back what only add() needs. Those that are there can still be replaced.
    void seal();
    std::size_t living() const { return m_living; }
    /// The lowest of the line numbers that its requests name.
    quint64 firstLine() const { return m_firstLine; }

    /// Gives the row its number.
    quint64 add(const RequestRow &row, std::span<const quint64> lines);
    void replace(quint64 number, const RequestRow &row, std::span<const quint64> lines);
    void remove(quint64 number);
    bool isAlive(quint64 number) const;

    RequestRow row(quint64 number) const;
    RequestView view(quint64 number) const;
    std::string_view hopProxy(quint64 number, std::size_t hop) const;
    std::span<const quint64> lines(quint64 number) const;
    std::size_t bytes() const;

private:
    struct Packed
    {
        qint64 startUs;
        float durationMs;
        quint32 source, method, host, path, protocol, flags, details, decidedBy, decidedAt, cluster,
            requestId;
        quint32 firstHop;
        quint32 firstLine;
        quint16 hopCount;
        quint16 lineCount;
        qint16 status;
        quint8 outcome;
        quint8 kind;
        bool alive;
    };
    struct PackedHop
    {
        quint32 proxy;
        quint16 attempts;
        quint8 outcome;
    };

    Packed pack(const RequestRow &row, std::span<const quint64> lines);
    const Packed &at(quint64 number) const { return m_rows[number - m_firstNumber]; }

    quint64 m_firstNumber;
    std::size_t m_living = 0;
    quint64 m_firstLine = ~quint64(0);
    TextArena m_texts;
    std::vector<Packed> m_rows;
    std::vector<PackedHop> m_hops;
    std::vector<quint64> m_lines;
};

} // namespace sallyport::traffic
