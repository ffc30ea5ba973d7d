// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/hop_bars.h"

#include <QWidget>

namespace sallyport::traffic {

/// The time that each proxy spent on a request, one bar a hop under each other on one axis.
class TimingBars : public QWidget
{
    Q_OBJECT

public:
    explicit TimingBars(QWidget *parent = nullptr);

    void setBars(std::vector<HopBar> bars);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    QString describe(const HopBar &bar) const;
    int rowHeight() const;

    std::vector<HopBar> m_bars;
    double m_span = 1;
};

} // namespace sallyport::traffic
