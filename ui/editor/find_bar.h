// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QLabel;
class QLineEdit;

namespace sallyport::editor {

class YamlEdit;

/// Searches the text above it.
class FindBar : public QFrame
{
    Q_OBJECT

public:
    FindBar(YamlEdit &edit, QWidget *parent = nullptr);

    void open();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void find(bool forward);
    void close();

    YamlEdit &m_edit;
    QLineEdit *m_text;
    QLabel *m_none;
};

} // namespace sallyport::editor
