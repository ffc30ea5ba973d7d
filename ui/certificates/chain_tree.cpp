// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/chain_tree.h"

#include "ui/certificates/state_look.h"

#include <QHeaderView>

namespace sallyport::certificates {

namespace {

constexpr int LinkRole = Qt::UserRole + 1;
enum Column { NameColumn, PartColumn, LeftColumn };
constexpr int roomForParts = 44 * theme::grid; ///< below it the icon alone says what a part is

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
    connect(&theme::Theme::instance(), &theme::Theme::changed, this, &ChainTree::colour);
}

void ChainTree::setChain(const std::vector<ChainLink> &links, TimePoint now, int soonDays)
{
    const theme::Theme &theme = theme::Theme::instance();
    m_coloured.clear();
    m_model.clear();
    m_links = links;
    m_model.setHorizontalHeaderLabels({tr("Chain"), tr("Part"), tr("Left")});
    m_model.horizontalHeaderItem(NameColumn)->setToolTip(tr("From the root down"));
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
        const StateLook look = lookOf(validityOf(link.certificate, now, soonDays));
        auto *left =
            new QStandardItem(theme.icon(look.icon, look.role), remainingText(link.certificate, now));
        m_coloured.emplace_back(role, theme::Role::TextMuted);
        m_coloured.emplace_back(left, look.role);
        name->setToolTip(role->text());
        name->setData(QStringList{name->text(), role->text(), left->text()}.join(QStringLiteral(", ")),
                      Qt::AccessibleTextRole);
        path.resize(std::min(path.size(), static_cast<std::size_t>(link.depth)));
        QStandardItem *parent = path.empty() ? m_model.invisibleRootItem() : path.back();
        parent->appendRow({name, role, left});
        path.push_back(name);
        if (link.role == ChainLink::Role::Leaf || !leaf)
            leaf = name;
    }
    colour();
    expandAll();
    header()->setStretchLastSection(false);
    for (const int column : {NameColumn, PartColumn, LeftColumn})
        header()->setSectionResizeMode(column, column == NameColumn ? QHeaderView::Stretch
                                                                    : QHeaderView::ResizeToContents);
    showColumns();
    if (leaf)
        setCurrentIndex(leaf->index());
    Q_EMIT currentLinkChanged();
}

void ChainTree::colour()
{
    for (const auto &[item, role] : m_coloured)
        item->setForeground(theme::Theme::instance().color(role));
}

void ChainTree::showColumns()
{
    if (m_model.columnCount() > PartColumn)
        setColumnHidden(PartColumn, width() < roomForParts);
}

void ChainTree::resizeEvent(QResizeEvent *event)
{
    QTreeView::resizeEvent(event);
    showColumns();
}

const ChainLink *ChainTree::current() const
{
    const QModelIndex index = currentIndex().siblingAtColumn(0);
    return index.isValid() ? &m_links[static_cast<std::size_t>(index.data(LinkRole).toInt())] : nullptr;
}

} // namespace sallyport::certificates
