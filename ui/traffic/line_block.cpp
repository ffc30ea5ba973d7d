// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/line_block.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace sallyport::traffic {

namespace {

QByteArray nestedText(const QJsonValue &value)
{
    return (value.isArray() ? QJsonDocument(value.toArray()) : QJsonDocument(value.toObject()))
        .toJson(QJsonDocument::Compact);
}

constexpr double largestInteger = 1 << 29;

} // namespace

void LineBlock::seal()
{
    m_texts.seal();
    m_records.shrink_to_fit();
    m_values.shrink_to_fit();
    m_numbers.shrink_to_fit();
}

void LineBlock::add(const control::LogEntry &entry)
{
    Record record;
    record.receivedUs = entry.receivedUs;
    record.process = m_texts.add(entry.process);
    record.proxy = m_texts.add(entry.proxy);
    record.peer = m_texts.add(entry.downstreamPeer);
    record.local = m_texts.add(entry.upstreamLocal);
    record.shape = shapeOf(entry.fields);
    record.firstValue = static_cast<quint32>(m_values.size());
    for (const QJsonValue value : entry.fields)
        m_values.push_back(encode(value));
    m_records.push_back(record);
}

control::LogEntry LineBlock::entry(std::size_t index) const
{
    const Record &record = m_records[index];
    control::LogEntry entry;
    entry.process = m_texts.string(record.process);
    entry.proxy = m_texts.string(record.proxy);
    entry.receivedUs = record.receivedUs;
    entry.downstreamPeer = m_texts.string(record.peer);
    entry.upstreamLocal = m_texts.string(record.local);
    const std::vector<QString> &names = m_shapes[record.shape];
    for (std::size_t i = 0; i < names.size(); ++i)
        entry.fields.insert(names[i], decode(m_values[record.firstValue + i]));
    return entry;
}

std::string_view LineBlock::field(std::size_t index, std::string_view name, std::string &scratch) const
{
    const Record &record = m_records[index];
    const std::vector<quint32> &names = m_shapeTexts[record.shape];
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (m_texts.view(names[i]) != name)
            continue;
        const quint32 value = m_values[record.firstValue + i];
        switch (value & 3) {
        case Text:
        case Nested:
            return m_texts.view(value >> 2);
        case Number: {
            const double number = m_numbers[value >> 2];
            scratch = QByteArray::number(number, 'g', 15).toStdString();
            return scratch;
        }
        default:
            if ((value >> 2) >= Integer) {
                scratch = std::to_string((value >> 2) - Integer);
                return scratch;
            }
            return (value >> 2) == True ? "true" : (value >> 2) == False ? "false" : std::string_view();
        }
    }
    return {};
}

std::size_t LineBlock::bytes() const
{
    return m_texts.bytes() + m_records.capacity() * sizeof(Record) + m_values.capacity() * sizeof(quint32) +
           m_numbers.capacity() * sizeof(double);
}

quint32 LineBlock::shapeOf(const QJsonObject &fields)
{
    const auto fits = [&fields](const std::vector<QString> &names) {
        if (names.size() != static_cast<std::size_t>(fields.size()))
            return false;
        auto name = names.begin();
        for (auto it = fields.begin(); it != fields.end(); ++it, ++name) {
            if (it.key() != *name)
                return false;
        }
        return true;
    };
    for (std::size_t i = 0; i < m_shapes.size(); ++i) {
        if (fits(m_shapes[i]))
            return static_cast<quint32>(i);
    }
    std::vector<QString> names;
    std::vector<quint32> texts;
    for (auto it = fields.begin(); it != fields.end(); ++it) {
        names.push_back(it.key());
        texts.push_back(m_texts.add(it.key()));
    }
    m_shapes.push_back(std::move(names));
    m_shapeTexts.push_back(std::move(texts));
    return static_cast<quint32>(m_shapes.size() - 1);
}

quint32 LineBlock::encode(const QJsonValue &value)
{
    switch (value.type()) {
    case QJsonValue::String:
        return m_texts.add(value.toString()) << 2 | Text;
    case QJsonValue::Double:
        if (const double number = value.toDouble(); number >= 0 && number < largestInteger) {
            const quint32 whole = static_cast<quint32>(number);
            if (static_cast<double>(whole) == number)
                return (whole + Integer) << 2 | Simple;
        }
        m_numbers.push_back(value.toDouble());
        return static_cast<quint32>(m_numbers.size() - 1) << 2 | Number;
    case QJsonValue::Bool:
        return (value.toBool() ? True : False) << 2 | Simple;
    case QJsonValue::Array:
    case QJsonValue::Object: {
        const QByteArray text = nestedText(value);
        return m_texts.add(std::string_view(text.constData(), static_cast<std::size_t>(text.size()))) << 2 |
               Nested;
    }
    case QJsonValue::Null:
    case QJsonValue::Undefined:
        break;
    }
    return Null << 2 | Simple;
}

QJsonValue LineBlock::decode(quint32 value) const
{
    switch (value & 3) {
    case Text:
        return m_texts.string(value >> 2);
    case Number:
        return m_numbers[value >> 2];
    case Nested: {
        const std::string_view text = m_texts.view(value >> 2);
        const QJsonDocument document =
            QJsonDocument::fromJson(QByteArray(text.data(), static_cast<qsizetype>(text.size())));
        return document.isArray() ? QJsonValue(document.array()) : QJsonValue(document.object());
    }
    default:
        if ((value >> 2) >= Integer)
            return static_cast<double>((value >> 2) - Integer);
        return (value >> 2) == True    ? QJsonValue(true)
               : (value >> 2) == False ? QJsonValue(false)
                                       : QJsonValue(QJsonValue::Null);
    }
}

} // namespace sallyport::traffic
