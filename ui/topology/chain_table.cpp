// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/chain_table.h"

#include "ui/theme/theme.h"

#include <QLocale>

namespace sallyport::topology {

namespace {

/// Internal id of a workload's row; a hop's is its workload's row plus one.
constexpr quintptr top = 0;

QString stateWord(const NodeLife &life)
{
    switch (life.state) {
    case control::NodeState::Ready:
        return ChainTable::tr("running");
    case control::NodeState::Starting:
        return ChainTable::tr("starting");
    case control::NodeState::Stopping:
        return ChainTable::tr("stopping");
    case control::NodeState::Stopped:
        return ChainTable::tr("stopped");
    case control::NodeState::Exited:
        return ChainTable::tr("down");
    case control::NodeState::Failed:
        return ChainTable::tr("failed");
    }
    return {};
}

QString flowText(const Flow &flow)
{
    const QString total = QLocale().toString(flow.requests);
    const QString rate = rateText(flow.perSecond);
    return rate.isEmpty() ? total : ChainTable::tr("%1, %2").arg(total, rate);
}

} // namespace

ChainTable::ChainTable(ChainModel &model, QObject *parent)
    : QAbstractItemModel(parent)
    , m_model(model)
{
    connect(&m_model, &ChainModel::chainChanged, this, [this] {
        beginResetModel();
        take();
        endResetModel();
    });
    connect(&m_model, &ChainModel::liveChanged, this, [this] {
        for (int row = 0; row < rowCount(); ++row) {
            const QModelIndex node = index(row, 0);
            Q_EMIT dataChanged(node, node.siblingAtColumn(ColumnCount - 1), {Qt::DisplayRole});
            if (const int hops = rowCount(node); hops > 0)
                Q_EMIT dataChanged(index(0, 0, node), index(hops - 1, ColumnCount - 1, node),
                                   {Qt::DisplayRole});
        }
    });
    take();
}

void ChainTable::take()
{
    m_chain = m_model.chain();
    m_hops.assign(m_chain.nodes.size(), {});
    for (std::size_t hop = 0; hop < m_chain.hops.size(); ++hop) {
        for (std::size_t node = 0; node < m_chain.nodes.size(); ++node) {
            if (m_chain.hops[hop].from == m_chain.nodes[node].name)
                m_hops[node].push_back(hop);
        }
    }
}

QModelIndex ChainTable::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, parent.isValid() ? static_cast<quintptr>(parent.row()) + 1 : top);
}

QModelIndex ChainTable::parent(const QModelIndex &index) const
{
    if (!index.isValid() || index.internalId() == top)
        return {};
    return createIndex(static_cast<int>(index.internalId() - 1), 0, top);
}

int ChainTable::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid())
        return static_cast<int>(m_chain.nodes.size());
    if (parent.internalId() != top || parent.column() != 0)
        return 0;
    return static_cast<int>(m_hops[static_cast<std::size_t>(parent.row())].size());
}

int ChainTable::columnCount(const QModelIndex &) const
{
    return ColumnCount;
}

const ChainHop *ChainTable::hopAt(const QModelIndex &index) const
{
    if (index.internalId() == top)
        return nullptr;
    const auto &hops = m_hops[index.internalId() - 1];
    return &m_chain.hops[hops[static_cast<std::size_t>(index.row())]];
}

QString ChainTable::nodeText(const ChainNode &node, int column) const
{
    const Flow flow = m_model.flowAt(node);
    switch (column) {
    case Name:
        return node.name;
    case Connection:
        return m_model.isLabRunning() ? stateWord(m_model.lifeOf(node)) : QString();
    case Identity:
        return node.identity;
    case Requests:
        return m_model.isLabRunning() ? flowText(flow) : QString();
    case Errors:
        return m_model.isLabRunning() ? shareText(flow.errorShare) : QString();
    case Latency:
        return m_model.isLabRunning() ? durationText(flow.p99Ms) : QString();
    case Certificate: {
        const QDateTime end = m_model.certificateEnd(node);
        return end.isValid() ? remainingText(end) : QString();
    }
    case Findings: {
        QStringList policies;
        for (const PolicyMark &policy : node.policies)
            policies.append(policy.action + QLatin1Char(' ') + policy.name);
        return policies.join(QStringLiteral(", "));
    }
    default:
        return {};
    }
}

QString ChainTable::hopText(const ChainHop &hop, int column) const
{
    const HopLife life = m_model.lifeOf(hop);
    switch (column) {
    case Name: {
        const ChainNode *to = m_chain.findNode(hop.to);
        return tr("Hop %1 to %2").arg(hop.number).arg(to ? to->name : hop.to);
    }
    case Connection:
        return shortName(hop.kind) + QStringLiteral(" · ") + hop.cluster;
    case Identity:
        return hop.clientCredential;
    case Requests:
        return life.running ? flowText(life.flow) : QString();
    case Errors:
        return life.running ? shareText(life.flow.errorShare) : QString();
    case Latency:
        return life.running ? durationText(life.flow.p99Ms) : QString();
    case Certificate:
        return hop.clientNotAfter.isValid() ? remainingText(hop.clientNotAfter) : QString();
    case Findings: {
        QStringList texts;
        if (!life.downText.isEmpty())
            texts.append(life.downText);
        for (const HopFlag &flag : hop.flags)
            texts.append(flag.text);
        return texts.join(QStringLiteral(", "));
    }
    default:
        return {};
    }
}

/// The row as a screen reader says it.
QString ChainTable::sentence(const QModelIndex &index) const
{
    QStringList parts;
    for (int column = 0; column < ColumnCount; ++column) {
        const QString text = data(index.siblingAtColumn(column)).toString();
        if (!text.isEmpty())
            parts.append(column == Name
                             ? text
                             : headerData(column, Qt::Horizontal).toString() + QLatin1Char(' ') + text);
    }
    return parts.join(QStringLiteral(", "));
}

QVariant ChainTable::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const ChainHop *hop = hopAt(index);
    switch (role) {
    case Qt::DisplayRole:
        return hop ? hopText(*hop, index.column()) : nodeText(nodeAt(index.row()), index.column());
    case Qt::AccessibleTextRole:
        return index.column() == Name ? sentence(index) : data(index).toString();
    case Qt::ToolTipRole:
        if (hop && index.column() == Findings) {
            QStringList why;
            for (const HopFlag &flag : hop->flags)
                why.append(flag.why);
            return why.join(QLatin1Char('\n'));
        }
        return {};
    case Qt::TextAlignmentRole:
        return index.column() == Requests || index.column() == Errors || index.column() == Latency
                   ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                   : QVariant();
    default:
        return {};
    }
}

QVariant ChainTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Workload or hop");
    case Connection:
        return tr("State or connection");
    case Identity:
        return tr("Identity");
    case Requests:
        return tr("Requests");
    case Errors:
        return tr("Errors");
    case Latency:
        return tr("p99");
    case Certificate:
        return tr("Certificate");
    case Findings:
        return tr("Policies and findings");
    default:
        return {};
    }
}

session::SelectedThing ChainTable::thingAt(const QModelIndex &index) const
{
    if (!index.isValid())
        return std::monostate();
    if (const ChainHop *hop = hopAt(index))
        return hop->selection();
    return session::NodeSelection{nodeAt(index.row()).name};
}

QModelIndex ChainTable::indexOf(const session::SelectedThing &thing) const
{
    for (int row = 0; row < rowCount(); ++row) {
        const QModelIndex node = index(row, 0);
        if (thingAt(node) == thing)
            return node;
        for (int hop = 0; hop < rowCount(node); ++hop) {
            if (thingAt(index(hop, 0, node)) == thing)
                return index(hop, 0, node);
        }
    }
    return {};
}

} // namespace sallyport::topology
