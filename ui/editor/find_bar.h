// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QHBoxLayout;
class QLabel;
class QLineEdit;
class QToolButton;

namespace sallyport::editor {

class YamlEdit;

/// Searches the text above it, and puts another text in place of what it finds.
class FindBar : public QFrame
{
    Q_OBJECT

public:
    enum class For { Finding, Replacing };

    FindBar(YamlEdit &edit, QWidget *parent = nullptr);

    /// With what is selected in the text, if that is in one line.
    void open(For purpose);

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    QHBoxLayout *makeFindRow();
    QWidget *makeReplaceRow();
    QToolButton *button(const QString &icon, const QString &tip);
    void find(bool forward);
    void replace();
    void replaceAll();
    void say(const QString &text, bool warning);
    void close();

    YamlEdit &m_edit;
    QLineEdit *m_text;
    QLineEdit *m_replacement;
    QLabel *m_says;
    QWidget *m_replaceRow;
};

} // namespace sallyport::editor
