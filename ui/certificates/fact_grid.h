// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/certificates/certificate_facts.h"

#include <QWidget>

class QGridLayout;

namespace sallyport::certificates {

/// Facts as labels and values that can be selected and copied.
class FactGrid : public QWidget
{
    Q_OBJECT

public:
    explicit FactGrid(QWidget *parent = nullptr);

    void setFacts(const QList<Fact> &facts);

private:
    QGridLayout *m_layout = nullptr;
    QList<Fact> m_facts;
};

} // namespace sallyport::certificates
