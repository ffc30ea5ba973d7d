// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/request_block.h"

#include <algorithm>

namespace sallyport::traffic {

RequestBlock::Packed RequestBlock::pack(const RequestRow &row, std::span<const quint64> lines)
{
    const auto text = [this](const QString &string) { return m_texts.add(QStringView(string)); };
    Packed packed = {};
    packed.startUs = row.startUs;
    packed.durationMs = static_cast<float>(row.durationMs);
    packed.source = text(row.source);
    packed.method = text(row.method);
    packed.host = text(row.host);
    packed.path = text(row.path);
    packed.protocol = text(row.protocol);
    packed.flags = text(row.flags);
    packed.details = text(row.details);
    packed.decidedBy = text(row.decidedBy);
    packed.decidedAt = text(row.decidedAt);
    packed.cluster = text(row.cluster);
    packed.requestId = text(row.requestId);
    packed.firstHop = static_cast<quint32>(m_hops.size());
    packed.hopCount = static_cast<quint16>(std::min<std::size_t>(row.hops.size(), 0xffff));
    packed.firstLine = static_cast<quint32>(m_lines.size());
    packed.lineCount = static_cast<quint16>(std::min<std::size_t>(lines.size(), 0xffff));
    packed.status = static_cast<qint16>(std::clamp(row.status, 0, 0x7fff));
    packed.outcome = static_cast<quint8>(row.outcome);
    packed.kind = static_cast<quint8>(row.kind);
    packed.alive = true;
    for (std::size_t i = 0; i < packed.hopCount; ++i) {
        const HopMark &hop = row.hops[i];
        m_hops.push_back({text(hop.proxy), static_cast<quint16>(std::min(hop.attempts, 0xffff)),
                          static_cast<quint8>(hop.outcome)});
    }
    m_lines.insert(m_lines.end(), lines.begin(), lines.begin() + packed.lineCount);
    for (const quint64 line : lines)
        m_firstLine = std::min(m_firstLine, line);
    return packed;
}

void RequestBlock::seal()
{
    m_texts.seal();
    m_rows.shrink_to_fit();
    m_hops.shrink_to_fit();
    m_lines.shrink_to_fit();
}

quint64 RequestBlock::add(const RequestRow &row, std::span<const quint64> lines)
{
    m_rows.push_back(pack(row, lines));
    ++m_living;
    return endNumber() - 1;
}

void RequestBlock::replace(quint64 number, const RequestRow &row, std::span<const quint64> lines)
{
    m_rows[number - m_firstNumber] = pack(row, lines);
}

void RequestBlock::remove(quint64 number)
{
    Packed &packed = m_rows[number - m_firstNumber];
    m_living -= packed.alive ? 1 : 0;
    packed.alive = false;
}

bool RequestBlock::isAlive(quint64 number) const
{
    return number >= m_firstNumber && number < endNumber() && at(number).alive;
}

RequestRow RequestBlock::row(quint64 number) const
{
    const Packed &packed = at(number);
    RequestRow row;
    row.number = number;
    row.startUs = packed.startUs;
    row.durationMs = static_cast<double>(packed.durationMs);
    row.source = m_texts.string(packed.source);
    row.method = m_texts.string(packed.method);
    row.host = m_texts.string(packed.host);
    row.path = m_texts.string(packed.path);
    row.protocol = m_texts.string(packed.protocol);
    row.status = packed.status;
    row.outcome = static_cast<Outcome>(packed.outcome);
    row.flags = m_texts.string(packed.flags);
    row.details = m_texts.string(packed.details);
    row.kind = static_cast<Decision::Kind>(packed.kind);
    row.decidedBy = m_texts.string(packed.decidedBy);
    row.decidedAt = m_texts.string(packed.decidedAt);
    row.cluster = m_texts.string(packed.cluster);
    row.requestId =
        packed.requestId == 0 ? QStringLiteral("row-%1").arg(number) : m_texts.string(packed.requestId);
    row.hops.reserve(packed.hopCount);
    for (std::size_t i = 0; i < packed.hopCount; ++i) {
        const PackedHop &hop = m_hops[packed.firstHop + i];
        row.hops.push_back({m_texts.string(hop.proxy), static_cast<Outcome>(hop.outcome), hop.attempts});
    }
    return row;
}

RequestView RequestBlock::view(quint64 number) const
{
    const Packed &packed = at(number);
    RequestView view;
    view.number = number;
    view.startUs = packed.startUs;
    view.durationMs = static_cast<double>(packed.durationMs);
    view.status = packed.status;
    view.outcome = static_cast<Outcome>(packed.outcome);
    view.source = m_texts.view(packed.source);
    view.method = m_texts.view(packed.method);
    view.host = m_texts.view(packed.host);
    view.path = m_texts.view(packed.path);
    view.protocol = m_texts.view(packed.protocol);
    view.flags = m_texts.view(packed.flags);
    view.details = m_texts.view(packed.details);
    view.decidedBy = m_texts.view(packed.decidedBy);
    view.decidedAt = m_texts.view(packed.decidedAt);
    view.cluster = m_texts.view(packed.cluster);
    view.requestId = m_texts.view(packed.requestId);
    view.hopCount = packed.hopCount;
    return view;
}

std::string_view RequestBlock::hopProxy(quint64 number, std::size_t hop) const
{
    return m_texts.view(m_hops[at(number).firstHop + hop].proxy);
}

std::span<const quint64> RequestBlock::lines(quint64 number) const
{
    const Packed &packed = at(number);
    return {m_lines.data() + packed.firstLine, packed.lineCount};
}

std::size_t RequestBlock::bytes() const
{
    return m_texts.bytes() + m_rows.capacity() * sizeof(Packed) + m_hops.capacity() * sizeof(PackedHop) +
           m_lines.capacity() * sizeof(quint64);
}

} // namespace sallyport::traffic
