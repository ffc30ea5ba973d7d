// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/command_palette.h"

#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

namespace sallyport::shell {

namespace {

using theme::grid;
using theme::Role;

constexpr int paletteWidth = 76 * grid;
constexpr int paletteHeight = 52 * grid;
constexpr int rowHeight = 4 * grid;
constexpr int iconSize = 16;

/// Text on the left, detail on the right.
class EntryDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const override
    {
        return {0, rowHeight};
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const theme::Theme &theme = theme::Theme::instance();
        const bool enabled = index.flags() & Qt::ItemIsEnabled;
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (option.state & QStyle::State_Selected) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(theme.color(Role::SelectionFill));
            painter->drawRoundedRect(option.rect.adjusted(4, 1, -4, -1), theme::half, theme::half);
        }
        QRect rest = option.rect.adjusted(2 * grid, 0, -2 * grid, 0);
        const QIcon icon = index.data(Qt::DecorationRole).value<QIcon>();
        const QRect place(rest.left(), rest.center().y() - iconSize / 2 + 1, iconSize, iconSize);
        icon.paint(painter, place, Qt::AlignCenter, enabled ? QIcon::Normal : QIcon::Disabled);
        rest.setLeft(place.right() + grid + 2);
        painter->setFont(theme.font(theme::TextStyle::Small));
        const QString detail = index.data(PaletteModel::DetailRole).toString();
        const int detailWidth = std::min(painter->fontMetrics().horizontalAdvance(detail), rest.width() / 2);
        painter->setPen(theme.color(Role::TextFaint));
        painter->drawText(rest, static_cast<int>(Qt::AlignRight | Qt::AlignVCenter),
                          painter->fontMetrics().elidedText(detail, Qt::ElideLeft, detailWidth));
        rest.setRight(rest.right() - detailWidth - 2 * grid);
        painter->setFont(theme.font(theme::TextStyle::Body));
        painter->setPen(enabled ? theme.color(Role::Text) : theme.tint(Role::TextFaint, 0.7, Role::Card));
        painter->drawText(
            rest, static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter),
            painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, rest.width()));
        painter->restore();
    }
};

} // namespace

CommandPalette::CommandPalette(QWidget *window)
    : QFrame(window, Qt::Popup)
{
    setObjectName(QStringLiteral("commandPalette"));
    theme::setLook(this, theme::Look::Card);
    m_field = new QLineEdit(this);
    m_field->setObjectName(QStringLiteral("paletteField"));
    m_field->setPlaceholderText(tr("A command, a resource, a workload…"));
    m_field->setAccessibleName(tr("Search or run a command"));
    m_field->installEventFilter(this);
    m_list = new QListView(this);
    m_list->setObjectName(QStringLiteral("paletteList"));
    m_list->setModel(&m_model);
    m_list->setItemDelegate(new EntryDelegate(m_list));
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setUniformItemSizes(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setStyleSheet(QStringLiteral("background: transparent;"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid, grid, grid, grid);
    layout->setSpacing(grid);
    layout->addWidget(m_field);
    layout->addWidget(m_list);
    connect(m_field, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_model.setFilter(text);
        m_list->setCurrentIndex(m_model.index(0));
    });
    connect(m_list, &QListView::clicked, this, &CommandPalette::run);
}

void CommandPalette::open(std::vector<PaletteEntry> entries)
{
    m_field->clear();
    m_model.setEntries(std::move(entries));
    m_list->setCurrentIndex(m_model.index(0));
    const QWidget *window = parentWidget()->window();
    const QSize size(std::min(paletteWidth, window->width() - 4 * grid),
                     std::min(paletteHeight, window->height() - 12 * grid));
    resize(size);
    move(window->mapToGlobal(QPoint((window->width() - size.width()) / 2, 10 * grid)));
    show();
    m_field->setFocus();
}

void CommandPalette::run()
{
    const QModelIndex current = m_list->currentIndex();
    if (!current.isValid() || !(current.flags() & Qt::ItemIsEnabled))
        return;
    const std::function<void()> command = m_model.entryAt(current.row()).run;
    hide();
    command();
}

void CommandPalette::moveCurrent(int by)
{
    const int rows = m_model.rowCount();
    if (rows == 0)
        return;
    const int row = std::clamp(m_list->currentIndex().row() + by, 0, rows - 1);
    m_list->setCurrentIndex(m_model.index(row));
}

bool CommandPalette::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_field || event->type() != QEvent::KeyPress)
        return QFrame::eventFilter(watched, event);
    constexpr int page = 8;
    switch (static_cast<QKeyEvent *>(event)->key()) {
    case Qt::Key_Down:
        moveCurrent(1);
        return true;
    case Qt::Key_Up:
        moveCurrent(-1);
        return true;
    case Qt::Key_PageDown:
        moveCurrent(page);
        return true;
    case Qt::Key_PageUp:
        moveCurrent(-page);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        run();
        return true;
    default:
        return false;
    }
}

} // namespace sallyport::shell
