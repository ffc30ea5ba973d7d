// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/style_sheet.h"

#include "ui/theme/theme.h"

#include <QHash>

namespace sallyport::theme {

namespace {

// `@role` stands for a colour. Sizes follow the 8 px grid: controls are 28 or 32 high.
const char rules[] = R"(
QToolTip { background: @Raised; color: @Text; border: 1px solid @Line; padding: 4px 8px; }
QMainWindow { background: @Panel; }
QMainWindow::separator { background: @Line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: @Accent; }
QSplitter::handle { background: @Line; }
QSplitter::handle:hover { background: @Accent; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }

QMenuBar { background: @Panel; color: @TextMuted; border-bottom: 1px solid @Line; padding: 0 8px; }
QMenuBar::item { padding: 4px 8px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: @Raised; color: @Text; }
QMenu { background: @Card; color: @Text; border: 1px solid @Line; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; }
QMenu::icon { padding-left: 8px; }
QMenu::item:selected { background: @SelectionFill; color: @Text; }
QMenu::item:disabled { color: @TextDisabled; }
QMenu::separator { height: 1px; background: @Line; margin: 4px 8px; }

QStatusBar { background: @Panel; color: @TextMuted; border-top: 1px solid @Line; }
QStatusBar::item { border: none; }
QDockWidget { color: @TextFaint; }
QDockWidget::title { background: @Panel; padding: 8px 16px 4px 16px; text-align: left; }

QPushButton { background: @Raised; color: @Text; border: 1px solid @Line; border-radius: 6px; padding: 4px 12px; min-height: 18px; }
QPushButton:hover { background: @RaisedHover; }
QPushButton:pressed, QPushButton:checked { background: @SelectionFill; }
QPushButton:focus { border-color: @Accent; }
QPushButton:disabled { color: @TextDisabled; background: @Panel; }
QPushButton[look="Primary"], QPushButton:default[look="Primary"] { background: @Accent; color: @AccentText; border-color: @Accent; font-weight: 600; }
QPushButton[look="Primary"]:hover { background: @AccentHover; }
QPushButton[look="Primary"]:disabled { background: @Raised; color: @TextDisabled; border-color: @Line; }
QPushButton[look="Confirm"] { background: @Good; color: @OnGood; border-color: @Good; font-weight: 600; }
QPushButton[look="Confirm"]:hover { background: @GoodHover; }
QPushButton[look="Confirm"]:disabled { background: @Raised; color: @TextDisabled; border-color: @Line; }
QPushButton[look="Stop"] { background: @Panel; color: @Bad; border-color: @Bad; font-weight: 600; }
QPushButton[look="Stop"]:hover { background: @BadTint; }
QPushButton[look="Stop"]:disabled { color: @TextDisabled; border-color: @Line; }
QPushButton[look="Primary"]:focus, QPushButton[look="Confirm"]:focus, QPushButton[look="Stop"]:focus { border: 2px solid @Text; padding: 3px 11px; }
QPushButton[look="Flat"] { background: transparent; border-color: transparent; color: @TextMuted; }
QPushButton[look="Flat"]:hover { background: @Raised; color: @Text; }
QPushButton[look="Flat"]:focus { border-color: @Accent; }

QToolButton { background: transparent; color: @Text; border: 1px solid transparent; border-radius: 6px; padding: 4px; }
QToolButton:hover { background: @Raised; }
QToolButton:pressed, QToolButton:checked { background: @SelectionFill; }
QToolButton:focus { border-color: @Accent; }
QToolButton:disabled { color: @TextDisabled; }
QToolButton::menu-indicator { image: none; }
QToolButton[look="Segment"] { background: @Raised; color: @Text; border: 1px solid @Line; padding: 5px 12px; min-height: 16px; }
QToolButton[look="Segment"]:hover { background: @RaisedHover; }
QToolButton[look="Segment"]:checked { background: @Accent; color: @AccentText; border-color: @Accent; font-weight: 600; }
QToolButton[look="Segment"]:focus { border-color: @Text; }
QToolButton[look="Segment"]:disabled { color: @TextDisabled; background: @Panel; }
QToolButton[look="Chip"] { background: @Raised; color: @TextMuted; border-radius: 10px; padding: 2px 10px; }
QToolButton[look="Chip"]:hover { background: @RaisedHover; color: @Text; }
QToolButton[look="Chip"]:focus { border-color: @Accent; }

QLabel { background: transparent; }
QLabel[look="Caption"] { color: @TextFaint; font-weight: 600; }
QLabel[look="Muted"] { color: @TextMuted; }
QLabel[look="Faint"] { color: @TextFaint; }
QLabel[look="Good"] { color: @Good; }
QLabel[look="Warning"] { color: @Warning; }
QLabel[look="Bad"] { color: @Bad; }
QLabel[look="Chip"] { background: @Raised; color: @TextMuted; border-radius: 10px; padding: 2px 10px; }

QLineEdit, QSpinBox, QDoubleSpinBox, QDateTimeEdit { background: @Input; color: @Text; border: 1px solid @Line; border-radius: 6px; padding: 4px 8px; min-height: 18px; selection-background-color: @Accent; selection-color: @AccentText; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QDateTimeEdit:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus { border-color: @Accent; }
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled { color: @TextDisabled; background: @Panel; }
QLineEdit[look="Warning"] { border-color: @Warning; }
QLineEdit[look="Bad"] { border-color: @Bad; }
QLineEdit[look="Good"] { border-color: @Good; }
QComboBox[look="Warning"] { border-color: @Warning; }
QComboBox[look="Bad"] { border-color: @Bad; }
QComboBox[look="Good"] { border-color: @Good; }
QSpinBox::up-button, QSpinBox::down-button { border: none; width: 16px; background: transparent; }
QSpinBox::up-arrow { image: url(:/controls/chevron-up.svg); width: 10px; height: 10px; }
QSpinBox::down-arrow { image: url(:/controls/chevron-down.svg); width: 10px; height: 10px; }
QComboBox { background: @Raised; color: @Text; border: 1px solid @Line; border-radius: 6px; padding: 4px 8px 4px 10px; min-height: 18px; }
QComboBox:hover { background: @RaisedHover; }
QComboBox:editable { background: @Input; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url(:/controls/chevron-down.svg); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @Card; border: 1px solid @Line; padding: 4px; selection-background-color: @SelectionFill; selection-color: @Text; outline: none; }
QPlainTextEdit, QTextEdit, QTextBrowser { background: @Input; color: @Text; border: 1px solid @Line; border-radius: 6px; selection-background-color: @Accent; selection-color: @AccentText; }

QCheckBox, QRadioButton { spacing: 8px; color: @Text; }
QCheckBox::indicator, QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid @TextFaint; background: @Input; }
QCheckBox::indicator { border-radius: 3px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:checked { background: @Accent; border-color: @Accent; image: url(:/controls/check-@Scheme.svg); }
QRadioButton::indicator:checked { background: @Accent; border: 4px solid @Input; width: 8px; height: 8px; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: @Accent; }
QCheckBox:disabled, QRadioButton:disabled { color: @TextDisabled; }
QGroupBox { border: 1px solid @Line; border-radius: 6px; margin-top: 16px; padding: 8px; }
QGroupBox::title { subcontrol-origin: margin; left: 8px; color: @TextFaint; }

QTabWidget::pane { border: none; border-top: 1px solid @Line; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: @TextMuted; padding: 8px 4px 6px 4px; margin: 0 8px 0 8px; border: none; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: @Text; border-bottom-color: @Accent; font-weight: 600; }
QTabBar::tab:hover:!selected { color: @Text; }
QTabBar::tab:focus { color: @Accent; }
QTabBar::tab:disabled { color: @TextDisabled; }

QAbstractItemView { background: @Panel; alternate-background-color: @Panel; color: @Text; border: none; outline: none; selection-background-color: @SelectionFill; selection-color: @Text; gridline-color: @Line; }
QTreeView::item, QListView::item { padding: 3px 4px; border: none; }
QTreeView::item:hover, QListView::item:hover { background: @Hover; }
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected { background: @SelectionFill; color: @Text; }
QTreeView::branch { background: transparent; }
QTreeView::branch:selected { background: @SelectionFill; }
QTreeView::branch:has-children:closed { image: url(:/controls/chevron-right.svg); }
QTreeView::branch:has-children:open { image: url(:/controls/chevron-down.svg); }
QHeaderView { background: @Panel; }
QHeaderView::section { background: @Panel; color: @TextFaint; border: none; border-bottom: 1px solid @Line; padding: 4px 8px; }
QHeaderView::section:hover { color: @Text; }
QTableCornerButton::section { background: @Panel; border: none; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @ScrollHandle; border-radius: 3px; margin: 2px; }
QScrollBar::handle:hover { background: @TextFaint; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget { background: transparent; }

QProgressBar { background: @Raised; border: none; border-radius: 3px; height: 6px; text-align: center; color: transparent; }
QProgressBar::chunk { background: @Accent; border-radius: 3px; }

QFrame[look="Card"] { background: @Card; border: 1px solid @Line; border-radius: 6px; }
QFrame[look="Notice"] { background: @Card; border: 1px solid @Warning; border-radius: 6px; }
QFrame[look="Bar"] { background: @Panel; border: none; }
QDialog { background: @Panel; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
)";

} // namespace

QString styleSheet(const Theme &theme)
{
    const QHash<QString, QString> values{
        {QStringLiteral("Window"), theme.color(Role::Window).name()},
        {QStringLiteral("Panel"), theme.color(Role::Panel).name()},
        {QStringLiteral("Card"), theme.color(Role::Card).name()},
        {QStringLiteral("Raised"), theme.color(Role::Raised).name()},
        {QStringLiteral("RaisedHover"), theme.tint(Role::Text, 0.08, Role::Raised).name()},
        {QStringLiteral("Hover"), theme.tint(Role::Text, 0.05, Role::Panel).name()},
        {QStringLiteral("Line"), theme.color(Role::Line).name()},
        {QStringLiteral("Input"), theme.color(theme.isDark() ? Role::Canvas : Role::Card).name()},
        {QStringLiteral("Text"), theme.color(Role::Text).name()},
        {QStringLiteral("TextMuted"), theme.color(Role::TextMuted).name()},
        {QStringLiteral("TextFaint"), theme.color(Role::TextFaint).name()},
        {QStringLiteral("TextDisabled"), theme.tint(Role::TextFaint, 0.65).name()},
        {QStringLiteral("Accent"), theme.color(Role::Accent).name()},
        {QStringLiteral("AccentHover"), theme.tint(Role::Text, 0.12, Role::Accent).name()},
        {QStringLiteral("AccentText"), theme.color(Role::AccentText).name()},
        {QStringLiteral("SelectionFill"), theme.color(Role::SelectionFill).name()},
        {QStringLiteral("ScrollHandle"), theme.tint(Role::TextFaint, 0.4).name()},
        {QStringLiteral("Good"), theme.color(Role::Good).name()},
        {QStringLiteral("GoodHover"), theme.tint(Role::Text, 0.12, Role::Good).name()},
        {QStringLiteral("OnGood"), theme.color(Role::AccentText).name()},
        {QStringLiteral("Warning"), theme.color(Role::Warning).name()},
        {QStringLiteral("Bad"), theme.color(Role::Bad).name()},
        {QStringLiteral("BadTint"), theme.tint(Role::Bad, 0.12).name()},
        {QStringLiteral("Scheme"), theme.isDark() ? QStringLiteral("dark") : QStringLiteral("light")},
    };
    const QString source = QString::fromLatin1(rules);
    QString sheet;
    sheet.reserve(source.size());
    for (qsizetype at = 0; at < source.size();) {
        if (source[at] != QLatin1Char('@')) {
            sheet += source[at++];
            continue;
        }
        qsizetype end = at + 1;
        while (end < source.size() && source[end].isLetter())
            ++end;
        sheet += values.value(source.mid(at + 1, end - at - 1));
        at = end;
    }
    return sheet;
}

} // namespace sallyport::theme
