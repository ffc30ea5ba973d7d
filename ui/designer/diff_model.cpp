// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/designer/diff_model.h"

namespace sallyport::designer {

using design::DiffLine;

DiffModel::DiffModel(QObject *parent)
    : QAbstractListModel(parent)
{
}

void DiffModel::setDiffs(std::vector<FileDiff> diffs)
{
    if (diffs == m_diffs)
        return;
    beginResetModel();
    m_diffs = std::move(diffs);
    m_rows.clear();
    for (std::size_t file = 0; file < m_diffs.size(); ++file) {
        m_rows.push_back({file, -1});
        for (std::size_t line = 0; line < m_diffs[file].lines.size(); ++line)
            m_rows.push_back({file, static_cast<int>(line)});
    }
    endResetModel();
}

int DiffModel::rowOf(const QString &path) const
{
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        if (m_rows[i].line < 0 && m_diffs[m_rows[i].file].path == path)
            return static_cast<int>(i);
    }
    return -1;
}

int DiffModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

DiffModel::RowKind DiffModel::kindOf(const Row &row) const
{
    if (row.line < 0)
        return RowKind::File;
    const DiffLine &line = m_diffs[row.file].lines[static_cast<std::size_t>(row.line)];
    switch (line.kind) {
    case DiffLine::Kind::Added:
        return RowKind::Added;
    case DiffLine::Kind::Removed:
        return RowKind::Removed;
    case DiffLine::Kind::Same:
        break;
    }
    return line.before == 0 && line.after == 0 ? RowKind::Gap : RowKind::Same;
}

QVariant DiffModel::fileData(const FileDiff &diff, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return diff.path;
    case FileKindRole:
        return static_cast<int>(diff.kind);
    case CountRole:
        return diff.removed > 0 ? QStringLiteral("+%1 −%2").arg(diff.added).arg(diff.removed)
                                : QStringLiteral("+%1").arg(diff.added);
    case Qt::AccessibleTextRole:
        switch (diff.kind) {
        case FileDiff::Kind::New:
            return tr("New file %1, %2 lines").arg(diff.path).arg(diff.added);
        case FileDiff::Kind::Removed:
            return tr("File %1 goes").arg(diff.path);
        case FileDiff::Kind::Changed:
            break;
        }
        return tr("File %1, %2 lines added, %3 removed").arg(diff.path).arg(diff.added).arg(diff.removed);
    default:
        return {};
    }
}

QVariant DiffModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const Row &row = m_rows[static_cast<std::size_t>(index.row())];
    const RowKind kind = kindOf(row);
    if (role == KindRole)
        return static_cast<int>(kind);
    const FileDiff &diff = m_diffs[row.file];
    if (kind == RowKind::File)
        return fileData(diff, role);
    const DiffLine &line = diff.lines[static_cast<std::size_t>(row.line)];
    switch (role) {
    case Qt::DisplayRole:
        return QString::fromStdString(line.text);
    case BeforeRole:
        return line.before;
    case AfterRole:
        return line.after;
    case Qt::AccessibleTextRole:
        return kind == RowKind::Gap       ? tr("lines left out")
               : kind == RowKind::Added   ? tr("added: %1").arg(QString::fromStdString(line.text))
               : kind == RowKind::Removed ? tr("removed: %1").arg(QString::fromStdString(line.text))
                                          : QString::fromStdString(line.text);
    default:
        return {};
    }
}

} // namespace sallyport::designer
