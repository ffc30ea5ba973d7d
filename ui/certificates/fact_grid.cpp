// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/fact_grid.h"

#include "ui/theme/theme.h"

#include <QGridLayout>
#include <QLabel>

namespace sallyport::certificates {

namespace {

/// Where a long value without spaces may be broken: after colons and slashes.
QString breakable(const QString &value)
{
    static const QChar zeroWidthSpace(0x200b);
    QString text = value;
    for (const char mark : {':', '/', ','})
        text.replace(QLatin1Char(mark), QString(QLatin1Char(mark)) + zeroWidthSpace);
    return text;
}

} // namespace

FactGrid::FactGrid(QWidget *parent)
    : QWidget(parent)
    , m_layout(new QGridLayout(this))
{
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setHorizontalSpacing(2 * theme::grid);
    m_layout->setVerticalSpacing(6);
    m_layout->setColumnStretch(1, 1);
}

void FactGrid::setFacts(const QList<Fact> &facts)
{
    if (facts == m_facts)
        return;
    m_facts = facts;
    while (QLayoutItem *item = m_layout->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    int row = 0;
    for (const Fact &fact : facts) {
        auto *label = new QLabel(fact.label, this);
        theme::setLook(label, theme::Look::Muted);
        auto *value = new QLabel(breakable(fact.value), this);
        theme::setLook(value, theme::Look::Mono);
        value->setWordWrap(true);
        value->setTextFormat(Qt::PlainText);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        value->setAccessibleName(fact.label + QStringLiteral(": ") + fact.value);
        m_layout->addWidget(label, row, 0, Qt::AlignTop);
        m_layout->addWidget(value, row++, 1, Qt::AlignTop);
    }
    m_layout->setRowStretch(row, 1);
}

} // namespace sallyport::certificates
