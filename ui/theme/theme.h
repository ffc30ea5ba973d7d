// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QIcon>
#include <QObject>
#include <QString>

class QApplication;

namespace sallyport::theme {

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

enum class TextStyle {
    Caption, ///< 10.5, section headings in capitals, hints
    Small,   ///< 11.5, tables, secondary lines
    Body,    ///< 12.5, everything else
    Title,   ///< 15, semibold, panel titles
    Mono,    ///< 11.5, JetBrains Mono: names, values, YAML
};

enum class Scheme { System, Light, Dark };

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
    QFont font(TextStyle style) const;
    /// A monochrome SVG of resources/icons in the colour of `role`, sharp at any scale; follows the scheme.
    QIcon icon(const QString &name, Role role = Role::Text) const;

Q_SIGNALS:
    /// Repaint: colours are new. Palette and style sheet have been set already.
    void changed();

private:
    void install();

    QApplication &m_application;
    Scheme m_scheme = Scheme::System;
    bool m_dark = false;
};

} // namespace sallyport::theme
