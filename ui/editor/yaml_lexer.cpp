// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/yaml_lexer.h"

#include "ui/theme/theme.h"

namespace sallyport::editor {

YamlLexer::YamlLexer(QObject *parent)
    : QsciLexerYAML(parent)
{
    follow();
}

void YamlLexer::follow()
{
    using theme::Role;
    const theme::Theme &theme = theme::Theme::instance();
    const struct
    {
        int style;
        Role role;
    } styles[] = {
        {Default, Role::Text},
        {Comment, Role::TextFaint},
        {Identifier, Role::Accent},
        {Keyword, Role::Mtls},
        {Number, Role::Mtls},
        {Reference, Role::Mtls},
        {DocumentDelimiter, Role::TextFaint},
        {TextBlockMarker, Role::TextMuted},
        {SyntaxErrorMarker, Role::Bad},
        {Operator, Role::TextMuted},
    };
    const QFont font = theme.font(theme::TextStyle::Mono);
    const QColor paper = theme.color(theme.isDark() ? Role::Canvas : Role::Card);
    setDefaultColor(theme.color(Role::Text));
    setDefaultPaper(paper);
    setDefaultFont(font);
    for (const auto &each : styles) {
        setColor(theme.color(each.role), each.style);
        setPaper(paper, each.style);
        setFont(font, each.style);
        setEolFill(false, each.style);
    }
}

} // namespace sallyport::editor
