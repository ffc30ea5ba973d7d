// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/guide_strip.h"

#include "core/lab/project_template.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QRegularExpression>
#include <QToolButton>

namespace sallyport::shell {

namespace {

using theme::grid;
using theme::Look;

constexpr int stageWithCredential = 4;

} // namespace

GuideText guideText(int stage)
{
    const QString markdown = QString::fromStdString(lab::stageGuide(stage));
    GuideText guide;
    const qsizetype end = markdown.indexOf(QLatin1Char('\n'));
    guide.title = markdown.left(end);
    guide.title.remove(QRegularExpression(QStringLiteral("^#+\\s*")));
    guide.text = end < 0 ? QString() : markdown.mid(end).trimmed();
    return guide;
}

GuideStrip::GuideStrip(session::Context &context, QWidget *parent)
    : QFrame(parent)
    , m_context(context)
{
    setObjectName(QStringLiteral("guideStrip"));
    theme::setLook(this, Look::Bar);
    m_title = new QLabel(this);
    m_title->setFont(theme::Theme::instance().font(theme::TextStyle::Strong));
    m_text = new QLabel(this);
    m_text->setObjectName(QStringLiteral("guideText"));
    theme::setLook(m_text, Look::Muted);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::MarkdownText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_import = new QPushButton(tr("Import test.client"), this);
    m_import->setObjectName(QStringLiteral("guideImport"));
    m_import->setToolTip(tr("Import the partner's key, certificate and CA as the credential test.client"));
    theme::setLook(m_import, Look::Primary);
    auto *verify = new QPushButton(tr("Run the checks"), this);
    verify->setObjectName(QStringLiteral("guideVerify"));
    verify->setToolTip(tr("Play this stage's own checks through the running lab"));
    auto *close = new QToolButton(this);
    close->setIcon(theme::Theme::instance().icon(QStringLiteral("cross"), theme::Role::TextFaint));
    close->setToolTip(tr("Hide the guide (F1 brings it back)"));
    close->setAccessibleName(tr("Hide the guide"));
    auto *words = new QVBoxLayout;
    words->setSpacing(2);
    words->addWidget(m_title);
    words->addWidget(m_text);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(2 * grid, grid, grid, grid);
    layout->setSpacing(grid);
    layout->addLayout(words, 1);
    layout->addWidget(m_import, 0, Qt::AlignVCenter);
    layout->addWidget(verify, 0, Qt::AlignVCenter);
    layout->addWidget(close, 0, Qt::AlignTop);
    connect(close, &QToolButton::clicked, this, &GuideStrip::closed);
    connect(verify, &QPushButton::clicked, this, &GuideStrip::verifyRequested);
    connect(m_import, &QPushButton::clicked, this, &GuideStrip::importRequested);
    connect(&context.project, &session::ProjectSession::stageChanged, this, &GuideStrip::showStage);
    connect(&context.project, &session::ProjectSession::projectChanged, this, &GuideStrip::showStep);
    showStage();
}

void GuideStrip::showStage()
{
    const GuideText guide = guideText(m_context.project.stage());
    m_title->setText(guide.title);
    m_text->setText(guide.text);
    showStep();
}

/// From stage 4 on the egress gateway needs the client's credential.
void GuideStrip::showStep()
{
    const session::ProjectPtr project = m_context.project.project();
    const model::Mesh *primary = project ? project->findMesh("primary") : nullptr;
    m_import->setVisible(m_context.project.stage() >= stageWithCredential && primary &&
                         !primary->findSecret("istio-system", "test.client"));
}

} // namespace sallyport::shell
