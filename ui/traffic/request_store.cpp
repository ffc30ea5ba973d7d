// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/request_store.h"

#include <algorithm>
#include <mutex>

namespace sallyport::traffic {

/// A request of a block, while the store is locked.
class RequestStore::Subject : public FilterSubject
{
public:
    explicit Subject(const RequestStore &store)
        : m_store(store)
    {
    }
    void set(const RequestBlock &block, quint64 number)
    {
        m_block = &block;
        m_view = block.view(number);
    }
    const RequestView &request() const override { return m_view; }
    std::string_view hopProxy(std::size_t hop) const override
    {
        return m_block->hopProxy(m_view.number, hop);
    }
    bool anyLine(std::string_view name, const std::function<bool(std::string_view)> &matches) const override
    {
        std::string scratch;
        for (const quint64 line : m_block->lines(m_view.number)) {
            const std::string_view value = m_store.lineField(line, name, scratch);
            if (!value.empty() && matches(value))
                return true;
        }
        return false;
    }

private:
    const RequestStore &m_store;
    const RequestBlock *m_block = nullptr;
    RequestView m_view;
};

RequestStore::RequestStore(std::size_t limit)
    : m_limit(limit)
{
}

quint64 RequestStore::addLine(const control::LogEntry &entry)
{
    const std::unique_lock lock(m_mutex);
    if (m_lines.empty() || m_lines.back()->isFull()) {
        if (!m_lines.empty())
            m_lines.back()->seal();
        m_lines.push_back(std::make_unique<LineBlock>());
    }
    m_lines.back()->add(entry);
    return m_firstLine + (m_lines.size() - 1) * LineBlock::capacity + m_lines.back()->size() - 1;
}

quint64 RequestStore::add(const RequestRow &row, std::span<const quint64> lines)
{
    const std::unique_lock lock(m_mutex);
    if (m_blocks.empty() || m_blocks.back()->isFull()) {
        if (!m_blocks.empty())
            m_blocks.back()->seal();
        m_blocks.push_back(std::make_unique<RequestBlock>(m_nextNumber));
    }
    ++m_nextNumber;
    ++m_count;
    return m_blocks.back()->add(row, lines);
}

void RequestStore::replace(quint64 number, const RequestRow &row, std::span<const quint64> lines)
{
    const std::unique_lock lock(m_mutex);
    if (RequestBlock *block = blockOf(number); block && block->isAlive(number))
        block->replace(number, row, lines);
}

void RequestStore::remove(quint64 number)
{
    const std::unique_lock lock(m_mutex);
    if (RequestBlock *block = blockOf(number); block && block->isAlive(number)) {
        block->remove(number);
        --m_count;
    }
}

void RequestStore::evict(quint64 firstWaitingLine)
{
    const std::unique_lock lock(m_mutex);
    while (m_blocks.size() > 1 && m_count - m_blocks.front()->living() >= m_limit) {
        m_count -= m_blocks.front()->living();
        m_blocks.pop_front();
    }
    quint64 needed = firstWaitingLine;
    for (const auto &block : m_blocks)
        needed = std::min(needed, block->firstLine());
    while (m_lines.size() > 1 && m_firstLine + LineBlock::capacity <= needed) {
        m_lines.pop_front();
        m_firstLine += LineBlock::capacity;
    }
}

void RequestStore::clear()
{
    const std::unique_lock lock(m_mutex);
    m_blocks.clear();
    // Numbers of lines and requests go on: nothing that still names an old one meets a new one.
    m_firstLine += m_lines.size() * LineBlock::capacity;
    m_lines.clear();
    m_count = 0;
}

quint64 RequestStore::firstNumber() const
{
    const std::shared_lock lock(m_mutex);
    return m_blocks.empty() ? m_nextNumber : m_blocks.front()->firstNumber();
}

quint64 RequestStore::endNumber() const
{
    const std::shared_lock lock(m_mutex);
    return m_nextNumber;
}

quint64 RequestStore::endLine() const
{
    const std::shared_lock lock(m_mutex);
    return m_lines.empty()
               ? m_firstLine
               : m_firstLine + (m_lines.size() - 1) * LineBlock::capacity + m_lines.back()->size();
}

std::size_t RequestStore::count() const
{
    const std::shared_lock lock(m_mutex);
    return m_count;
}

std::optional<RequestRow> RequestStore::row(quint64 number) const
{
    const std::shared_lock lock(m_mutex);
    const RequestBlock *block = blockOf(number);
    if (!block || !block->isAlive(number))
        return std::nullopt;
    return block->row(number);
}

std::optional<control::LogEntry> RequestStore::line(quint64 number) const
{
    const std::shared_lock lock(m_mutex);
    if (number < m_firstLine)
        return std::nullopt;
    const std::size_t block = (number - m_firstLine) / LineBlock::capacity;
    const std::size_t index = (number - m_firstLine) % LineBlock::capacity;
    if (block >= m_lines.size() || index >= m_lines[block]->size())
        return std::nullopt;
    return m_lines[block]->entry(index);
}

QList<control::LogEntry> RequestStore::entries(quint64 number) const
{
    std::vector<quint64> lines;
    {
        const std::shared_lock lock(m_mutex);
        const RequestBlock *block = blockOf(number);
        if (!block || !block->isAlive(number))
            return {};
        const std::span<const quint64> stored = block->lines(number);
        lines.assign(stored.begin(), stored.end());
    }
    QList<control::LogEntry> entries;
    for (const quint64 line : lines) {
        if (auto entry = this->line(line))
            entries.append(std::move(*entry));
    }
    return entries;
}

quint64 RequestStore::find(const QString &requestId) const
{
    if (requestId.startsWith(QLatin1String("row-"))) {
        const quint64 number = QStringView(requestId).mid(4).toULongLong();
        const std::shared_lock lock(m_mutex);
        const RequestBlock *block = blockOf(number);
        return block && block->isAlive(number) ? number : 0;
    }
    const QByteArray wanted = requestId.toUtf8();
    const std::string_view id(wanted.constData(), static_cast<std::size_t>(wanted.size()));
    if (id.empty())
        return 0;
    const std::shared_lock lock(m_mutex);
    for (auto block = m_blocks.rbegin(); block != m_blocks.rend(); ++block) {
        for (quint64 number = (*block)->endNumber(); number-- > (*block)->firstNumber();) {
            if ((*block)->isAlive(number) && (*block)->view(number).requestId == id)
                return number;
        }
    }
    // Not the outermost proxy's id: one that a gateway gave.
    Subject subject(*this);
    for (auto block = m_blocks.rbegin(); block != m_blocks.rend(); ++block) {
        for (quint64 number = (*block)->endNumber(); number-- > (*block)->firstNumber();) {
            if (!(*block)->isAlive(number))
                continue;
            subject.set(**block, number);
            if (subject.anyLine("request_id", [id](std::string_view value) { return value == id; }))
                return number;
        }
    }
    return 0;
}

void RequestStore::visit(quint64 from, quint64 end,
                         const std::function<void(const FilterSubject &)> &visitor) const
{
    Subject subject(*this);
    while (from < end) {
        const std::shared_lock lock(m_mutex);
        if (m_blocks.empty())
            return;
        from = std::max(from, m_blocks.front()->firstNumber());
        const RequestBlock *block = blockOf(from);
        if (!block)
            return;
        for (; from < std::min(end, block->endNumber()); ++from) {
            if (!block->isAlive(from))
                continue;
            subject.set(*block, from);
            visitor(subject);
        }
    }
}

std::size_t RequestStore::bytes() const
{
    const std::shared_lock lock(m_mutex);
    std::size_t bytes = 0;
    for (const auto &block : m_blocks)
        bytes += block->bytes();
    for (const auto &block : m_lines)
        bytes += block->bytes();
    return bytes;
}

RequestBlock *RequestStore::blockOf(quint64 number) const
{
    if (m_blocks.empty() || number < m_blocks.front()->firstNumber())
        return nullptr;
    // All but the last block are full.
    const std::size_t index = (number - m_blocks.front()->firstNumber()) / RequestBlock::capacity;
    return index < m_blocks.size() && number < m_blocks[index]->endNumber() ? m_blocks[index].get() : nullptr;
}

std::string_view RequestStore::lineField(quint64 line, std::string_view name, std::string &scratch) const
{
    if (line < m_firstLine)
        return {};
    const std::size_t block = (line - m_firstLine) / LineBlock::capacity;
    const std::size_t index = (line - m_firstLine) % LineBlock::capacity;
    if (block >= m_lines.size() || index >= m_lines[block]->size())
        return {};
    return m_lines[block]->field(index, name, scratch);
}

} // namespace sallyport::traffic
