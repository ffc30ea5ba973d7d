// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/certificate_detail.h"

#include "ui/certificates/certificate_model.h"
#include "ui/certificates/chain_tree.h"
#include "ui/certificates/fact_grid.h"
#include "ui/certificates/state_look.h"
#include "ui/theme/elided_button.h"
#include "ui/theme/status_chip.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace sallyport::certificates {

namespace {

using theme::grid;
using theme::Look;

constexpr int mostUses = 4; ///< shown as buttons; the rest as a number

} // namespace

CertificateDetail::CertificateDetail(QWidget *parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("certificateDetail"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * grid, grid + theme::half, 2 * grid, grid);
    layout->setSpacing(grid);
    layout->addWidget(makeHead());

    m_stack = new QStackedWidget(this);
    m_stack->addWidget(makeBody());
    auto *trouble = new QWidget(m_stack);
    auto *troubleLayout = new QVBoxLayout(trouble);
    troubleLayout->setContentsMargins(0, grid, 0, 0);
    troubleLayout->setSpacing(2 * grid);
    m_problem = new QLabel(trouble);
    m_problem->setObjectName(QStringLiteral("certificateProblem"));
    m_problem->setWordWrap(true);
    m_problem->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_import = new QPushButton(tr("Import it…"), trouble);
    m_import->setObjectName(QStringLiteral("certificateImportMissing"));
    theme::setLook(m_import, Look::Primary);
    troubleLayout->addWidget(m_problem);
    troubleLayout->addWidget(m_import, 0, Qt::AlignLeft);
    troubleLayout->addStretch();
    m_stack->addWidget(trouble);
    layout->addWidget(m_stack, 1);

    connect(m_import, &QPushButton::clicked, this, &CertificateDetail::importRequested);
    connect(m_chain, &ChainTree::currentLinkChanged, this, &CertificateDetail::showLink);
    connect(m_copyFacts, &QPushButton::clicked, this, [this] {
        if (const ChainLink *link = m_chain->current())
            QGuiApplication::clipboard()->setText(factsText(link->certificate, m_now));
        Q_EMIT message(tr("The facts are on the clipboard"));
    });
    connect(m_copyPem, &QPushButton::clicked, this, &CertificateDetail::copyPem);
    connect(&theme::Theme::instance(), &theme::Theme::changed, this, [this] { setEntry(m_entry, m_now); });
}

QWidget *CertificateDetail::makeHead()
{
    auto *head = new QWidget(this);
    m_title = new QLabel(head);
    m_title->setObjectName(QStringLiteral("certificateTitle"));
    theme::setLook(m_title, Look::Title);
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_state = new theme::StatusChip(head);
    m_state->setObjectName(QStringLiteral("certificateState"));
    m_where = new QLabel(head);
    m_where->setObjectName(QStringLiteral("certificateWhere"));
    theme::setLook(m_where, Look::Muted);
    auto *line = new QHBoxLayout;
    line->setSpacing(grid + theme::half);
    line->addWidget(m_title);
    line->addWidget(m_state);
    line->addWidget(m_where, 1);
    m_uses = new QWidget(head);
    auto *usesLayout = new QHBoxLayout(m_uses);
    usesLayout->setContentsMargins(0, 0, 0, 0);
    usesLayout->setSpacing(theme::half);
    auto *usedBy = new QLabel(tr("Used by"), m_uses);
    theme::setLook(usedBy, Look::Muted);
    m_useButtons = new QHBoxLayout;
    m_useButtons->setSpacing(theme::half);
    usesLayout->addWidget(usedBy);
    usesLayout->addLayout(m_useButtons);
    usesLayout->addStretch();
    auto *layout = new QVBoxLayout(head);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::half);
    layout->addLayout(line);
    layout->addWidget(m_uses);
    return head;
}

QWidget *CertificateDetail::makeBody()
{
    auto *splitter = new QSplitter(Qt::Horizontal, this);
    splitter->setChildrenCollapsible(false);
    m_chain = new ChainTree(splitter);
    auto *right = new QWidget(splitter);
    auto *layout = new QVBoxLayout(right);
    layout->setContentsMargins(2 * grid, 0, 0, 0);
    layout->setSpacing(grid);
    auto *area = new QScrollArea(right);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setAccessibleName(tr("What the certificate says"));
    m_facts = new FactGrid(area);
    area->setWidget(m_facts);
    m_copyFacts = new QPushButton(tr("Copy the facts"), right);
    m_copyFacts->setObjectName(QStringLiteral("certificateCopyFacts"));
    m_copyPem = new QPushButton(tr("Copy the certificate"), right);
    m_copyPem->setObjectName(QStringLiteral("certificateCopyPem"));
    m_copyPem->setToolTip(tr("Copy this certificate as PEM; the private key stays where it is"));
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(grid);
    for (QPushButton *button : {m_copyFacts, m_copyPem}) {
        button->setIcon(theme::Theme::instance().icon(QStringLiteral("copy"), theme::Role::TextMuted));
        theme::setLook(button, Look::Flat);
        buttons->addWidget(button);
    }
    buttons->addStretch();
    layout->addWidget(area, 1);
    layout->addLayout(buttons);
    splitter->addWidget(m_chain);
    splitter->addWidget(right);
    splitter->setStretchFactor(0, 4);
    splitter->setStretchFactor(1, 6);
    return splitter;
}

void CertificateDetail::setEntry(const CertificateEntry &entry, TimePoint now)
{
    const bool sameChain = entry.chain == m_entry.chain && entry.trusted == m_entry.trusted;
    const bool sameThing = entry.isSameAs(m_entry) && sameChain;
    m_entry = entry;
    m_now = now;
    m_title->setText(entry.name);
    QStringList where{kindText(entry.kind)};
    if (entry.kind == CertificateEntry::Kind::Secret)
        where = QStringList{tr("Secret in %1").arg(entry.file)};
    where.append(entry.mesh);
    if (!entry.nameSpace.isEmpty())
        where.append(entry.nameSpace);
    if (!entry.ofLab() && entry.kind != CertificateEntry::Kind::Missing)
        where.append(entry.key.isEmpty() ? tr("no private key") : tr("private key %1").arg(entry.key));
    m_where->setText(where.join(QStringLiteral(" · ")));
    const StateLook look = lookOf(entry, now);
    m_state->set(look.role, look.icon, stateText(entry, now));
    showUses();
    const bool missing = entry.kind == CertificateEntry::Kind::Missing;
    m_import->setVisible(missing);
    QString problem = entry.problem;
    if (missing && !problem.isEmpty())
        problem =
            problem[0].toUpper() + problem.mid(1) +
            tr(".\n\nUntil it is imported, requests that need it fail with 503. It takes the private key, "
               "its certificate and the CA that the other side's certificate comes from: drop the files "
               "here, or choose them.");
    m_problem->setText(problem);
    if (!entry.problem.isEmpty()) {
        m_stack->setCurrentIndex(1);
        return;
    }
    m_stack->setCurrentIndex(0);
    const int soon = entry.ofLab() ? 0 : expirySoonDays;
    const QModelIndex before = m_chain->currentIndex();
    if (!sameThing || !before.isValid())
        m_chain->setChain(chainLinks(entry.chain, entry.trusted), now, soon);
    else
        showLink();
}

void CertificateDetail::showUses()
{
    while (QLayoutItem *item = m_useButtons->takeAt(0)) {
        if (QWidget *widget = item->widget())
            widget->deleteLater();
        delete item;
    }
    const theme::Theme &theme = theme::Theme::instance();
    // A workload is its own user.
    const bool itself = m_entry.kind == CertificateEntry::Kind::Workload;
    m_uses->setVisible(!itself);
    if (m_entry.uses.isEmpty()) {
        auto *nobody =
            new QLabel(tr("nothing yet: a DestinationRule or Gateway names it by credentialName"), m_uses);
        theme::setLook(nobody, Look::Faint);
        m_useButtons->addWidget(nobody);
        return;
    }
    for (qsizetype i = 0; i < std::min<qsizetype>(m_entry.uses.size(), mostUses); ++i) {
        const EntryUse &use = m_entry.uses[i];
        const bool workload = std::holds_alternative<session::NodeSelection>(use.target);
        auto *button = new theme::ElidedButton(use.text, Qt::ElideMiddle, m_uses);
        button->setIcon(theme.icon(workload ? QStringLiteral("gateway") : QStringLiteral("file"),
                                   theme::Role::TextMuted));
        button->setToolTip(tr("Select %1").arg(use.text));
        button->setAccessibleName(tr("Used by %1").arg(use.text));
        theme::setLook(button, Look::Flat);
        connect(button, &QPushButton::clicked, this,
                [this, target = use.target] { Q_EMIT useActivated(target); });
        m_useButtons->addWidget(button);
    }
    if (m_entry.uses.size() > mostUses) {
        auto *more = new QLabel(tr("and %1 more").arg(m_entry.uses.size() - mostUses), m_uses);
        theme::setLook(more, Look::Muted);
        m_useButtons->addWidget(more);
    }
}

void CertificateDetail::showLink()
{
    const ChainLink *link = m_chain->current();
    m_facts->setFacts(link ? factsOf(link->certificate, m_now) : QList<Fact>());
    m_copyFacts->setEnabled(link != nullptr);
    m_copyPem->setEnabled(link != nullptr);
}

void CertificateDetail::copyPem()
{
    if (const ChainLink *link = m_chain->current())
        QGuiApplication::clipboard()->setText(QString::fromStdString(link->certificate.toPem()));
    Q_EMIT message(tr("The certificate is on the clipboard, without its key"));
}

} // namespace sallyport::certificates
