// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/theme.h"

#include "ui/theme/colors.h"
#include "ui/theme/desktop_scheme.h"
#include "ui/theme/style_sheet.h"
#include "ui/theme/svg_icon.h"

#include <QApplication>
#include <QFontDatabase>
#include <QLabel>
#include <QMetaEnum>
#include <QPalette>
#include <QPixmapCache>
#include <QStyle>
#include <QStyleFactory>
#include <QWidget>
#include <cmath>
#include <optional>

namespace sallyport::theme {

namespace {

Theme *theInstance = nullptr;

/// The first of these families that is installed.
QString familyOf(const QStringList &wanted, QFontDatabase::SystemFont fallback)
{
    const QStringList installed = QFontDatabase::families();
    for (const QString &family : wanted) {
        if (installed.contains(family))
            return family;
    }
    return QFontDatabase::systemFont(fallback).family();
}

const QString &proportional()
{
    static const QString family = familyOf({QStringLiteral("Inter"), QStringLiteral("Inter Variable"),
                                            QStringLiteral("Noto Sans"), QStringLiteral("DejaVu Sans")},
                                           QFontDatabase::GeneralFont);
    return family;
}

const QString &fixedWidth()
{
    static const QString family =
        familyOf({QStringLiteral("JetBrains Mono"), QStringLiteral("Noto Sans Mono"),
                  QStringLiteral("DejaVu Sans Mono")},
                 QFontDatabase::FixedFont);
    return family;
}

/// Sizes are given in pixels of a 96 dpi screen, so that a person's own text scale still counts.
QFont sized(const QString &family, double pixels, QFont::Weight weight = QFont::Normal)
{
    QFont font(family);
    font.setPointSizeF(pixels * 72 / 96);
    font.setWeight(weight);
    return font;
}

QPalette paletteOf(const Theme &theme)
{
    QPalette palette;
    const auto set = [&palette](QPalette::ColorRole role, const QColor &color) {
        palette.setColor(role, color);
    };
    set(QPalette::Window, theme.color(Role::Panel));
    set(QPalette::WindowText, theme.color(Role::Text));
    set(QPalette::Base, theme.color(theme.isDark() ? Role::Canvas : Role::Card));
    set(QPalette::AlternateBase, theme.color(Role::Panel));
    set(QPalette::Text, theme.color(Role::Text));
    set(QPalette::PlaceholderText, theme.color(Role::TextFaint));
    set(QPalette::Button, theme.color(Role::Raised));
    set(QPalette::ButtonText, theme.color(Role::Text));
    set(QPalette::BrightText, theme.color(Role::Bad));
    set(QPalette::ToolTipBase, theme.color(Role::Raised));
    set(QPalette::ToolTipText, theme.color(Role::Text));
    set(QPalette::Highlight, theme.color(Role::Accent));
    set(QPalette::HighlightedText, theme.color(Role::AccentText));
    set(QPalette::Link, theme.color(Role::Accent));
    set(QPalette::LinkVisited, theme.color(Role::Accent));
    set(QPalette::Light, theme.color(Role::Raised));
    set(QPalette::Midlight, theme.color(Role::Raised));
    set(QPalette::Mid, theme.color(Role::Line));
    set(QPalette::Dark, theme.color(Role::Line));
    set(QPalette::Shadow, theme.color(Role::Window));
    const QColor disabled = theme.tint(Role::TextFaint, 0.65);
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, disabled);
    return palette;
}

bool isDarkPalette(const QPalette &palette)
{
    return palette.color(QPalette::WindowText).lightness() > palette.color(QPalette::Window).lightness();
}

std::optional<QFont> fontOf(Look look)
{
    const Theme &theme = Theme::instance();
    switch (look) {
    case Look::Caption:
        return theme.font(TextStyle::Caption);
    case Look::Muted:
    case Look::Faint:
    case Look::Chip:
    case Look::Good:
    case Look::Warning:
    case Look::Bad:
        return theme.font(TextStyle::Small);
    case Look::Title:
        return theme.font(TextStyle::Title);
    case Look::Mono:
        return theme.font(TextStyle::Mono);
    default:
        return std::nullopt;
    }
}

} // namespace

void setLook(QWidget *widget, Look look)
{
    if (qobject_cast<QLabel *>(widget) || look == Look::Mono) {
        if (const std::optional<QFont> font = fontOf(look))
            widget->setFont(*font);
    }
    const QString name = QString::fromLatin1(QMetaEnum::fromType<Look>().valueToKey(static_cast<int>(look)));
    if (widget->property("look").toString() == name)
        return;
    widget->setProperty("look", name);
    // A rule that depends on a property is looked up again only when it is told to.
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
}

Theme::Theme(QApplication &application)
    : m_application(application)
    , m_desktopIsDark(isDarkPalette(QApplication::palette()))
{
    theInstance = this;
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    m_application.setFont(font(TextStyle::Body));
    for (const char *view : {"QHeaderView", "QAbstractItemView", "QStatusBar", "QToolTip"})
        QApplication::setFont(font(TextStyle::Small), view);
    auto *desktop = new DesktopScheme(this);
    connect(desktop, &DesktopScheme::told, this, &Theme::setDesktopIsDark);
    desktop->ask();
    install();
}

Theme::~Theme()
{
    theInstance = nullptr;
}

Theme &Theme::instance()
{
    Q_ASSERT(theInstance);
    return *theInstance;
}

void Theme::setDesktopIsDark(bool dark)
{
    if (dark == m_desktopIsDark)
        return;
    m_desktopIsDark = dark;
    if (m_scheme == Scheme::System)
        install();
}

void Theme::setScheme(Scheme scheme)
{
    if (scheme == m_scheme)
        return;
    m_scheme = scheme;
    install();
}

void Theme::install()
{
    m_dark = m_scheme == Scheme::Dark || (m_scheme == Scheme::System && m_desktopIsDark);
    QPixmapCache::clear();
    QApplication::setPalette(paletteOf(*this));
    m_application.setStyleSheet(styleSheet(*this));
    Q_EMIT changed();
}

QColor Theme::color(Role role) const
{
    return colorOf(role, m_dark);
}

QColor Theme::tint(Role role, double amount, Role ground) const
{
    const QColor over = color(role);
    const QColor under = color(ground);
    const auto mix = [amount](int a, int b) {
        return static_cast<int>(std::lround(a * amount + b * (1 - amount)));
    };
    return QColor(mix(over.red(), under.red()), mix(over.green(), under.green()),
                  mix(over.blue(), under.blue()));
}

QFont Theme::font(TextStyle style) const
{
    switch (style) {
    case TextStyle::Caption:
        return sized(proportional(), 10.5);
    case TextStyle::Small:
        return sized(proportional(), 11.5);
    case TextStyle::Body:
        return sized(proportional(), 12.5);
    case TextStyle::Strong:
        return sized(proportional(), 12.5, QFont::DemiBold);
    case TextStyle::Title:
        return sized(proportional(), 15, QFont::DemiBold);
    case TextStyle::Mono:
        return sized(fixedWidth(), 11.5);
    }
    return sized(proportional(), 12.5);
}

QIcon Theme::icon(const QString &name, Role role) const
{
    return QIcon(new SvgIcon(QStringLiteral(":/icons/%1.svg").arg(name), role));
}

} // namespace sallyport::theme
