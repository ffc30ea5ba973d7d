// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/metrics/metric_chart.h"

#include "ui/metrics/chart_scale.h"
#include "ui/theme/theme.h"

#include <QDateTime>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

namespace sallyport::metrics {

namespace {

using theme::grid;
using theme::Role;
using theme::TextStyle;
using theme::Theme;

constexpr int headHeight = 40;
constexpr int footHeight = 16;
constexpr int scaleWidth = 44;
constexpr int sampleWidth = 18;

struct Stroke
{
    Role role;
    Qt::PenStyle style;
};

/// Errors have their status colours; whatever the colour, the pattern tells lines apart.
Stroke strokeOf(Metric metric, std::size_t index)
{
    switch (metric) {
    case Metric::ServerErrors:
    case Metric::TlsErrors:
        return {Role::Bad, metric == Metric::ServerErrors ? Qt::SolidLine : Qt::DashLine};
    case Metric::ClientErrors:
    case Metric::Retries:
        return {Role::Warning, metric == Metric::Retries ? Qt::SolidLine : Qt::DashLine};
    default:
        break;
    }
    static constexpr Stroke strokes[] = {
        {Role::Accent, Qt::SolidLine}, {Role::Good, Qt::DashLine}, {Role::Warning, Qt::DotLine}};
    return strokes[index];
}

QPen penOf(const Stroke &stroke, qreal width)
{
    QPen pen(Theme::instance().color(stroke.role), width, stroke.style, Qt::FlatCap, Qt::RoundJoin);
    if (stroke.style == Qt::DashLine)
        pen.setDashPattern({5, 2.5});
    else if (stroke.style == Qt::DotLine)
        pen.setDashPattern({1.5, 2});
    return pen;
}

/// What an axis reaches at least, so that one request does not fill it.
double leastTop(const MetricGroup &group)
{
    const std::string_view unit = group.unit;
    return group.bytes ? 1'000 : unit == "%" || unit == "ms" ? 10 : 5;
}

} // namespace

void ChartTime::setSpan(qint64 us)
{
    m_spanUs = us;
    Q_EMIT changed();
}

void ChartTime::setEnd(qint64 us)
{
    if (us == m_endUs)
        return;
    m_endUs = us;
    Q_EMIT changed();
}

void ChartTime::setPointed(qint64 us)
{
    if (us == m_pointedUs)
        return;
    m_pointedUs = us;
    Q_EMIT changed();
}

MetricChart::MetricChart(const MetricStore &store, ChartTime &time, const QString &proxy,
                         const MetricGroup &group, QWidget *parent)
    : QWidget(parent)
    , m_store(store)
    , m_time(time)
    , m_proxy(proxy)
    , m_group(group)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("%1 of %2").arg(groupTitle(group), proxy));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    const auto refresh = [this] {
        describe();
        update();
    };
    connect(&time, &ChartTime::changed, this, refresh);
    connect(&Theme::instance(), &Theme::changed, this, refresh);
}

QSize MetricChart::sizeHint() const
{
    return {30 * grid, headHeight + footHeight + 9 * grid};
}

QSize MetricChart::minimumSizeHint() const
{
    return {24 * grid, headHeight + footHeight + 9 * grid};
}

QRectF MetricChart::plotArea() const
{
    return {0.0, static_cast<qreal>(headHeight), static_cast<qreal>(width() - scaleWidth),
            static_cast<qreal>(height() - headHeight - footHeight)};
}

const Frame *MetricChart::shown() const
{
    const qint64 time = m_time.pointedUs() != 0 ? m_time.pointedUs() : m_time.endUs();
    return nearest(m_store.frames(m_proxy), time);
}

void MetricChart::describe()
{
    const Frame *frame = shown();
    QStringList parts;
    for (std::size_t i = 0; i < m_group.count; ++i)
        parts.append(
            metricName(m_group, i) + QLatin1Char(' ') +
            valueText(m_group, frame ? static_cast<double>((*frame)[m_group.metrics[i]]) : std::nan("")));
    setAccessibleDescription(parts.join(QLatin1String(", ")));
}

void MetricChart::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintHead(painter);
    paintPlot(painter);
    if (hasFocus()) {
        painter.setPen(QPen(Theme::instance().color(Role::Accent), 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme::corner, theme::corner);
    }
}

void MetricChart::paintHead(QPainter &painter) const
{
    const Theme &theme = Theme::instance();
    painter.setFont(theme.font(TextStyle::Small));
    painter.setPen(theme.color(Role::Text));
    const QRect title(0, 0, width(), headHeight / 2);
    painter.drawText(title, Qt::AlignVCenter, groupTitle(m_group));
    const int titleWidth = painter.fontMetrics().horizontalAdvance(groupTitle(m_group)) + 6;
    painter.setPen(theme.color(Role::TextFaint));
    painter.drawText(title.adjusted(titleWidth, 0, 0, 0), Qt::AlignVCenter, groupUnit(m_group));
    if (m_time.pointedUs() != 0) {
        painter.setPen(theme.color(Role::TextFaint));
        painter.drawText(
            QRect(0, 0, width() - scaleWidth, headHeight / 2), Qt::AlignVCenter | Qt::AlignRight,
            QDateTime::fromMSecsSinceEpoch(m_time.pointedUs() / 1'000).toString(QStringLiteral("HH:mm:ss")));
    }
    const Frame *frame = shown();
    int x = 0;
    for (std::size_t i = 0; i < m_group.count; ++i) {
        const Metric metric = m_group.metrics[i];
        const Stroke stroke = strokeOf(metric, i);
        const int y = headHeight * 3 / 4;
        painter.setPen(penOf(stroke, 2));
        painter.drawLine(QPointF(x, y), QPointF(x + sampleWidth, y));
        x += sampleWidth + theme::half;
        const double value = frame ? static_cast<double>((*frame)[metric]) : std::nan("");
        const QString name = m_group.count == 1 ? QString() : metricName(m_group, i) + QLatin1Char(' ');
        const QString text = valueText(m_group, value);
        painter.setPen(theme.color(Role::TextMuted));
        const QRect place(x, headHeight / 2, width() - x, headHeight / 2);
        painter.drawText(place, Qt::AlignVCenter, name);
        const int nameWidth = painter.fontMetrics().horizontalAdvance(name);
        painter.setPen(theme.color(Role::Text));
        painter.drawText(place.adjusted(nameWidth, 0, 0, 0), Qt::AlignVCenter, text);
        x += nameWidth + painter.fontMetrics().horizontalAdvance(text) + grid;
    }
}

void MetricChart::paintPlot(QPainter &painter) const
{
    const Theme &theme = Theme::instance();
    const QRectF area = plotArea();
    const std::deque<Frame> &frames = m_store.frames(m_proxy);
    const qint64 to = m_time.endUs();
    const qint64 from = to - m_time.spanUs();
    const std::span<const Metric> metrics(m_group.metrics.data(), m_group.count);
    const double top = roundAbove(highest(frames, metrics, from, to), leastTop(m_group));

    // Three lines of the scale: nothing, half, all.
    painter.setFont(theme.font(TextStyle::Caption));
    for (int i = 0; i <= 2; ++i) {
        const qreal y = std::round(area.bottom() - area.height() * i / 2) + 0.5;
        painter.setPen(QPen(theme.tint(Role::Line, i == 0 ? 1 : 0.6), 1));
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
        painter.setPen(theme.color(Role::TextFaint));
        painter.drawText(QRectF(area.right() + theme::half, y - grid, scaleWidth - theme::half, 2 * grid),
                         Qt::AlignVCenter | Qt::AlignLeft, valueText(m_group, top * i / 2));
    }
    const int minutes = static_cast<int>(m_time.spanUs() / 60'000'000);
    const QRectF foot(area.left(), area.bottom() + 2, area.width(), footHeight - 2);
    painter.setPen(theme.color(Role::TextFaint));
    painter.drawText(foot, Qt::AlignLeft, tr("−%1 min").arg(minutes));
    painter.drawText(foot, Qt::AlignRight, tr("now"));

    painter.save();
    painter.setClipRect(area.adjusted(0, -2, 0, 2));
    for (std::size_t i = m_group.count; i-- > 0;) {
        painter.setPen(penOf(strokeOf(m_group.metrics[i], i), 1.5));
        for (const QList<QPointF> &line : linesOf(frames, m_group.metrics[i], from, to, top, area)) {
            // A single moment between gaps is a point.
            if (line.size() == 1)
                painter.drawLine(line.first() - QPointF(1, 0), line.first() + QPointF(1, 0));
            else
                painter.drawPolyline(line.constData(), static_cast<int>(line.size()));
        }
    }
    if (m_time.pointedUs() >= from && m_time.pointedUs() <= to) {
        const qreal x = area.left() + area.width() * static_cast<double>(m_time.pointedUs() - from) /
                                          static_cast<double>(m_time.spanUs());
        painter.setPen(QPen(theme.color(Role::TextMuted), 1));
        painter.drawLine(QPointF(std::round(x) + 0.5, area.top()),
                         QPointF(std::round(x) + 0.5, area.bottom()));
    }
    painter.restore();
}

void MetricChart::mouseMoveEvent(QMouseEvent *event)
{
    const QRectF area = plotArea();
    if (area.width() <= 0)
        return;
    const double share = std::clamp((event->position().x() - area.left()) / area.width(), 0.0, 1.0);
    m_time.setPointed(m_time.endUs() - m_time.spanUs() +
                      static_cast<qint64>(share * static_cast<double>(m_time.spanUs())));
}

void MetricChart::leaveEvent(QEvent *)
{
    m_time.setPointed(0);
}

void MetricChart::keyPressEvent(QKeyEvent *event)
{
    const qint64 step = m_time.spanUs() / 60;
    const qint64 begin = m_time.endUs() - m_time.spanUs();
    const qint64 now = m_time.pointedUs() == 0 ? m_time.endUs() : m_time.pointedUs();
    switch (event->key()) {
    case Qt::Key_Left:
        m_time.setPointed(std::max(begin, now - step));
        break;
    case Qt::Key_Right:
        m_time.setPointed(now + step >= m_time.endUs() ? 0 : now + step);
        break;
    case Qt::Key_Escape:
        m_time.setPointed(0);
        break;
    default:
        QWidget::keyPressEvent(event);
    }
}

void MetricChart::focusOutEvent(QFocusEvent *event)
{
    m_time.setPointed(0);
    QWidget::focusOutEvent(event);
}

QString MetricChart::text() const
{
    QStringList lines;
    QStringList head{tr("time")};
    for (std::size_t i = 0; i < m_group.count; ++i)
        head.append(groupTitle(m_group) + QLatin1Char(' ') + metricName(m_group, i));
    lines.append(head.join(QLatin1Char('\t')));
    for (const Frame &frame : m_store.frames(m_proxy)) {
        if (frame.timeUs < m_time.endUs() - m_time.spanUs() || frame.timeUs > m_time.endUs())
            continue;
        QStringList cells{QDateTime::fromMSecsSinceEpoch(frame.timeUs / 1'000).toString(Qt::ISODateWithMs)};
        for (std::size_t i = 0; i < m_group.count; ++i) {
            const float value = frame[m_group.metrics[i]];
            cells.append(std::isnan(value) ? QString() : QString::number(static_cast<double>(value), 'g', 6));
        }
        lines.append(cells.join(QLatin1Char('\t')));
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace sallyport::metrics
