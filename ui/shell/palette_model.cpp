// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/palette_model.h"

#include <algorithm>

namespace sallyport::shell {

namespace {

/// The letters stand in the text in this order.
bool isSubsequence(const QString &letters, const QString &text)
{
    qsizetype at = 0;
    for (const QChar letter : letters) {
        at = text.indexOf(letter, at, Qt::CaseInsensitive);
        if (at < 0)
            return false;
        ++at;
    }
    return true;
}

int scoreOfWord(const PaletteEntry &entry, const QString &word)
{
    constexpr int begins = 100;
    constexpr int beginsWord = 60;
    constexpr int inside = 40;
    constexpr int inDetail = 20;
    constexpr int letters = 5;
    const qsizetype at = entry.text.indexOf(word, 0, Qt::CaseInsensitive);
    if (at == 0)
        return begins;
    if (at > 0)
        return entry.text[at - 1].isLetterOrNumber() ? inside : beginsWord;
    if (entry.detail.contains(word, Qt::CaseInsensitive))
        return inDetail;
    return word.size() > 1 && isSubsequence(word, entry.text) ? letters : -1;
}

} // namespace

PaletteModel::PaletteModel(QObject *parent)
    : QAbstractListModel(parent)
{
}

int PaletteModel::scoreOf(const PaletteEntry &entry, const QString &typed)
{
    int sum = 0;
    for (const QString &word : typed.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        const int score = scoreOfWord(entry, word);
        if (score < 0)
            return -1;
        sum += score;
    }
    return sum;
}

void PaletteModel::setEntries(std::vector<PaletteEntry> entries)
{
    m_entries = std::move(entries);
    setFilter(m_typed);
}

void PaletteModel::setFilter(const QString &typed)
{
    beginResetModel();
    m_typed = typed;
    std::vector<std::pair<int, std::size_t>> found;
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        if (const int score = scoreOf(m_entries[i], typed); score >= 0)
            found.emplace_back(m_entries[i].enabled ? score : score - 1000, i);
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto &a, const auto &b) { return a.first > b.first; });
    m_shown.clear();
    for (const auto &each : found)
        m_shown.push_back(each.second);
    endResetModel();
}

const PaletteEntry &PaletteModel::entryAt(int row) const
{
    return m_entries[m_shown[static_cast<std::size_t>(row)]];
}

int PaletteModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_shown.size());
}

QVariant PaletteModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const PaletteEntry &entry = entryAt(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return entry.text;
    case Qt::DecorationRole:
        return entry.icon;
    case DetailRole:
        return entry.detail;
    case Qt::AccessibleTextRole:
        return entry.detail.isEmpty() ? entry.text : entry.text + QStringLiteral(", ") + entry.detail;
    default:
        return {};
    }
}

Qt::ItemFlags PaletteModel::flags(const QModelIndex &index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    return entryAt(index.row()).enabled ? Qt::ItemIsEnabled | Qt::ItemIsSelectable : Qt::NoItemFlags;
}

} // namespace sallyport::shell
