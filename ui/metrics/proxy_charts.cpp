// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/metrics/proxy_charts.h"

#include "ui/theme/theme.h"

#include <QDateTime>
#include <QGridLayout>
#include <QLabel>
#include <QResizeEvent>
#include <QToolButton>
#include <algorithm>

namespace sallyport::metrics {

namespace {

using theme::grid;
using theme::Look;

constexpr int chartWidth = 30 * grid;

} // namespace

ProxyCharts::ProxyCharts(const MetricStore &store, ChartTime &time, const QString &proxy, QWidget *parent)
    : QWidget(parent)
    , m_store(store)
    , m_proxy(proxy)
    , m_title(new QToolButton(this))
    , m_silence(new QLabel(this))
    , m_grid(new QGridLayout)
{
    setObjectName(QLatin1String("metrics ") + proxy);
    m_title->setToolTip(tr("Select %1 in the window").arg(proxy));
    m_title->setAccessibleName(proxy);
    m_title->setCheckable(true);
    m_title->setText(proxy.section(QLatin1Char('/'), -1));
    m_title->setFont(theme::Theme::instance().font(theme::TextStyle::Strong));
    connect(m_title, &QToolButton::clicked, this, [this] { Q_EMIT chosen(m_proxy); });
    auto *place = new QLabel(proxy.section(QLatin1Char('/'), 0, 0), this);
    theme::setLook(place, Look::Faint);
    theme::setLook(m_silence, Look::Bad);
    m_silence->hide();
    for (const MetricGroup &group : metricGroups())
        m_charts.append(new MetricChart(store, time, proxy, group, this));
    auto *head = new QHBoxLayout;
    head->setContentsMargins(0, 0, 0, 0);
    head->setSpacing(grid);
    head->addWidget(m_title);
    head->addWidget(place);
    head->addWidget(m_silence);
    head->addStretch();
    m_grid->setContentsMargins(theme::half, 0, grid, 0);
    m_grid->setHorizontalSpacing(3 * grid);
    m_grid->setVerticalSpacing(2 * grid);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid + theme::half, grid, 0, 2 * grid);
    layout->setSpacing(grid);
    layout->addLayout(head);
    layout->addLayout(m_grid);
}

void ProxyCharts::setSelected(bool selected)
{
    m_title->setChecked(selected);
}

void ProxyCharts::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    const int room = event->size().width() - 4 * grid;
    const int columns = std::clamp(room / (chartWidth + 3 * grid), 1, static_cast<int>(m_charts.size()));
    if (columns == m_columns)
        return;
    for (int i = 0; i < m_columns; ++i)
        m_grid->setColumnStretch(i, 0);
    m_columns = columns;
    for (int i = 0; i < m_charts.size(); ++i)
        m_grid->addWidget(m_charts[i], i / columns, i % columns);
    for (int i = 0; i < columns; ++i)
        m_grid->setColumnStretch(i, 1);
}

void ProxyCharts::showFreshness()
{
    const std::deque<Frame> &frames = m_store.frames(m_proxy);
    const bool silent = !frames.empty() && m_store.latestUs() - frames.back().timeUs > MetricStore::gapUs;
    if (silent)
        m_silence->setText(tr("silent since %1")
                               .arg(QDateTime::fromMSecsSinceEpoch(frames.back().timeUs / 1'000)
                                        .toString(QStringLiteral("HH:mm:ss"))));
    m_silence->setVisible(silent);
}

QString ProxyCharts::text() const
{
    QStringList parts{m_proxy};
    for (const MetricChart *chart : m_charts)
        parts.append(chart->text());
    return parts.join(QLatin1String("\n\n"));
}

} // namespace sallyport::metrics
