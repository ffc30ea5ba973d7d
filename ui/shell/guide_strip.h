// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/context.h"

#include <QFrame>

class QLabel;
class QPushButton;

namespace sallyport::shell {

/// A stage's title, the text below it, and its first sentence.
struct GuideText
{
    QString title;
    QString text; ///< Markdown
};
GuideText guideText(int stage);

/// Above the canvas: what the project's stage is about, and its next step as a button.
class GuideStrip : public QFrame
{
    Q_OBJECT

public:
    explicit GuideStrip(session::Context &context, QWidget *parent = nullptr);

Q_SIGNALS:
    void closed();
    void verifyRequested();
    void importRequested();

private:
    void showStage();
    void showStep();

    session::Context &m_context;
    QLabel *m_title = nullptr;
    QLabel *m_text = nullptr;
    QPushButton *m_import = nullptr;
};

} // namespace sallyport::shell
