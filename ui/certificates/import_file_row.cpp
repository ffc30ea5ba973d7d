// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/import_file_row.h"

#include "ui/certificates/passphrase_edit.h"
#include "ui/certificates/state_look.h"

#include <QFileInfo>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>

namespace sallyport::certificates {

namespace {

using theme::grid;
using theme::Look;

constexpr int iconSize = 14;

} // namespace

ImportFileRow::ImportFileRow(const QString &path, QWidget *parent)
    : QFrame(parent)
    , m_path(path)
{
    theme::setLook(this, Look::Card);
    const theme::Theme &theme = theme::Theme::instance();
    const QString fileName = QFileInfo(path).fileName();
    m_icon = new QLabel(this);
    m_icon->setFixedWidth(iconSize);
    auto *name = new QLabel(fileName, this);
    theme::setLook(name, Look::Mono);
    name->setToolTip(path);
    m_content = new QLabel(this);
    m_content->setObjectName(QStringLiteral("importFileContent"));
    m_content->setWordWrap(true);
    m_content->setTextFormat(Qt::PlainText);
    m_content->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto *remove = new QToolButton(this);
    remove->setObjectName(QStringLiteral("importFileRemove"));
    remove->setIcon(theme.icon(QStringLiteral("cross"), theme::Role::TextFaint));
    remove->setToolTip(tr("Leave this file out"));
    remove->setAccessibleName(tr("Leave %1 out").arg(fileName));
    m_passphrase = new PassphraseEdit(this);
    m_passphrase->setObjectName(QStringLiteral("importPassphrase"));
    m_passphrase->setPlaceholderText(tr("Passphrase"));
    m_passphrase->setAccessibleName(tr("Passphrase of %1").arg(fileName));
    m_passphrase->hide();
    auto *layout = new QGridLayout(this);
    layout->setContentsMargins(grid + theme::half, theme::half, theme::half, theme::half + 2);
    layout->setHorizontalSpacing(grid);
    layout->setVerticalSpacing(2);
    layout->addWidget(m_icon, 0, 0);
    layout->addWidget(name, 0, 1);
    layout->addWidget(remove, 0, 2);
    layout->addWidget(m_content, 1, 1, 1, 2);
    layout->addWidget(m_passphrase, 2, 1, 1, 2);
    layout->setColumnStretch(1, 1);

    connect(remove, &QToolButton::clicked, this, &ImportFileRow::removeRequested);
    connect(m_passphrase, &QLineEdit::textChanged, this, &ImportFileRow::passphraseChanged);
    connect(&theme::Theme::instance(), &theme::Theme::changed, this, &ImportFileRow::showIcon);
}

void ImportFileRow::show(const ImportFile &file)
{
    m_state = file.state;
    const bool good = file.state == ImportFile::State::Good;
    QString said = good ? file.content : file.problem;
    if (!good && !file.hint.isEmpty())
        said += QStringLiteral(": ") + file.hint;
    m_content->setText(said);
    theme::setLook(m_content, good                                               ? Look::Muted
                              : file.state == ImportFile::State::NeedsPassphrase ? Look::Warning
                                                                                 : Look::Bad);
    // Once there, the field stays: another file's trouble must not take it away while it has the focus.
    if (file.encrypted)
        m_passphrase->setVisible(true);
    theme::setLook(m_passphrase, file.state == ImportFile::State::WrongPassphrase   ? Look::Bad
                                 : file.state == ImportFile::State::NeedsPassphrase ? Look::Warning
                                                                                    : Look::Plain);
    showIcon();
}

bool ImportFileRow::wantsPassphrase() const
{
    return m_state == ImportFile::State::NeedsPassphrase || m_state == ImportFile::State::WrongPassphrase;
}

void ImportFileRow::focusPassphrase()
{
    m_passphrase->setFocus();
}

void ImportFileRow::showIcon()
{
    const StateLook look = lookOf(m_state);
    m_icon->setPixmap(theme::Theme::instance()
                          .icon(look.icon, look.role)
                          .pixmap(QSize(iconSize, iconSize), devicePixelRatioF()));
}

} // namespace sallyport::certificates
