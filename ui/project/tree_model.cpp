// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/project/tree_model.h"

#include "ui/theme/theme.h"

#include <algorithm>

namespace sallyport::project {

struct TreeModel::Item
{
    TreeNode node; ///< its children are `children`
    Item *parent = nullptr;
    std::vector<std::unique_ptr<Item>> children;

    int row() const
    {
        const auto &siblings = parent->children;
        return static_cast<int>(std::find_if(siblings.begin(), siblings.end(),
                                             [this](const auto &each) { return each.get() == this; }) -
                                siblings.begin());
    }
};

namespace {

TreeNode alone(const TreeNode &node)
{
    TreeNode copy = node;
    copy.children.clear();
    return copy;
}

} // namespace

TreeModel::TreeModel(QObject *parent)
    : QAbstractItemModel(parent)
    , m_root(std::make_unique<Item>())
{
}

TreeModel::~TreeModel() = default;

std::unique_ptr<TreeModel::Item> TreeModel::make(const TreeNode &node, Item *parent)
{
    auto item = std::make_unique<Item>();
    item->node = alone(node);
    item->parent = parent;
    for (const TreeNode &child : node.children)
        item->children.push_back(make(child, item.get()));
    return item;
}

void TreeModel::setTree(const std::vector<TreeNode> &tree)
{
    update(*m_root, tree);
}

void TreeModel::update(Item &item, const std::vector<TreeNode> &children)
{
    const QModelIndex here = indexOf(item);
    const auto remove = [&](std::size_t row) {
        beginRemoveRows(here, static_cast<int>(row), static_cast<int>(row));
        item.children.erase(item.children.begin() + static_cast<std::ptrdiff_t>(row));
        endRemoveRows();
    };
    for (std::size_t row = item.children.size(); row-- > 0;) {
        const TreeNode &old = item.children[row]->node;
        if (std::none_of(children.begin(), children.end(),
                         [&old](const TreeNode &node) { return node.isSameAs(old); }))
            remove(row);
    }
    for (std::size_t row = 0; row < children.size(); ++row) {
        const TreeNode &node = children[row];
        if (row < item.children.size() && item.children[row]->node.isSameAs(node)) {
            Item &same = *item.children[row];
            const bool looks = same.node.looksLike(node);
            same.node = alone(node);
            if (!looks)
                Q_EMIT dataChanged(indexOf(same), indexOf(same));
            update(same, node.children);
            continue;
        }
        // What stands further below changed its place.
        for (std::size_t below = row; below < item.children.size(); ++below) {
            if (item.children[below]->node.isSameAs(node)) {
                remove(below);
                break;
            }
        }
        beginInsertRows(here, static_cast<int>(row), static_cast<int>(row));
        item.children.insert(item.children.begin() + static_cast<std::ptrdiff_t>(row), make(node, &item));
        endInsertRows();
    }
    while (item.children.size() > children.size())
        remove(item.children.size() - 1);
}

TreeModel::Item *TreeModel::itemAt(const QModelIndex &index) const
{
    return index.isValid() ? static_cast<Item *>(index.internalPointer()) : m_root.get();
}

QModelIndex TreeModel::indexOf(const Item &item) const
{
    return item.parent ? createIndex(item.row(), 0, &item) : QModelIndex();
}

const TreeNode *TreeModel::nodeAt(const QModelIndex &index) const
{
    return index.isValid() ? &itemAt(index)->node : nullptr;
}

QModelIndex TreeModel::indexOf(const session::ResourceSelection &resource) const
{
    std::vector<const Item *> open{m_root.get()};
    while (!open.empty()) {
        const Item *item = open.back();
        open.pop_back();
        const auto &where = item->node.where;
        if (where && where->file == resource.file && where->document == resource.document &&
            where->listItem == resource.listItem)
            return indexOf(*item);
        for (const auto &child : item->children)
            open.push_back(child.get());
    }
    return {};
}

QModelIndex TreeModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, itemAt(parent)->children[static_cast<std::size_t>(row)].get());
}

QModelIndex TreeModel::parent(const QModelIndex &index) const
{
    const Item *parent = index.isValid() ? itemAt(index)->parent : nullptr;
    return parent ? indexOf(*parent) : QModelIndex();
}

int TreeModel::rowCount(const QModelIndex &parent) const
{
    return parent.column() > 0 ? 0 : static_cast<int>(itemAt(parent)->children.size());
}

int TreeModel::columnCount(const QModelIndex &) const
{
    return 1;
}

QVariant TreeModel::data(const QModelIndex &index, int role) const
{
    const TreeNode *node = nodeAt(index);
    if (!node)
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return node->resourceKind.isEmpty() ? node->title
                                            : node->resourceKind + QLatin1Char(' ') + node->title;
    case Qt::DecorationRole:
        return theme::Theme::instance().icon(
            node->icon, node->kind == TreeNode::Kind::BrokenFile ? theme::Role::Bad : theme::Role::TextMuted);
    case Qt::ToolTipRole:
        return node->where ? node->spoken() + QLatin1Char('\n') + node->where->file : node->spoken();
    case Qt::AccessibleTextRole:
        return node->spoken();
    case NodeRole:
        return QVariant::fromValue(node);
    default:
        return {};
    }
}

} // namespace sallyport::project
