// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/editor/scintilla.h"

namespace sallyport::editor {

/// YAML in the theme's fonts and colours.
class YamlLexer : public QsciLexerYAML
{
    Q_OBJECT

public:
    explicit YamlLexer(QObject *parent = nullptr);

    /// Takes the colours of the scheme that is on.
    void follow();
};

} // namespace sallyport::editor
