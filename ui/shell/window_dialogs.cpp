// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/certificates_panel.h"
#include "ui/metrics/metrics_panel.h"
#include "ui/problems/problems_panel.h"
#include "ui/request/request_panel.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/main_window.h"
#include "ui/topology/topology_panel.h"
#include "ui/traffic/traffic_panel.h"

#include <QApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>
#include <openssl/crypto.h>

namespace sallyport::shell {

namespace {

using theme::grid;
using theme::Look;

QString plain(QString text)
{
    return text.remove(QLatin1Char('&'));
}

QDialog *dialog(const QString &title, QWidget *parent)
{
    auto *made = new QDialog(parent);
    made->setAttribute(Qt::WA_DeleteOnClose);
    made->setWindowTitle(title);
    auto *layout = new QVBoxLayout(made);
    layout->setContentsMargins(3 * grid, 3 * grid, 3 * grid, 2 * grid);
    layout->setSpacing(grid);
    return made;
}

void addClose(QDialog *dialog)
{
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    dialog->layout()->addWidget(buttons);
}

} // namespace

std::vector<PaletteEntry> MainWindow::paletteEntries()
{
    const theme::Theme &theme = theme::Theme::instance();
    std::vector<PaletteEntry> entries;
    for (QAction *action : m_actions.all()) {
        if (action == m_actions[Command::EditPalette])
            continue;
        const QString keys = action->shortcut().toString(QKeySequence::NativeText);
        entries.push_back(
            {plain(action->text()),
             Actions::menuOf(action) + (keys.isEmpty() ? QString() : QStringLiteral("   ") + keys),
             action->icon(), action->isEnabled(), [action] { action->trigger(); }});
    }
    QList<QAction *> ofPanels = m_traffic->trafficActions();
    ofPanels.append(m_request->requestActions());
    ofPanels.append(m_certificates->certificateActions());
    ofPanels.append(m_metrics->metricsActions());
    ofPanels.append(m_problems->problemActions());
    for (QAction *action : ofPanels) {
        const QString keys = action->shortcut().toString(QKeySequence::NativeText);
        entries.push_back({plain(action->text()),
                           action->statusTip() + (keys.isEmpty() ? QString() : QStringLiteral("   ") + keys),
                           action->icon(), action->isEnabled(), [action] { action->trigger(); }});
    }
    const topology::Chain &chain = m_topology->model().chain();
    for (const topology::ChainNode &node : chain.nodes) {
        entries.push_back({node.title, node.name,
                           theme.icon(QStringLiteral("sidecar"), theme::Role::TextMuted), true,
                           [this, name = node.name] { m_selection.set(session::NodeSelection{name}); }});
    }
    for (const topology::ChainHop &hop : chain.hops) {
        entries.push_back({tr("Hop %1: %2").arg(hop.number).arg(topology::shortName(hop.kind)), hop.cluster,
                           theme.icon(QStringLiteral("arrow-right"), theme::Role::TextMuted), true,
                           [this, selection = hop.selection()] { m_selection.set(selection); }});
    }
    if (const session::ProjectPtr project = m_project.project()) {
        for (const model::Mesh &mesh : project->meshes) {
            for (const model::Resource *resource : mesh.allResources()) {
                if (resource->file.empty())
                    continue;
                const topology::ResourceLink link = topology::linkTo(*resource);
                entries.push_back({link.title, QString::fromStdString(resource->file),
                                   theme.icon(QStringLiteral("file"), theme::Role::TextMuted), true,
                                   [this, where = link.where] { m_selection.set(where); }});
            }
        }
    }
    return entries;
}

void MainWindow::openPalette()
{
    m_palette->open(paletteEntries());
}

void MainWindow::showShortcuts()
{
    QDialog *shown = dialog(tr("Keyboard shortcuts"), this);
    shown->setObjectName(QStringLiteral("shortcutsDialog"));
    auto *content = new QWidget(shown);
    auto *table = new QGridLayout(content);
    table->setVerticalSpacing(theme::half);
    table->setHorizontalSpacing(4 * grid);
    int row = 0;
    const auto add = [&](const QString &what, const QString &keys) {
        auto *name = new QLabel(what, content);
        auto *key = new QLabel(keys, content);
        theme::setLook(key, Look::Mono);
        table->addWidget(name, row, 0);
        table->addWidget(key, row++, 1);
    };
    const auto heading = [&](const QString &text) {
        auto *caption = new QLabel(text.toUpper(), content);
        theme::setLook(caption, Look::Caption);
        caption->setContentsMargins(0, grid, 0, 0);
        table->addWidget(caption, row++, 0, 1, 2);
    };
    QString menu;
    for (const QAction *action : m_actions.all()) {
        if (action->shortcut().isEmpty())
            continue;
        if (Actions::menuOf(action) != menu) {
            menu = Actions::menuOf(action);
            heading(menu);
        }
        add(plain(action->text()), action->shortcut().toString(QKeySequence::NativeText));
    }
    heading(tr("On the picture"));
    add(tr("Along the chain, back"), tr("Right, Left"));
    add(tr("To the workload or hop above, below"), tr("Up, Down"));
    add(tr("Move the selected card"), tr("Alt+arrow keys"));
    add(tr("Zoom in, out, fit"), QStringLiteral("+, -, 0"));
    add(tr("Move the picture"), tr("Middle button, or Space and drag"));
    add(tr("Menu of what is selected"), tr("Menu key"));
    table->setColumnStretch(0, 1);
    auto *area = new QScrollArea(shown);
    area->setWidget(content);
    area->setWidgetResizable(true);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    shown->layout()->addWidget(area);
    addClose(shown);
    shown->resize(64 * grid, 80 * grid);
    shown->open();
}

void MainWindow::showAbout()
{
    QDialog *shown = dialog(tr("About Sallyport"), this);
    shown->setObjectName(QStringLiteral("aboutDialog"));
    auto *icon = new QLabel(shown);
    constexpr int iconSize = 64;
    icon->setPixmap(windowIcon().pixmap(QSize(iconSize, iconSize), devicePixelRatioF()));
    auto *title = new QLabel(QStringLiteral("Sallyport ") + QApplication::applicationVersion(), shown);
    theme::setLook(title, Look::Title);
    auto *text =
        new QLabel(tr("A desktop console for mesh egress: draw the way out, run it on this machine through "
                      "real TLS, take the YAML to the mesh."),
                   shown);
    text->setWordWrap(true);
    auto *parts = new QLabel(
        QStringLiteral("Qt %1\n%2\nGPL-3.0-or-later")
            .arg(QString::fromLatin1(qVersion()), QString::fromLatin1(OpenSSL_version(OPENSSL_VERSION))),
        shown);
    theme::setLook(parts, Look::Mono);
    parts->setTextInteractionFlags(Qt::TextSelectableByMouse);
    shown->layout()->addWidget(icon);
    shown->layout()->addWidget(title);
    shown->layout()->addWidget(text);
    shown->layout()->addWidget(parts);
    addClose(shown);
    shown->setFixedWidth(52 * grid);
    shown->open();
}

} // namespace sallyport::shell
