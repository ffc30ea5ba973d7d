// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/problems/problem_table_model.h"

#include <QCoreApplication>
#include <algorithm>

namespace sallyport::problems {

QString severityWord(model::Severity severity)
{
    switch (severity) {
    case model::Severity::Error:
        return QCoreApplication::translate("Problems", "Error");
    case model::Severity::Warning:
        return QCoreApplication::translate("Problems", "Warning");
    case model::Severity::Information:
        break;
    }
    return QCoreApplication::translate("Problems", "Note");
}

QString severityIcon(model::Severity severity)
{
    switch (severity) {
    case model::Severity::Error:
        return QStringLiteral("error");
    case model::Severity::Warning:
        return QStringLiteral("warning");
    case model::Severity::Information:
        break;
    }
    return QStringLiteral("info");
}

void ProblemTableModel::setFindings(std::vector<Finding> findings)
{
    // Rows that stay keep their place on the screen and their selection.
    std::size_t same = 0;
    while (same < std::min(findings.size(), m_findings.size()) && findings[same].sameAs(m_findings[same]))
        ++same;
    std::size_t tail = 0;
    while (tail < std::min(findings.size(), m_findings.size()) - same &&
           findings[findings.size() - 1 - tail].sameAs(m_findings[m_findings.size() - 1 - tail]))
        ++tail;
    const int first = static_cast<int>(same);
    const int lastOld = static_cast<int>(m_findings.size() - tail) - 1;
    const int lastNew = static_cast<int>(findings.size() - tail) - 1;
    if (lastOld >= first) {
        beginRemoveRows({}, first, lastOld);
        m_findings.erase(m_findings.begin() + first, m_findings.begin() + lastOld + 1);
        endRemoveRows();
    }
    if (lastNew >= first) {
        beginInsertRows({}, first, lastNew);
        m_findings = std::move(findings);
        endInsertRows();
    } else {
        m_findings = std::move(findings); // equal but for their fixes
    }
}

const Finding *ProblemTableModel::finding(const QModelIndex &index) const
{
    return index.isValid() && checkIndex(index) ? &m_findings[static_cast<std::size_t>(index.row())]
                                                : nullptr;
}

int ProblemTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_findings.size());
}

int ProblemTableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString ProblemTableModel::text(const Finding &finding, int column) const
{
    switch (column) {
    case SeverityColumn:
        return severityWord(finding.severity);
    case CodeColumn:
        return finding.code;
    case MessageColumn:
        return finding.message;
    case ResourceColumn:
        return finding.mesh.isEmpty() || finding.resource.isEmpty()
                   ? finding.resource
                   : finding.mesh + QStringLiteral(": ") + finding.resource;
    case PlaceColumn:
        return finding.place();
    default:
        return {};
    }
}

QVariant ProblemTableModel::data(const QModelIndex &index, int role) const
{
    const Finding *found = finding(index);
    if (!found)
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return text(*found, index.column());
    case Qt::ToolTipRole:
        return found->hint.isEmpty() ? found->message : found->message + QLatin1Char('\n') + found->hint;
    case Qt::AccessibleTextRole:
        // Read aloud, a cell of the first column is the whole row.
        if (index.column() == SeverityColumn)
            return QStringLiteral("%1 %2: %3, %4")
                .arg(severityWord(found->severity), found->code, found->message, found->place());
        return text(*found, index.column());
    case SeverityRole:
        return static_cast<int>(found->severity);
    case SearchRole:
        return QStringList{found->code, found->message,  found->hint,
                           found->mesh, found->resource, found->place()}
            .join(QLatin1Char(' '));
    case SortRole:
        if (index.column() == SeverityColumn)
            return static_cast<int>(found->severity);
        if (index.column() == PlaceColumn)
            return QStringLiteral("%1:%2").arg(found->file).arg(found->line, 8, 10, QLatin1Char('0'));
        return text(*found, index.column());
    default:
        return {};
    }
}

QVariant ProblemTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case SeverityColumn:
        return tr("Severity");
    case CodeColumn:
        return tr("Code");
    case MessageColumn:
        return tr("What is wrong");
    case ResourceColumn:
        return tr("Resource");
    case PlaceColumn:
        return tr("Place");
    default:
        return {};
    }
}

} // namespace sallyport::problems
