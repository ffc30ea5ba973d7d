// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QIcon>
#include <QObject>
#include <QString>

class QApplication;
class QWidget;

namespace sallyport::theme {

Q_NAMESPACE

/// Every colour of the window has a role; nothing names a colour value outside of the theme.
enum class Role {
    Window, ///< behind everything
    Panel,  ///< docks, bars
    Canvas, ///< the picture's ground
    Card,   ///< cards, inputs on a panel
    Raised, ///< buttons, chips
    Line,   ///< separators and borders
    Text,
    TextMuted,
    TextFaint,
    Accent,        ///< selection, primary action, links
    AccentText,    ///< text on Accent
    SelectionFill, ///< selected row or card ground
    Good,          ///< with a filled disc
    Warning,       ///< with a flag or a dash
    Bad,           ///< with a cross
    MeshMtls,      ///< a hop inside a mesh, lock
    Mtls,          ///< a hop with originated mTLS, lock
    Plaintext,     ///< dashed, with the word
};

/// Spacing on the 8 px grid (logical pixels).
inline constexpr int half = 4;
inline constexpr int grid = 8;
inline constexpr int corner = 6;

/// Sizes in points.
enum class TextStyle {
    Caption, ///< 10.5, section headings in capitals, hints
    Small,   ///< 11.5, tables, secondary lines
    Body,    ///< 12.5, everything else
    Strong,  ///< 12.5, semibold, names of cards
    Title,   ///< 15, semibold, panel titles
    Mono,    ///< 11.5, JetBrains Mono: names, values, YAML
};

enum class Scheme { System, Light, Dark };

/// What the style sheet knows beyond the plain widgets; see setLook().
enum class Look {
    Plain,
    Primary, ///< QPushButton: the one action of a panel, filled with Accent
    Confirm, ///< QPushButton: filled with Good (Start lab)
    Stop,    ///< QPushButton: outlined in Bad (Stop lab)
    Flat,    ///< QPushButton, QToolButton: no ground until the pointer is on it
    Segment, ///< checkable QToolButtons in a row that belong together (the stages)
    Chip,    ///< QLabel, QToolButton: small rounded ground
    Caption, ///< QLabel: section heading
    Muted,   ///< QLabel: secondary text
    Faint,   ///< QLabel: hints
    Title,   ///< QLabel: a panel's title
    Mono,    ///< QLabel, QLineEdit, QPlainTextEdit: names and values
    Good,    ///< QLabel: text in Good
    Warning, ///< QLabel, QLineEdit: text or border in Warning
    Bad,     ///< QLabel, QLineEdit: text or border in Bad
    Card,    ///< QFrame: bordered ground
    Notice,  ///< QFrame: a card with a Warning border
    Bar,     ///< QFrame: a bar along an edge, on Panel
};
Q_ENUM_NS(Look)

/// Gives a widget its look: style sheet rules and, for labels, the font. Follows the scheme.
void setLook(QWidget *widget, Look look);

/// The look of the program: palette, style sheet and fonts for one scheme. One instance, made by the
/// application before the first window.
class Theme : public QObject
{
    Q_OBJECT

public:
    explicit Theme(QApplication &application);
    ~Theme() override;
    static Theme &instance();

    Scheme scheme() const { return m_scheme; }
    void setScheme(Scheme scheme);
    bool isDark() const { return m_dark; }

    QColor color(Role role) const;
    /// The colour of `role` mixed over `ground`, 0 to 1: tints for grounds and halos.
    QColor tint(Role role, double amount, Role ground = Role::Panel) const;
    QFont font(TextStyle style) const;
    /// A monochrome SVG of resources/icons in the colour of `role`, sharp at any scale; follows the scheme.
    QIcon icon(const QString &name, Role role = Role::Text) const;

Q_SIGNALS:
    /// Repaint: colours are new. Palette and style sheet have been set already.
    void changed();

private:
    void setDesktopIsDark(bool dark);
    void install();

    QApplication &m_application;
    Scheme m_scheme = Scheme::System;
    bool m_desktopIsDark = false; ///< what Scheme::System means here
    bool m_dark = false;
};

} // namespace sallyport::theme
