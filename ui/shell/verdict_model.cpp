// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/verdict_model.h"

#include "ui/theme/theme.h"

#include <algorithm>

namespace sallyport::shell {

namespace {

constexpr quintptr top = 0; ///< a row's is its check's number plus one

int passedOf(const std::vector<lab::Row> &rows)
{
    return static_cast<int>(
        std::count_if(rows.begin(), rows.end(), [](const lab::Row &row) { return row.passed; }));
}

} // namespace

bool VerdictModel::Verdict::passed() const
{
    return passedOf(rows) == static_cast<int>(rows.size());
}

VerdictModel::VerdictModel(QObject *parent)
    : QAbstractItemModel(parent)
{
}

void VerdictModel::clear()
{
    beginResetModel();
    m_checks.clear();
    endResetModel();
}

void VerdictModel::add(const std::vector<lab::Row> &rows)
{
    if (rows.empty())
        return;
    const int row = rowCount();
    beginInsertRows({}, row, row);
    m_checks.push_back({QString::fromStdString(rows.front().check), rows});
    endInsertRows();
}

int VerdictModel::passed() const
{
    int sum = 0;
    for (const Verdict &check : m_checks)
        sum += passedOf(check.rows);
    return sum;
}

int VerdictModel::failed() const
{
    int sum = 0;
    for (const Verdict &check : m_checks)
        sum += static_cast<int>(check.rows.size());
    return sum - passed();
}

QModelIndex VerdictModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, parent.isValid() ? static_cast<quintptr>(parent.row()) + 1 : top);
}

QModelIndex VerdictModel::parent(const QModelIndex &index) const
{
    if (!index.isValid() || index.internalId() == top)
        return {};
    return createIndex(static_cast<int>(index.internalId() - 1), 0, top);
}

int VerdictModel::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid())
        return static_cast<int>(m_checks.size());
    if (parent.internalId() != top || parent.column() != 0)
        return 0;
    return static_cast<int>(m_checks[static_cast<std::size_t>(parent.row())].rows.size());
}

int VerdictModel::columnCount(const QModelIndex &) const
{
    return ColumnCount;
}

bool VerdictModel::passedAt(const QModelIndex &index) const
{
    if (index.internalId() == top)
        return m_checks[static_cast<std::size_t>(index.row())].passed();
    return m_checks[index.internalId() - 1].rows[static_cast<std::size_t>(index.row())].passed;
}

QString VerdictModel::textAt(const QModelIndex &index) const
{
    if (index.internalId() == top) {
        const Verdict &check = m_checks[static_cast<std::size_t>(index.row())];
        if (index.column() == What)
            return check.check;
        return index.column() == Seen ? tr("%1 of %2").arg(passedOf(check.rows)).arg(check.rows.size())
                                      : QString();
    }
    const lab::Row &row = m_checks[index.internalId() - 1].rows[static_cast<std::size_t>(index.row())];
    switch (index.column()) {
    case What:
        return QString::fromStdString(row.what);
    case Where:
        return QString::fromStdString(row.where);
    case Expected:
        return QString::fromStdString(row.expected);
    case Seen:
        return QString::fromStdString(row.seen);
    default:
        return {};
    }
}

QVariant VerdictModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const theme::Theme &theme = theme::Theme::instance();
    const bool passed = passedAt(index);
    switch (role) {
    case Qt::DisplayRole:
        return textAt(index);
    case Qt::ToolTipRole:
        return index.parent().isValid() ? textAt(index) : QVariant();
    case Qt::DecorationRole:
        if (index.column() != What)
            return {};
        return theme.icon(passed ? QStringLiteral("check") : QStringLiteral("error"),
                          passed ? theme::Role::Good : theme::Role::Bad);
    case Qt::ForegroundRole:
        if (!passed && index.column() == Seen)
            return theme.color(theme::Role::Bad);
        return index.parent().isValid() && index.column() != What
                   ? QVariant(theme.color(theme::Role::TextMuted))
                   : QVariant();
    case Qt::FontRole:
        if (!index.parent().isValid())
            return theme.font(theme::TextStyle::Strong);
        return index.column() == Expected || index.column() == Seen
                   ? QVariant(theme.font(theme::TextStyle::Mono))
                   : QVariant();
    case Qt::AccessibleTextRole:
        return index.column() == What ? (passed ? tr("passed: %1") : tr("failed: %1")).arg(textAt(index))
                                      : textAt(index);
    default:
        return {};
    }
}

QVariant VerdictModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case What:
        return tr("Check");
    case Where:
        return tr("Where");
    case Expected:
        return tr("Expected");
    case Seen:
        return tr("Seen");
    default:
        return {};
    }
}

} // namespace sallyport::shell
