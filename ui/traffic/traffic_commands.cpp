// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/request/curl_line.h"
#include "ui/traffic/deciding_resource.h"
#include "ui/traffic/filter_edit.h"
#include "ui/traffic/request_table_view.h"
#include "ui/traffic/traffic_panel.h"

#include <QAction>
#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHeaderView>
#include <QJsonDocument>
#include <QMenu>
#include <QSaveFile>
#include <QtConcurrent>

namespace sallyport::traffic {

namespace {

void copy(const QString &text)
{
    QGuiApplication::clipboard()->setText(text);
}

} // namespace

std::optional<request::RequestDraft> TrafficPanel::draftOf(quint64 number) const
{
    const auto row = m_feed.store().row(number);
    if (!row)
        return std::nullopt;
    request::RequestDraft draft;
    draft.instance = row->source;
    draft.method = row->method;
    draft.url = QLatin1String("http://") + row->host + row->path;
    return draft;
}

void TrafficPanel::openContextMenu(const QPoint &position)
{
    QMenu menu;
    menu.addActions({m_actions.repeat, m_actions.edit, m_actions.why, m_actions.yaml});
    menu.addSeparator();
    menu.addActions({m_actions.curl, m_actions.copyText, m_actions.copyJson});
    menu.addSeparator();
    if (const auto row = m_feed.store().row(m_chosen)) {
        const auto filter = [this, &menu](const QString &title, const QString &text) {
            connect(menu.addAction(title), &QAction::triggered, this,
                    [this, text] { m_filter->setFilterText(text); });
        };
        filter(tr("Only host %1").arg(row->host), QStringLiteral("host == \"%1\"").arg(row->host));
        if (!row->decidedBy.isEmpty())
            filter(tr("Only what %1 decided").arg(row->decidedBy),
                   QStringLiteral("decided contains \"%1\"").arg(row->decidedBy));
        if (row->status > 0)
            filter(tr("Only status %1").arg(row->status), QStringLiteral("status == %1").arg(row->status));
        menu.addSeparator();
    }
    menu.addActions({m_actions.pause, m_actions.clear});
    menu.exec(position);
}

void TrafficPanel::copyText()
{
    const QHeaderView *header = m_table->horizontalHeader();
    QList<Column> columns;
    for (int i = 0; i < columnCount; ++i) {
        const int column = header->logicalIndex(i);
        if (!m_table->isColumnHidden(column))
            columns.append(static_cast<Column>(column));
    }
    QStringList lines;
    for (const quint64 number : m_table->selectedNumbers()) {
        const auto row = m_feed.store().row(number);
        if (!row)
            continue;
        QStringList cells;
        for (const Column column : std::as_const(columns))
            cells.append(cellText(*row, column));
        lines.append(cells.join(QLatin1Char('\t')));
    }
    copy(lines.join(QLatin1Char('\n')));
    Q_EMIT message(tr("Rows copied: %1").arg(lines.size()));
}

void TrafficPanel::copyJson()
{
    QByteArray text;
    int count = 0;
    for (const quint64 number : m_table->selectedNumbers()) {
        if (const auto row = m_feed.store().row(number)) {
            text += QJsonDocument(requestJson(*row, m_feed.store().entries(number)))
                        .toJson(m_table->selectedNumbers().size() == 1 ? QJsonDocument::Indented
                                                                       : QJsonDocument::Compact)
                        .trimmed() +
                    '\n';
            ++count;
        }
    }
    copy(QString::fromUtf8(text));
    Q_EMIT message(tr("Requests copied: %1").arg(count));
}

void TrafficPanel::copyCurl()
{
    if (const auto draft = draftOf(m_chosen)) {
        copy(request::kubectlLine(*draft));
        Q_EMIT message(tr("The curl line is copied"));
    }
}

void TrafficPanel::showYaml()
{
    const auto row = m_feed.store().row(m_chosen);
    if (!row || !m_context.project.project())
        return;
    std::vector<LogLine> lines;
    for (const control::LogEntry &entry : orderedEntries(m_feed.store().entries(m_chosen)))
        lines.push_back(LogLine::from(entry));
    const auto resource = decidingResource(*m_context.project.project(), *row, lines);
    if (!resource) {
        Q_EMIT message(tr("No resource of the project is about this request."));
        return;
    }
    m_context.selection.set(*resource);
    Q_EMIT yamlWanted();
}

void TrafficPanel::chooseExport(ExportFormat format)
{
    const bool har = format == ExportFormat::Har;
    auto *dialog = new QFileDialog(this, tr("Export requests"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilter(har ? tr("HTTP archive (*.har)") : tr("JSON lines (*.jsonl)"));
    dialog->setDefaultSuffix(har ? QStringLiteral("har") : QStringLiteral("jsonl"));
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, format](const QString &path) { exportTo(path, format); });
    dialog->open();
}

void TrafficPanel::exportTo(const QString &path, ExportFormat format)
{
    std::vector<quint64> numbers;
    for (int row = 0; row < m_model.rowCount(); ++row)
        numbers.push_back(m_model.number(row));
    m_exportPath = path;
    m_exportGoesOn = std::make_shared<std::atomic<bool>>(true);
    const auto work = [&store = m_feed.store(), numbers = std::move(numbers), path, format,
                       goesOn = m_exportGoesOn]() -> Result<quint64> {
        QSaveFile file(path);
        if (!file.open(QIODevice::WriteOnly))
            return fail("cannot be written: " + file.errorString().toStdString(), {path.toStdString()});
        auto written =
            exportRequests(store, numbers, format, file, [&goesOn](quint64) { return goesOn->load(); });
        if (written && goesOn->load() && !file.commit())
            return fail("cannot be written: " + file.errorString().toStdString(), {path.toStdString()});
        return written;
    };
    // The store lives as long as the panel, whose end waits for this.
    m_export.setFuture(QtConcurrent::run(work));
    updateActions();
}

} // namespace sallyport::traffic
