// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/project/tree_node.h"

#include <QAbstractItemModel>
#include <memory>

namespace sallyport::project {

/// The tree for a view. What stays in the project keeps its index, so that selection and folding do.
class TreeModel : public QAbstractItemModel
{
    Q_OBJECT

public:
    enum Role {
        NodeRole = Qt::UserRole, ///< const TreeNode *, without its children
    };

    explicit TreeModel(QObject *parent = nullptr);
    ~TreeModel() override;

    void setTree(const std::vector<TreeNode> &tree);
    /// The node at an index of this model; null for none. It has no children: ask the model.
    const TreeNode *nodeAt(const QModelIndex &index) const;
    /// Where a resource is; the field does not matter.
    QModelIndex indexOf(const session::ResourceSelection &resource) const;

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &index) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;

private:
    struct Item;
    Item *itemAt(const QModelIndex &index) const;
    QModelIndex indexOf(const Item &item) const;
    void update(Item &item, const std::vector<TreeNode> &children);
    static std::unique_ptr<Item> make(const TreeNode &node, Item *parent);

    std::unique_ptr<Item> m_root;
};

} // namespace sallyport::project

Q_DECLARE_METATYPE(const sallyport::project::TreeNode *)
