// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/topology/chain_model.h"

#include <QAbstractItemModel>

namespace sallyport::topology {

/// The chain as a table for eyes, keyboards and screen readers: each workload, and below it the hops that
/// leave it.
class ChainTable : public QAbstractItemModel
{
    Q_OBJECT

public:
    enum Column { Name, Connection, Identity, Requests, Errors, Latency, Certificate, Findings, ColumnCount };

    explicit ChainTable(ChainModel &model, QObject *parent = nullptr);

    /// What a row stands for.
    session::SelectedThing thingAt(const QModelIndex &index) const;
    QModelIndex indexOf(const session::SelectedThing &thing) const;

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &index) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    void take();
    const ChainNode &nodeAt(int row) const { return m_chain.nodes[static_cast<std::size_t>(row)]; }
    const ChainHop *hopAt(const QModelIndex &index) const;
    QString nodeText(const ChainNode &node, int column) const;
    QString hopText(const ChainHop &hop, int column) const;
    QString sentence(const QModelIndex &index) const;

    ChainModel &m_model;
    Chain m_chain;                                ///< as the view knows it
    std::vector<std::vector<std::size_t>> m_hops; ///< by node: indexes into the chain's hops
};

} // namespace sallyport::topology
