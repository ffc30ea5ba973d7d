// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/control/log_entry.h"
#include "ui/traffic/text_arena.h"

#include <functional>
#include <vector>

namespace sallyport::traffic {

/// A few thousand log entries with all of their fields, each text kept once: about a quarter of what they
/// need as JSON objects. Not thread-safe.
class LineBlock
{
public:
    static constexpr std::size_t capacity = 4096;

    void add(const control::LogEntry &entry);
    std::size_t size() const { return m_records.size(); }
    bool isFull() const { return m_records.size() >= capacity; }
    /// No more entries come: gives back what only add() needs.
    void seal();

    control::LogEntry entry(std::size_t index) const;
    /// A field's value as text, numbers as JSON writes them; empty if the line has no such field or null.
    /// The view holds until `scratch` changes.
    std::string_view field(std::size_t index, std::string_view name, std::string &scratch) const;
    std::size_t bytes() const;

private:
    struct Record
    {
        qint64 receivedUs;
        quint32 process;
        quint32 proxy;
        quint32 peer;
        quint32 local;
        quint32 shape;
        quint32 firstValue;
    };
    /// A value: what it is in the two lowest bits, above them where it is.
    enum Tag : quint32 { Simple = 0, Text = 1, Number = 2, Nested = 3 };
    /// Of Simple; from Integer on, small whole numbers.
    enum SimpleValue : quint32 { Null = 0, False = 1, True = 2, Integer = 3 };

    quint32 shapeOf(const QJsonObject &fields);
    quint32 encode(const QJsonValue &value);
    QJsonValue decode(quint32 value) const;

    TextArena m_texts;
    std::vector<std::vector<QString>> m_shapes;     ///< field names in the order of the object
    std::vector<std::vector<quint32>> m_shapeTexts; ///< the same as texts
    std::vector<Record> m_records;
    std::vector<quint32> m_values;
    std::vector<double> m_numbers;
};

} // namespace sallyport::traffic
