// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/request/request_composer.h"

#include "ui/request/curl_line.h"
#include "ui/request/header_table.h"
#include "ui/theme/tab_button.h"
#include "ui/theme/theme.h"

#include <QButtonGroup>
#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScopedValueRollback>
#include <QSpinBox>
#include <QStackedWidget>
#include <QToolButton>
#include <algorithm>

namespace sallyport::request {

namespace {

using theme::grid;
using theme::Look;
using theme::Role;
using theme::TextStyle;
using theme::Theme;

/// Requests of a steady load that may be under way together.
constexpr int atOnce = 8;

QLabel *caption(const QString &text, QWidget *buddy, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setBuddy(buddy);
    theme::setLook(label, Look::Muted);
    return label;
}

} // namespace

RequestComposer::RequestComposer(QWidget *parent)
    : QWidget(parent)
    , m_from(new QComboBox(this))
    , m_method(new QComboBox(this))
    , m_url(new QLineEdit(this))
    , m_error(new QLabel(this))
    , m_headersTab(theme::tabButton(tr("Headers"), tr("Headers to send besides those that curl sends"), this))
    , m_bodyTab(theme::tabButton(tr("Body"), tr("What is sent with POST, PUT and PATCH"), this))
    , m_pages(new QStackedWidget(this))
    , m_headers(new HeaderTable(m_headerModel, this))
    , m_body(new QPlainTextEdit(this))
    , m_times(new QSpinBox(this))
    , m_interval(new QComboBox(this))
    , m_buttons(new QHBoxLayout)
    , m_tools(new QHBoxLayout)
{
    setObjectName(QStringLiteral("requestComposer"));
    makeRequestRow();
    theme::setLook(m_error, Look::Bad);
    m_error->setObjectName(QStringLiteral("requestError"));
    m_error->setWordWrap(true);
    m_error->hide();

    m_body->setObjectName(QStringLiteral("requestBody"));
    m_body->setAccessibleName(tr("Body"));
    m_body->setPlaceholderText(tr("No body"));
    m_body->setTabChangesFocus(true);
    theme::setLook(m_body, Look::Mono);
    m_body->setFont(Theme::instance().font(TextStyle::Mono));
    m_pages->addWidget(m_headers);
    m_pages->addWidget(m_body);
    auto *group = new QButtonGroup(this);
    group->addButton(m_headersTab, 0);
    group->addButton(m_bodyTab, 1);
    m_headersTab->setChecked(true);
    connect(group, &QButtonGroup::idToggled, this, [this](int id, bool checked) {
        if (checked)
            m_pages->setCurrentIndex(id);
    });
    m_tools->setSpacing(theme::half);
    m_tools->addWidget(caption(tr("&From"), m_from, this));
    m_tools->addSpacing(theme::half);
    m_tools->addWidget(m_from);
    m_tools->addSpacing(grid);
    m_tools->addWidget(m_headersTab);
    m_tools->addWidget(m_bodyTab);
    m_tools->addStretch();

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * grid, grid, 2 * grid, grid);
    layout->setSpacing(grid);
    layout->addLayout(m_buttons);
    layout->addWidget(m_error);
    layout->addLayout(m_tools);
    layout->addWidget(m_pages, 1);
    layout->addWidget(makeRepetition());
    layout->addWidget(
        makeCurlLine(tr("In the cluster"), m_kubectl, tr("The same request, sent in the cluster")));
    layout->addWidget(
        makeCurlLine(tr("On this machine"), m_local,
                     tr("The same request by curl, through the forward proxy of the workload")));
    connect(m_body, &QPlainTextEdit::textChanged, this, &RequestComposer::onEdited);
    connect(&m_headerModel, &HeaderTableModel::edited, this, &RequestComposer::onEdited);
    onEdited();
}

void RequestComposer::makeRequestRow()
{
    m_from->setObjectName(QStringLiteral("requestFrom"));
    m_from->setAccessibleName(tr("From workload"));
    m_from->setToolTip(tr("The workload whose application sends"));
    m_from->setMinimumWidth(12 * grid);
    m_method->setObjectName(QStringLiteral("requestMethod"));
    m_method->setAccessibleName(tr("Method"));
    m_method->setEditable(true);
    m_method->setInsertPolicy(QComboBox::NoInsert);
    m_method->addItems({QStringLiteral("GET"), QStringLiteral("POST"), QStringLiteral("PUT"),
                        QStringLiteral("PATCH"), QStringLiteral("DELETE"), QStringLiteral("HEAD"),
                        QStringLiteral("OPTIONS")});
    m_method->setFixedWidth(12 * grid);
    m_url->setMinimumWidth(16 * grid);
    m_url->setObjectName(QStringLiteral("requestUrl"));
    m_url->setAccessibleName(tr("URL"));
    m_url->setPlaceholderText(QStringLiteral("http://test.com/status/200"));
    theme::setLook(m_url, Look::Mono);
    m_url->setFont(Theme::instance().font(TextStyle::Mono));
    m_buttons->setSpacing(grid);
    m_buttons->addWidget(m_method);
    m_buttons->addWidget(m_url, 1);
    connect(m_from, &QComboBox::currentIndexChanged, this, [this] {
        if (!m_filling && m_from->currentIndex() >= 0)
            m_instance = m_from->currentData().toString();
        onEdited();
    });
    connect(m_method, &QComboBox::currentTextChanged, this, &RequestComposer::onEdited);
    connect(m_url, &QLineEdit::textChanged, this, &RequestComposer::onEdited);
    connect(m_url, &QLineEdit::returnPressed, this, &RequestComposer::sendWanted);
}

QWidget *RequestComposer::makeRepetition()
{
    auto *row = new QWidget(this);
    m_times->setObjectName(QStringLiteral("requestTimes"));
    m_times->setAccessibleName(tr("How often"));
    m_times->setRange(0, 1'000'000);
    m_times->setValue(1);
    m_times->setSpecialValueText(tr("until stopped"));
    m_times->setSuffix(tr(" ×"));
    m_times->setFixedWidth(15 * grid);
    m_interval->setObjectName(QStringLiteral("requestInterval"));
    m_interval->setAccessibleName(tr("How fast"));
    m_interval->addItem(tr("one after another"), QPoint(0, 1));
    m_interval->addItem(tr("every second"), QPoint(1'000, atOnce));
    m_interval->addItem(tr("ten a second"), QPoint(100, atOnce));
    m_interval->addItem(tr("%1 at a time").arg(atOnce), QPoint(0, atOnce));
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid);
    QLabel *label = caption(tr("How &often"), m_times, row);
    label->setFixedWidth(13 * grid - theme::half);
    layout->addWidget(label);
    layout->addWidget(m_times);
    layout->addWidget(m_interval);
    layout->addStretch();
    connect(m_times, &QSpinBox::valueChanged, this, [this](int times) {
        m_interval->setEnabled(times != 1);
        // What goes on until it is stopped should not be as fast as it can by accident.
        if (times == 0 && m_interval->currentIndex() == 0)
            m_interval->setCurrentIndex(1);
    });
    m_interval->setEnabled(false);
    return row;
}

QWidget *RequestComposer::makeCurlLine(const QString &name, QLineEdit *&line, const QString &tip)
{
    auto *row = new QWidget(this);
    line = new QLineEdit(row);
    line->setReadOnly(true);
    line->setAccessibleName(name);
    line->setToolTip(tip);
    theme::setLook(line, Look::Mono);
    line->setFont(Theme::instance().font(TextStyle::Mono));
    auto *copy = new QToolButton(row);
    copy->setToolTip(tr("Copy this line"));
    copy->setAccessibleName(tr("Copy the line: %1").arg(name));
    copy->setIcon(Theme::instance().icon(QStringLiteral("copy"), Role::TextMuted));
    connect(copy, &QToolButton::clicked, this, [this, line] {
        QGuiApplication::clipboard()->setText(line->text());
        Q_EMIT copied(tr("The curl line is copied"));
    });
    auto *label = caption(name, line, row);
    label->setFixedWidth(13 * grid);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::half);
    layout->addWidget(label);
    layout->addWidget(line, 1);
    layout->addWidget(copy);
    return row;
}

void RequestComposer::addButton(QWidget *button)
{
    m_buttons->addWidget(button);
}

void RequestComposer::addTool(QWidget *tool)
{
    m_tools->addWidget(tool);
}

RequestDraft RequestComposer::draft() const
{
    RequestDraft draft;
    draft.instance = m_instance;
    draft.method = m_method->currentText().trimmed().toUpper();
    draft.url = m_url->text().trimmed();
    draft.headers = m_headerModel.headers();
    draft.body = m_body->toPlainText();
    return draft;
}

void RequestComposer::setDraft(const RequestDraft &draft)
{
    {
        const QScopedValueRollback filling(m_filling, true);
        m_instance = draft.instance;
        m_method->setCurrentText(draft.method);
        m_url->setText(draft.url);
        m_url->setCursorPosition(0);
        m_headerModel.setHeaders(draft.headers);
        m_body->setPlainText(draft.body);
        (draft.headers.isEmpty() && !draft.body.isEmpty() ? m_bodyTab : m_headersTab)->setChecked(true);
        const int index = m_from->findData(m_instance);
        if (index >= 0)
            m_from->setCurrentIndex(index);
    }
    setError({});
    onEdited();
}

Repetition RequestComposer::repetition() const
{
    if (m_times->value() == 1)
        return {};
    const QPoint pace = m_interval->currentData().toPoint();
    return {m_times->value(), pace.x(), pace.y()};
}

void RequestComposer::setPlan(std::shared_ptr<const lab::LabPlan> plan)
{
    m_plan = std::move(plan);
    if (!m_plan) {
        m_from->setEnabled(false);
        onEdited();
        return;
    }
    {
        const QScopedValueRollback filling(m_filling, true);
        fillWorkloads();
    }
    onEdited();
}

void RequestComposer::fillWorkloads()
{
    m_from->clear();
    for (const lab::Instance &instance : m_plan->instances) {
        // Gateways have no application that could send.
        if (instance.gateway)
            continue;
        const QString name = QString::fromStdString(instance.name);
        m_from->addItem(name.mid(name.lastIndexOf(QLatin1Char('/')) + 1), name);
        m_from->setItemData(m_from->count() - 1,
                            instance.sidecar ? tr("%1, with a sidecar").arg(name)
                                             : tr("%1, without a proxy").arg(name),
                            Qt::ToolTipRole);
    }
    // Two meshes can have workloads of one name.
    QHash<QString, int> names;
    for (int i = 0; i < m_from->count(); ++i)
        ++names[m_from->itemText(i)];
    for (int i = 0; i < m_from->count(); ++i) {
        if (names.value(m_from->itemText(i)) > 1)
            m_from->setItemText(i, m_from->itemData(i).toString());
    }
    m_from->setEnabled(m_from->count() > 0);
    const int index = m_from->findData(m_instance);
    m_from->setCurrentIndex(std::max(index, 0));
    if (index < 0)
        m_instance = m_from->currentData().toString();
}

void RequestComposer::setError(const QString &error)
{
    m_error->setText(error);
    m_error->setVisible(!error.isEmpty());
    theme::setLook(m_url, error.isEmpty() ? Look::Mono : Look::Bad);
    m_url->setFont(Theme::instance().font(TextStyle::Mono));
}

void RequestComposer::focusUrl()
{
    m_url->setFocus(Qt::OtherFocusReason);
    m_url->selectAll();
}

void RequestComposer::onEdited()
{
    if (m_filling || !m_local)
        return;
    const RequestDraft now = draft();
    const int headers = static_cast<int>(std::count_if(now.headers.begin(), now.headers.end(),
                                                       [](const Header &header) { return header.enabled; }));
    m_headersTab->setText(headers == 0 ? tr("Headers") : tr("Headers %1").arg(headers));
    m_bodyTab->setText(now.body.isEmpty() ? tr("Body") : tr("Body %1 B").arg(now.body.toUtf8().size()));
    m_kubectl->setText(now.instance.isEmpty() ? QString() : kubectlLine(now));
    m_kubectl->setCursorPosition(0);
    QString local;
    if (m_plan) {
        for (const lab::Instance &instance : m_plan->instances) {
            if (QString::fromStdString(instance.name) == now.instance)
                local = localLine(now, instance);
        }
    }
    m_local->setText(local);
    m_local->setCursorPosition(0);
    m_local->setPlaceholderText(m_plan ? tr("This workload has no forward proxy") : tr("While the lab runs"));
    if (!m_error->isHidden())
        setError({});
    Q_EMIT edited();
}

} // namespace sallyport::request
