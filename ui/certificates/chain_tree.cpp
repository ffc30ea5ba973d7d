// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/chain_tree.h"

#include "ui/certificates/state_look.h"

#include <QHeaderView>

namespace sallyport::certificates {

namespace {

constexpr int LinkRole = Qt::UserRole + 1;
constexpr int ColumnCount = 3;

QString iconOf(ChainLink::Role role)
{
    return role == ChainLink::Role::Leaf           ? QStringLiteral("certificate")
           : role == ChainLink::Role::Intermediate ? QStringLiteral("link")
                                                   : QStringLiteral("shield");
}

} // namespace

ChainTree::ChainTree(QWidget *parent)
    : QTreeView(parent)
{
    setObjectName(QStringLiteral("chainTree"));
    setAccessibleName(tr("Chain of certificates, from the root"));
    setModel(&m_model);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setUniformRowHeights(true);
    setItemsExpandable(false);
    setRootIsDecorated(false);
    setIndentation(2 * theme::grid);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(selectionModel(), &QItemSelectionModel::currentRowChanged, this, &ChainTree::currentLinkChanged);
}

void ChainTree::setChain(const std::vector<ChainLink> &links, TimePoint now, int soonDays)
{
    const theme::Theme &theme = theme::Theme::instance();
    m_model.clear();
    m_links = links;
    m_model.setHorizontalHeaderLabels({tr("Chain, from the root"), tr("Part"), tr("Left")});
    std::vector<QStandardItem *> path;
    QStandardItem *leaf = nullptr;
    for (std::size_t i = 0; i < links.size(); ++i) {
        const ChainLink &link = links[i];
        auto *name = new QStandardItem(theme.icon(iconOf(link.role), theme::Role::TextMuted),
                                       identityOf(link.certificate));
        name->setData(static_cast<int>(i), LinkRole);
        auto *role = new QStandardItem(link.given && link.role != ChainLink::Role::Trusted
                                           ? roleText(link.role) + tr(", trusted")
                                           : roleText(link.role));
        role->setForeground(theme.color(theme::Role::TextMuted));
        const StateLook look = lookOf(validityOf(link.certificate, now, soonDays));
        auto *left =
            new QStandardItem(theme.icon(look.icon, look.role), remainingText(link.certificate, now));
        left->setForeground(theme.color(look.role));
        name->setData(QStringList{name->text(), role->text(), left->text()}.join(QStringLiteral(", ")),
                      Qt::AccessibleTextRole);
        path.resize(std::min(path.size(), static_cast<std::size_t>(link.depth)));
        QStandardItem *parent = path.empty() ? m_model.invisibleRootItem() : path.back();
        parent->appendRow({name, role, left});
        path.push_back(name);
        if (link.role == ChainLink::Role::Leaf || !leaf)
            leaf = name;
    }
    expandAll();
    header()->setStretchLastSection(false);
    for (int column = 0; column < ColumnCount; ++column)
        header()->setSectionResizeMode(column,
                                       column == 0 ? QHeaderView::Stretch : QHeaderView::ResizeToContents);
    if (leaf)
        setCurrentIndex(leaf->index());
    Q_EMIT currentLinkChanged();
}

const ChainLink *ChainTree::current() const
{
    const QModelIndex index = currentIndex().siblingAtColumn(0);
    return index.isValid() ? &m_links[static_cast<std::size_t>(index.data(LinkRole).toInt())] : nullptr;
}

} // namespace sallyport::certificates
